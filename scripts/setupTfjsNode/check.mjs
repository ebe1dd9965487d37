import { run } from './processes.mjs';

/** Runs in the child process: a crash in native code, or a library that stays open, is the child's alone. */
const script = `
  // tfjs-node 4.22 calls functions that Node 23 removed.
  const util = require('node:util');
  util.isNullOrUndefined ??= (x) => x == null;
  const tf = require(process.argv[1]);
  const n = 1000;
  const ones = tf.ones([n, n]);
  const multiply = () => {
    const start = performance.now();
    const product = tf.matMul(ones, ones);
    const entries = product.dataSync();
    const time = performance.now() - start;
    if (!entries.every((x) => x === n)) throw new Error('expected a product of ones, got something else');
    product.dispose();
    return time;
  };
  const times = Array.from({ length: 10 }, multiply);
  const gigaflops = (2 * n ** 3) / Math.min(...times) / 1e6;
  console.log('\\n' + JSON.stringify({ version: tf.backend().binding.TF_Version, gigaflops }));
`;

/** Loads tfjs-node from `folder` and multiplies two matrices; throws if that fails. */
export async function check(folder) {
  const output = await run(process.execPath, ['-e', script, folder], {
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
    limit: 120,
  });
  const { version, gigaflops } = JSON.parse(output.trim().split('\n').at(-1));
  return `TensorFlow ${version}, ${Math.round(gigaflops)} GFLOP/s in a product of 1000×1000 matrices`;
}

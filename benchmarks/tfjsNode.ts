/**
 * Rows of the EDJM and Gram matrices of all outputs with @tensorflow/tfjs-node, against ONNX Runtime, turn about in one process.
 *
 *     pnpm bench tfjs-node [--n 10000] [--repeats 5]
 */
import { parseArgs } from 'node:util';
import { onnxBackend } from '@edjm/backend-onnx';
import { tfjsBackend } from '@edjm/backend-tfjs';
import type { DifferentiableNetwork } from '@edjm/core';
import { seconds } from './largeProduct.ts';
import { median } from './median.ts';
import { SIZES, workloadNetwork } from './workload.ts';

const { values } = parseArgs({
  options: { n: { type: 'string', default: '10000' }, repeats: { type: 'string', default: '5' } },
});
const n = Number(values.n);
const outputs = Array.from({ length: SIZES.outputs }, (_, index) => index);

/** The whole job on one engine, in batches of the size that it prefers. */
function job(network: DifferentiableNetwork): () => Promise<number> {
  const rows = network.preferredBatchSize;
  const data = Float32Array.from({ length: rows * SIZES.inputs }, (_, i) => (i % 251) / 251);
  const batch = { rows, columns: SIZES.inputs, data };
  return () =>
    seconds(async () => {
      for (let done = 0; done < n; done += rows) await network.gram?.(batch, outputs);
    });
}

await using onnx = await onnxBackend().load(workloadNetwork());
await using tfjs = await tfjsBackend({ engine: 'tensorflow' }).load(workloadNetwork());
const [ofOnnx, ofTfjs] = [job(onnx), job(tfjs)];
const ratios: number[] = [];
for (let repeat = 0; repeat <= Number(values.repeats); repeat++) {
  const before = await ofOnnx();
  const time = await ofTfjs();
  const peer = (before + (await ofOnnx())) / 2;
  // The first time is for warming up.
  if (repeat === 0) continue;
  ratios.push(time / peer);
  console.log(
    `tfjs-node ${time.toFixed(2)} s, ONNX Runtime ${peer.toFixed(2)} s, ratio ${(time / peer).toFixed(2)}`,
  );
}
console.log(`median ratio ${median(ratios).toFixed(2)} (n = ${String(n)})`);

/**
 * Rows of the EDJM and Gram matrices of all outputs by WebAssembly and by native code, turn about in one process.
 *
 *     pnpm bench web-assembly [--n 500] [--repeats 3] [--threads 1]
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { onnxBackend } from '@edjm/backend-onnx';
import type { DifferentiableNetwork } from '@edjm/core';
import { median, operationsPerSample, SIZES, workloadNetwork } from './workload.ts';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '500' },
    repeats: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const n = Number(values.n);
const threads = Number(values.threads);
const outputs = Array.from({ length: SIZES.outputs }, (_, index) => index);

/** Operations a second. */
async function rate(network: DifferentiableNetwork): Promise<number> {
  const rows = network.preferredBatchSize;
  const data = Float32Array.from({ length: rows * SIZES.inputs }, (_, i) => (i % 251) / 251);
  const batch = { rows, columns: SIZES.inputs, data };
  await network.gram?.(batch, outputs);
  const runs = Math.ceil(n / rows);
  const start = performance.now();
  for (let run = 0; run < runs; run++) await network.gram?.(batch, outputs);
  return (runs * rows * operationsPerSample()) / ((performance.now() - start) / 1000);
}

await using native = await onnxBackend({ threads }).load(workloadNetwork());
await using webAssembly = await onnxBackend({ runtime: 'web', threads }).load(workloadNetwork());
const ratios: number[] = [];
for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
  const [fast, slow] = [await rate(native), await rate(webAssembly)];
  ratios.push(fast / slow);
  console.log(
    `native ${(fast / 1e9).toFixed(0)} GFLOP/s, WebAssembly ${(slow / 1e9).toFixed(1)} GFLOP/s, ratio ${(fast / slow).toFixed(1)}`,
  );
}
console.log(`median ratio ${median(ratios).toFixed(1)} (threads: ${String(threads)})`);

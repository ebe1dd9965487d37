/**
 * Rows of the EDJM and Gram matrices of all outputs, against the same floating-point operations as one large matrix
 * product by the same engine, turn about in one process.
 *
 *     pnpm bench main-job [--n 10000] [--repeats 5] [--batch 500]
 */
import { parseArgs } from 'node:util';
import { onnxBackend } from '@edjm/backend-onnx';
import { productRate, seconds } from './largeProduct.ts';
import { median, operationsPerSample, SIZES, workloadNetwork } from './workload.ts';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '10000' },
    repeats: { type: 'string', default: '5' },
    batch: { type: 'string' },
  },
});
const n = Number(values.n);
const repeats = Number(values.repeats);

await using network = await onnxBackend().load(workloadNetwork());
const rows = values.batch === undefined ? network.preferredBatchSize : Number(values.batch);
const batch = {
  rows,
  columns: SIZES.inputs,
  data: Float32Array.from({ length: rows * SIZES.inputs }, (_, i) => (i % 251) / 251),
};
const outputs = Array.from({ length: SIZES.outputs }, (_, index) => index);
const runs = Math.ceil(n / rows);

const jobSeconds = () =>
  seconds(async () => {
    for (let run = 0; run < runs; run++) await network.gram?.(batch, outputs);
  });

await network.gram?.(batch, outputs);
const operations = runs * rows * operationsPerSample();
const ratios: number[] = [];
for (let repeat = 0; repeat < repeats; repeat++) {
  const before = await productRate();
  const time = await jobSeconds();
  const peer = operations / ((before + (await productRate())) / 2);
  ratios.push(time / peer);
  console.log(
    `rows and Gram matrices ${time.toFixed(2)} s (${(operations / time / 1e9).toFixed(0)} GFLOP/s), one product ${peer.toFixed(2)} s (${(operations / peer / 1e9).toFixed(0)} GFLOP/s), ratio ${(time / peer).toFixed(2)}`,
  );
}
console.log(
  `median ratio ${median(ratios).toFixed(2)} (n = ${String(runs * rows)}, batches of ${String(rows)})`,
);

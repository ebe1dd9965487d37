/**
 * A step of training of 784-3000-3000-10 with momentum on @tensorflow/tfjs-node, against `model.trainOnBatch` of the same network, turn
 * about in one process.
 *
 *     pnpm bench tfjs-training [--batch 128] [--repeats 20]
 */
import { parseArgs } from 'node:util';
import { tfjsBackend } from '@edjm/backend-tfjs';
import { multilayerPerceptron } from '@edjm/network';
import tf from '@tensorflow/tfjs-node';
import { seconds } from './largeProduct.ts';
import { median } from './median.ts';

const { values } = parseArgs({
  options: { batch: { type: 'string', default: '128' }, repeats: { type: 'string', default: '20' } },
});
const rows = Number(values.batch);
const [dIn, width, dOut] = [784, 3000, 10];
const data = Float32Array.from({ length: rows * dIn }, (_, i) => (i % 251) / 251);
const labels = Float32Array.from({ length: rows * dOut }, (_, i) =>
  i % dOut === Math.floor(i / dOut) % dOut ? 1 : 0,
);

const hidden = [width, width];
const source = multilayerPerceptron({ dIn, hidden, dOut, seed: 1 });
await using network = await tfjsBackend({ tf }).loadTrainable(source);
const ours = (): Promise<number> =>
  seconds(async () => {
    const batch = { rows, columns: dIn, data };
    const targets = { rows, columns: dOut, data: labels };
    await network.step(batch, targets, { learningRate: 1e-3, momentum: 0.9 });
  });

const activation = 'relu';
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: width, activation, inputShape: [dIn], kernelInitializer: 'heNormal' }),
    tf.layers.dense({ units: width, activation, kernelInitializer: 'heNormal' }),
    tf.layers.dense({ units: dOut, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: tf.train.momentum(1e-3, 0.9), loss: 'categoricalCrossentropy' });
const theirs = (): Promise<number> =>
  seconds(async () => {
    const [x, y] = [tf.tensor2d(data, [rows, dIn]), tf.tensor2d(labels, [rows, dOut])];
    await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
  });

const times = { ours: [] as number[], theirs: [] as number[] };
for (let repeat = -3; repeat < Number(values.repeats); repeat++) {
  const [a, b] = [await ours(), await theirs()];
  // The first times are for warming up.
  if (repeat < 0) continue;
  times.ours.push(a);
  times.theirs.push(b);
}
const ratios = times.ours.map((time, i) => time / (times.theirs[i] ?? NaN));
const milliseconds = (list: readonly number[]) => (1000 * median(list)).toFixed(0);
console.log(
  `a step of ${String(rows)} samples ${milliseconds(times.ours)} ms, trainOnBatch ${milliseconds(times.theirs)} ms, median ratio ${median(ratios).toFixed(2)}`,
);

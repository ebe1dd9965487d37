/**
 * Trains the three networks of the demo on the built-in digits and writes them as .onnx: 1, 2 and 3 hidden layers of
 * 240 units, so that none has fewer directions than another by its width alone.
 *
 *     pnpm --filter @edjm/examples train
 *
 * The loss and its gradient with respect to the weights are one ONNX graph, written by @edjm/onnx-autodiff.
 */
import { writeFile } from 'node:fs/promises';
import { networkToModel } from '@edjm/backend-onnx';
import type { DenseMatrix } from '@edjm/core';
import { openDataset, openLabels } from '@edjm/datasets';
import { multilayerPerceptron, seededRandom } from '@edjm/network';
import {
  coveredOperators,
  differentiate,
  float32Tensor,
  GraphBuilder,
  tensorOf,
  valuesOf,
  writeModel,
  type Graph,
} from '@edjm/onnx-autodiff';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const HIDDEN = { 'relu-1x240': [240], 'relu-2x240': [240, 240], 'relu-3x240': [240, 240, 240] };
const CLASSES = 10;
const BATCH = 50;
const EPOCHS = 30;
const LEARNING_RATE = 0.05;
const MOMENTUM = 0.9;
/** The training part of the 10,000 digits; the others show how well the networks generalize. */
const TRAINING_SAMPLES = 9000;

/** The weights of a model, by name, that training changes in place. */
type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

function weightsOf(model: Graph): Weights {
  return new Map(
    [...model.initializers].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: Float32Array.from(valuesOf(tensor)) },
    ]),
  );
}

/** A graph that gives the mean cross-entropy of a batch and its gradient with respect to every weight. */
function lossGraph(model: Graph, weights: Weights, dIn: number): Graph {
  const builder = new GraphBuilder({ ...model, initializers: new Map() }, coveredOperators);
  for (const [name, { shape }] of weights) builder.addInput(name, { elementType: 'float32', shape });
  builder.addInput('input', { elementType: 'float32', shape: [BATCH, dIn] });
  const targets = builder.addInput('targets', { elementType: 'float32', shape: [BATCH, CLASSES] });
  for (const node of model.nodes) builder.addSourceNode(node);
  const chosen = builder.mul(builder.logSoftmax('output', -1), targets);
  const total = builder.reduceSum(chosen, [0, 1], { keepDims: false });
  const loss = builder.mul(total, -1 / BATCH);
  const cotangents = builder.constant(tensorOf('float32', [1], [1]));
  const names = [...weights.keys()];
  const gradients = differentiate(builder, { output: loss, inputs: names, cotangents });
  return builder.build([
    builder.nameOutput('loss', loss),
    ...gradients.map((gradient, index) => builder.nameOutput(`gradient of ${names[index] ?? ''}`, gradient)),
  ]);
}

function shuffled(count: number, uniform: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}

/** Momentum SGD on the cross-entropy; the rate falls linearly to zero. */
async function train(model: Graph, digits: DenseMatrix, labels: Int32Array): Promise<Weights> {
  const weights = weightsOf(model);
  const velocities = new Map([...weights].map(([name, { data }]) => [name, new Float32Array(data.length)]));
  const session = await InferenceSession.create(writeModel(lossGraph(model, weights, digits.columns)));
  const { uniform } = seededRandom(1);
  const steps = Math.floor(TRAINING_SAMPLES / BATCH);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = shuffled(TRAINING_SAMPLES, uniform);
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      const input = new Float32Array(BATCH * digits.columns);
      const targets = new Float32Array(BATCH * CLASSES);
      order.slice(step * BATCH, (step + 1) * BATCH).forEach((sample, row) => {
        input.set(
          digits.data.subarray(sample * digits.columns, (sample + 1) * digits.columns),
          row * digits.columns,
        );
        targets[row * CLASSES + (labels[sample] ?? 0)] = 1;
      });
      const results = await session.run({
        input: new Tensor('float32', input, [BATCH, digits.columns]),
        targets: new Tensor('float32', targets, [BATCH, CLASSES]),
        ...Object.fromEntries(
          [...weights].map(([name, { shape, data }]) => [name, new Tensor('float32', data, shape)]),
        ),
      });
      loss += Number(results['loss']?.data[0]) / steps;
      const rate = LEARNING_RATE * (1 - (epoch * steps + step) / (EPOCHS * steps));
      for (const [name, { data }] of weights) {
        const gradient = results[`gradient of ${name}`]?.data as Float32Array;
        const velocity = velocities.get(name) ?? new Float32Array(data.length);
        for (let index = 0; index < data.length; index++) {
          velocity[index] = MOMENTUM * (velocity[index] ?? 0) - rate * (gradient[index] ?? 0);
          data[index] = (data[index] ?? 0) + (velocity[index] ?? 0);
        }
      }
    }
    if (epoch % 10 === 9) console.log(`  epoch ${String(epoch + 1)}: loss ${loss.toFixed(5)}`);
  }
  await session.release();
  return weights;
}

async function accuracy(file: Uint8Array, digits: DenseMatrix, labels: Int32Array): Promise<number> {
  const session = await InferenceSession.create(file);
  const first = TRAINING_SAMPLES;
  const count = digits.rows - first;
  const input = new Tensor('float32', digits.data.slice(first * digits.columns) as Float32Array, [
    count,
    digits.columns,
  ]);
  const { output } = await session.run({ input });
  const logits = output?.data as Float32Array;
  let right = 0;
  for (let row = 0; row < count; row++) {
    const values = logits.subarray(row * CLASSES, (row + 1) * CLASSES);
    if (values.indexOf(Math.max(...values)) === labels[first + row]) right += 1;
  }
  await session.release();
  return right / count;
}

async function wholeDataset(): Promise<DenseMatrix> {
  const dataset = await openDataset('sample:digits');
  for await (const batch of dataset.batches(dataset.n)) return { ...batch, data: batch.data.slice() };
  throw new Error('expected digits, got none.');
}

const digits = await wholeDataset();
const labels = await openLabels('sample:digits');
for (const [name, hidden] of Object.entries(HIDDEN)) {
  console.log(name);
  const network = multilayerPerceptron({
    dIn: digits.columns,
    hidden,
    dOut: CLASSES,
    seed: 1,
    name,
  });
  const model = networkToModel(network);
  const trained = await train(model, digits, labels);
  const initializers = new Map(
    [...trained].map(([key, { shape, data }]) => [key, float32Tensor(shape, data)]),
  );
  const file = writeModel({ ...model, initializers });
  await writeFile(new URL(`${name}.onnx`, import.meta.url), file);
  console.log(
    `  accuracy ${(100 * (await accuracy(file, digits, labels))).toFixed(2)} % on ${String(digits.rows - TRAINING_SAMPLES)} other digits`,
  );
}

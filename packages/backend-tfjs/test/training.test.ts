import { cpuBackend } from '@edjm/backend-cpu';
import type { DenseMatrix, FloatArray } from '@edjm/core';
import {
  conv2d,
  dense,
  flatten,
  maxPool2d,
  multilayerPerceptron,
  type Network,
  relu,
  scale,
  seededRandom,
} from '@edjm/network';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

const random = seededRandom(5);
const values = (length: number) => Float32Array.from({ length }, () => random.normal());
const matrix = (rows: number, columns: number): DenseMatrix => ({
  rows,
  columns,
  data: values(rows * columns),
});
const row = (...data: number[]): DenseMatrix => ({
  rows: 1,
  columns: data.length,
  data: Float32Array.from(data),
});

const SAMPLES = 5;
const batch = matrix(SAMPLES, 6);
const targets = matrix(SAMPLES, 3);

const perceptron = multilayerPerceptron({ dIn: 6, hidden: [8], dOut: 3, seed: 1 });

/** Windows of max pooling that overlap, reach beyond the image and leave some of it out. */
const pooling: Network = {
  name: 'pooling',
  inputShape: [1, 6, 7],
  layers: [
    conv2d({ weight: { shape: [2, 1, 2, 2], data: values(8) }, bias: values(2) }),
    scale(values(2)),
    maxPool2d({ kernel: [3, 2], stride: [1, 3], padding: [0, 1, 1, 0] }),
    flatten(),
    dense({ weight: { shape: [2, 16], data: values(32) } }),
  ],
};

function expectClose(found: FloatArray | undefined, expected: FloatArray, tolerance: number) {
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(value - found![i]!)).toBeLessThanOrEqual(tolerance * largest);
  });
}

// What holds of every backend that trains is in conformance.test.ts.
describeEngines('training', (engine) => {
  const backend = tfjsBackend({ engine });

  it('leaves nothing in the engine', async () => {
    await using loaded = await backend.loadTrainable(perceptron);
    const options = { learningRate: 0.1, momentum: 0.9, batchStatistics: 0.1 };
    await loaded.step(batch, targets, options);
    const before = tf.memory().numTensors;
    await loaded.step(batch, targets, options);
    await loaded.gradients(batch, targets);
    await loaded.jacobianGradients(batch, [{ cotangents: targets, tangents: batch }]);
    await loaded.setStatistics(await loaded.statistics());
    expect(tf.memory().numTensors).toBe(before);
  });

  it('sends gradients of Jacobians through windows of max pooling as the backend in float64', async () => {
    const samples = matrix(SAMPLES, 42);
    const products = [1, 2].map(() => ({ cotangents: matrix(SAMPLES, 2), tangents: matrix(SAMPLES, 42) }));
    await using oracle = await cpuBackend().loadTrainable(pooling);
    await using loaded = await backend.loadTrainable(pooling);
    const found = await loaded.jacobianGradients(samples, products);
    for (const [name, expected] of await oracle.jacobianGradients(samples, products)) {
      expectClose(found.get(name), expected, 1e-5);
    }
  });

  it.each([1, 0, -1])('takes the first of equal values in max pooling, of %d', async (value) => {
    const samples = { ...matrix(2, 42), data: new Float32Array(84).fill(value) };
    const cotangents = matrix(2, 2);
    await using oracle = await cpuBackend().load(pooling);
    await using loaded = await backend.loadTrainable(pooling);
    const expected = (await oracle.vjp(samples, cotangents)).data;
    expectClose((await loaded.vjp(samples, cotangents)).data, expected, 1e-5);
    const ties: Network = {
      name: 'ties',
      inputShape: [1, 2, 2],
      layers: [
        scale(Float32Array.of(2)),
        maxPool2d({ kernel: 2 }),
        flatten(),
        dense({ weight: { shape: [1, 1], data: Float32Array.of(3) } }),
      ],
    };
    await using small = await backend.loadTrainable(ties);
    const products = [{ cotangents: row(1), tangents: row(5, 7, 11, 13) }];
    const found = await small.jacobianGradients(row(value, value, -2, value), products);
    expect([...found.get('0.scale')!]).toEqual([15]);
    expect([...found.get('3.weight')!]).toEqual([10]);
  });

  it('refuses gradients of Jacobians that are no numbers, and those of layers models', async () => {
    await using loaded = await backend.loadTrainable(perceptron);
    const infinite = { ...batch, data: batch.data.map(() => Infinity) };
    const product = { cotangents: targets, tangents: batch };
    await expect(loaded.jacobianGradients(batch, [{ ...product, tangents: infinite }])).rejects.toMatchObject(
      { code: 'INVALID_DATA' },
    );
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [6] })] });
    await using layers = await backend.loadTrainable(model);
    await expect(layers.jacobianGradients(batch, [product])).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('drops nothing behind the last weights', async () => {
    await using ends = await backend.loadTrainable({ ...perceptron, layers: [...perceptron.layers, relu()] });
    const outputs = async (dropout?: { hidden: number; seed: number }) => {
      let zeros = 0;
      const loss = ({ data, ...shape }: DenseMatrix) => {
        zeros = data.filter((value) => value === 0).length;
        return { value: 0, gradient: { ...shape, data: data.map(() => 0) } };
      };
      await ends.gradients({ ...batch, data: new Float32Array(SAMPLES * 6) }, targets, {
        loss,
        ...(dropout && { dropout }),
      });
      return zeros;
    };
    const bias = { shape: [3], data: Float32Array.of(1, 2, 3) };
    await ends.setParameters(new Map([['2.bias', bias]]));
    expect(await outputs({ hidden: 0.9, seed: 3 })).toBe(await outputs());
  });

  it('leaves layers of dropout to a layers model', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [6] })] });
    await using layers = await backend.loadTrainable(model);
    const step = layers.step(batch, targets, { learningRate: 0.1, dropout: { hidden: 0.5, seed: 1 } });
    await expect(step).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('leaves the statistics of a layers model as they were where it refuses', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [6] }),
        tf.layers.batchNormalization({ name: 'n' }),
        tf.layers.dense({ units: 3 }),
      ],
    });
    await using loaded = await backend.loadTrainable(model);
    const before = await loaded.statistics();
    expect([...before.keys()]).toEqual(['n/moving_mean', 'n/moving_variance']);
    const failing = () => ({ value: NaN, gradient: targets });
    await expect(loaded.step(batch, targets, { learningRate: 0.1, loss: failing })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
    const broken = { ...batch, data: batch.data.map(() => NaN) };
    await expect(loaded.step(broken, targets, { learningRate: 0.1 })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
    expect(await loaded.statistics()).toEqual(before);
    await loaded.step(batch, targets, { learningRate: 0.1 });
    expect(await loaded.statistics()).not.toEqual(before);
    const mean = { shape: [4], data: Float32Array.of(1, 2, 3, 4) };
    await loaded.setStatistics(new Map([['n/moving_mean', mean]]));
    expect(Array.from(await model.layers[1]!.weights[2]!.read().data())).toEqual([1, 2, 3, 4]);
  });

  it('trains all weights of nested models whose layers have one name', async () => {
    const nested = () =>
      tf.sequential({ layers: [tf.layers.dense({ units: 6, inputShape: [6], name: 'same' })] });
    const model = tf.sequential({ layers: [nested(), nested(), tf.layers.dense({ units: 3 })] });
    await using loaded = await backend.loadTrainable(model);
    expect(loaded.parameterShapes.size).toBe(6);
  });
});

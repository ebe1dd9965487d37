import { cpuBackend } from '@edjm/backend-cpu';
import type { DenseMatrix } from '@edjm/core';
import { dense, type Network, relu, seededRandom, softmax } from '@edjm/network';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tfjsBackend, type TfjsLoadOptions, type TfjsSource } from '../src/index.ts';
import { graphModel } from './graphModel.ts';

const random = seededRandom(11);
const rowsOf = (rows: number, columns: number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
const [a, b] = [rowsOf(5, 7), rowsOf(7, 3)];
const batch: DenseMatrix = { rows: 10, columns: 5, data: Float32Array.from(rowsOf(10, 5).flat()) };

/** y = W x of a matrix that multiplies rows from the right. */
const layerOf = (matrix: readonly (readonly number[])[]) =>
  dense({
    weight: {
      shape: [matrix[0]!.length, matrix.length],
      data: Float32Array.from(matrix[0]!.flatMap((_, column) => matrix.map((row) => row[column]!))),
    },
  });

/** The same network for the oracle. */
const network: Network = {
  name: 'network',
  inputShape: [5],
  layers: [layerOf(a), relu(), layerOf(b), softmax()],
};
const hiddenNetwork: Network = { ...network, layers: network.layers.slice(0, 2) };

function layersModel(options: { readonly batchSize?: number } = {}): tf.LayersModel {
  const shape =
    options.batchSize === undefined ? { inputShape: [5] } : { batchInputShape: [options.batchSize, 5] };
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 7, useBias: false, activation: 'relu', name: 'hidden', ...shape }),
      tf.layers.dropout({ rate: 0.9, seed: 1 }),
      tf.layers.dense({ units: 3, useBias: false, activation: 'softmax', name: 'classes' }),
    ],
  });
  model.setWeights([tf.tensor2d(a), tf.tensor2d(b)]);
  return model;
}

const plain = (x: tf.Tensor) =>
  tf.softmax(tf.matMul(tf.relu(tf.matMul(x as tf.Tensor2D, tf.tensor2d(a))), tf.tensor2d(b)));

const backend = tfjsBackend({ engine: 'wasm' });
const kinds = ['logit', 'probability', 'log-probability'] as const;

/** Outputs and rows agree with the oracle's. */
async function expectNetwork(
  source: TfjsSource,
  oracle: Network,
  options: TfjsLoadOptions = {},
): Promise<void> {
  await using found = await backend.load(source, options);
  await using expected = await cpuBackend().load(oracle, options);
  expect({ ...found }).toMatchObject({ dIn: 5, dOut: expected.dOut });
  const outputs = await expected.forward(batch);
  expectClose((await found.forward(batch)).data, outputs.data);
  const cotangents = { ...outputs, data: outputs.data.map((_, i) => Math.sin(i)) };
  expectClose((await found.vjp(batch, cotangents)).data, (await expected.vjp(batch, cotangents)).data);
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  const off = Math.max(...Array.from(expected, (value, i) => Math.abs(value - found[i]!)));
  expect(off / largest).toBeLessThan(1e-5);
}

beforeAll(async () => {
  await backend.engine();
  await tf.setBackend('wasm');
});
afterAll(() => {
  tf.disposeVariables();
});

describe('sources', () => {
  it.each(kinds)('take a layers model in memory: %s', async (outputKind) => {
    const model = layersModel();
    await expectNetwork(model, network, { outputKind });
    // It is still the caller's.
    expect((model.predict(tf.ones([1, 5])) as tf.Tensor).shape).toEqual([1, 3]);
    model.dispose();
  });

  it.each(kinds)('take a graph model in memory: %s', async (outputKind) => {
    const model = await graphModel(a, b);
    await expectNetwork(model, network, { outputKind });
    expect((model.predict(tf.ones([1, 5])) as tf.Tensor).shape).toEqual([1, 3]);
    model.dispose();
  });

  it.each(kinds)('take a function: %s', async (outputKind) => {
    await expectNetwork(plain, network, { outputKind, inputShape: [5] });
  });

  it('take hidden layers by name', async () => {
    await expectNetwork(layersModel(), hiddenNetwork, { output: 'hidden' });
    await expectNetwork(await graphModel(a, b), hiddenNetwork, { output: 'hidden' });
    await expectNetwork(await graphModel(a, b), network, { output: 'probabilities' });
  });

  it('take a model of a fixed batch size: the last run is filled up', async () => {
    await expectNetwork(layersModel({ batchSize: 4 }), network);
    await using loaded = await backend.load(layersModel({ batchSize: 4 }));
    expect(loaded.preferredBatchSize).toBe(4);
  });

  it('take a model whose input is left open, with its shape', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv1d({ inputShape: [null, 1], filters: 2, kernelSize: 3, activation: 'tanh' }),
        tf.layers.globalAveragePooling1d({}),
      ],
    });
    await using loaded = await backend.load(model, { inputShape: [6, 1] });
    expect({ ...loaded }).toMatchObject({ inputShape: [6, 1], dOut: 2 });
    await expect(backend.load(model)).rejects.toThrow(/leaves open \(\? × 1\)/);
    await expect(backend.load(model, { inputShape: [6, 2] })).rejects.toThrow(/fits \? × 1, got 6 × 2/);
  });

  it('are trained where they are: a layers model of the caller', async () => {
    const model = layersModel();
    const before = await model.getWeights()[0]!.data();
    await using loaded = await backend.loadTrainable(model);
    expect([...loaded.parameterShapes]).toEqual([
      ['hidden/kernel', [5, 7]],
      ['classes/kernel', [7, 3]],
    ]);
    const targets = {
      rows: 10,
      columns: 3,
      data: Float32Array.from({ length: 30 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
    };
    const { loss } = await loaded.step(batch, targets, { learningRate: 0.1 });
    expect(loss).toBeGreaterThan(0);
    const after = await model.getWeights()[0]!.data();
    expect(after).not.toEqual(before);
    expect((await loaded.parameters()).get('hidden/kernel')?.data).toEqual(after);
  });
});

describe('refusals', () => {
  const twoInputs = () => {
    const inputs = [tf.input({ shape: [2] }), tf.input({ shape: [2] })];
    return tf.model({ inputs, outputs: tf.layers.add().apply(inputs) as tf.SymbolicTensor });
  };
  const twoOutputs = () => {
    const input = tf.input({ shape: [2], name: 'in' });
    const outputs = ['first', 'second'].map(
      (name) => tf.layers.dense({ units: 1, name }).apply(input) as tf.SymbolicTensor,
    );
    return tf.model({ inputs: input, outputs });
  };

  it.each([
    ['several outputs', twoOutputs, {}, 'AMBIGUOUS', /there are 2: first, second/],
    ['several inputs', twoInputs, {}, 'UNSUPPORTED', /a model of one input, got 2/],
    ['a layer that is not there', layersModel, { output: 'attic' }, 'NOT_FOUND', /"attic". There are hidden/],
    ['a function without a shape', () => plain, {}, 'INVALID_ARGUMENT', /plain: expected inputShape/],
    ['an output of a function', () => plain, { inputShape: [5], output: 'y' }, 'INVALID_ARGUMENT', /"y"/],
    ['an output of a network', () => network, { output: 'y' }, 'INVALID_ARGUMENT', /network: .*"y"/],
    ['a shape that does not fit', () => plain, { inputShape: [4] }, 'ENGINE_FAILED', /plain: .*shapes/],
    [
      'a function of batches',
      () => (x: tf.Tensor) => tf.sub(x, tf.mean(x, 0)),
      { inputShape: [5] },
      'UNSUPPORTED',
      /do not depend on the other samples of its batch/,
    ],
    [
      'outputs that are rounded',
      () => (x: tf.Tensor) => tf.mul(tf.round(tf.relu(x)), 2),
      { inputShape: [5] },
      'UNSUPPORTED',
      /got Round, a step: its derivative is 0/,
    ],
    [
      'signs of floors',
      () => (x: tf.Tensor) => tf.sign(tf.floor(x)),
      { inputShape: [5] },
      'UNSUPPORTED',
      /got Sign, a step.*--output NAME/,
    ],
    [
      'whole numbers',
      () => (x: tf.Tensor) => tf.argMax(x, 1),
      { inputShape: [5] },
      'UNSUPPORTED',
      /got int32/,
    ],
    [
      'outputs that do not follow the input',
      () => (x: tf.Tensor) => tf.cast(tf.cast(x, 'int32'), 'float32'),
      { inputShape: [5] },
      'UNSUPPORTED',
      /depend on the input through operations with derivatives/,
    ],
    [
      'an operation without a derivative',
      () => (x: tf.Tensor) => tf.linalg.bandPart(tf.topk(x, 2).values, 1, 1),
      { inputShape: [5] },
      'UNSUPPORTED',
      /TopK/,
    ],
  ] as const)('%s', async (...[, make, options, code, message]) => {
    const error = { code, message: expect.stringMatching(message) as string };
    await expect(backend.load(make() as TfjsSource, options)).rejects.toMatchObject(error);
  });

  it('training of what has no parameters', async () => {
    await expect(backend.loadTrainable(await graphModel(a, b))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await expect(backend.loadTrainable(plain, { inputShape: [5] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});

describe('explain', () => {
  it('names what runs, forward and backward', async () => {
    await using loaded = await backend.load(layersModel());
    const [forward, reverse] = loaded.explain?.(20, 3) ?? [];
    expect(forward).toMatchObject({ pass: 'forward', of: 'wasm, 20 samples' });
    // The softmax is left off.
    const operations = forward?.nodes.filter((name) => !['Identity', 'Reshape'].includes(name));
    expect(operations).toEqual(['BatchMatMul', 'Relu', 'fusedMatMul']);
    expect(reverse?.nodes).toEqual(forward?.nodes.toReversed());
  });
});

describe('what is hard', () => {
  it.each(kinds)('a softmax behind which values are only put in order: %s', async (outputKind) => {
    const shaped = (x: tf.Tensor) => tf.reshape(plain(x), [-1, 3, 1]);
    await expectNetwork(shaped, network, { outputKind, inputShape: [5] });
  });

  it('a softmax of each place by itself, in all kinds of outputs', async () => {
    const places = (x: tf.Tensor) => tf.softmax(tf.reshape(tf.mul(x, 2), [-1, 2, 2]));
    const outputs = async (outputKind: (typeof kinds)[number]) => {
      await using loaded = await backend.load(places, { outputKind, inputShape: [4] });
      return Array.from(
        (await loaded.forward({ rows: 2, columns: 4, data: batch.data.subarray(0, 8) })).data,
      );
    };
    expectClose((await outputs('log-probability')).map(Math.exp), await outputs('probability'));
    expectClose(
      await outputs('logit'),
      Array.from(batch.data.subarray(0, 8), (value) => 2 * value),
    );
  });

  it('a derivative that passes the very cotangent on, to two inputs', async () => {
    const two = tf.customGrad((...inputs) => {
      const [p, q] = inputs as [tf.Tensor, tf.Tensor];
      return { value: tf.add(p, q), gradFunc: (dy: tf.Tensor) => [dy, dy] };
    });
    const f = (x: tf.Tensor) => {
      const [p, q] = [tf.square(x), tf.sin(x)];
      return tf.mul(two(two(p, q), p), q);
    };
    await using loaded = await backend.load(f, { inputShape: [2] });
    const x = [0.3, -0.7];
    const { data } = await loaded.vjp(
      { rows: 1, columns: 2, data: Float32Array.from(x) },
      { rows: 1, columns: 2, data: Float32Array.of(1, 1) },
    );
    // (2 x² + sin x) sin x
    const slope = (v: number) =>
      (4 * v + Math.cos(v)) * Math.sin(v) + (2 * v * v + Math.sin(v)) * Math.cos(v);
    expectClose(data, x.map(slope));
  });

  it('a tensor that several activations read, without a leak', async () => {
    const f = (x: tf.Tensor) => tf.mul(tf.tanh(x), tf.mul(tf.sigmoid(x), tf.relu(x)));
    await using loaded = await backend.load(f, { inputShape: [5] });
    const before = tf.memory().numTensors;
    await loaded.forward(batch);
    await loaded.jacobian?.(batch, [0, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('a function that keeps what it returns', async () => {
    let kept: tf.Tensor | undefined;
    const f = (x: tf.Tensor) => {
      kept?.dispose();
      kept = tf.keep(tf.tanh(x));
      return kept;
    };
    await using loaded = await backend.load(f, { inputShape: [5] });
    await loaded.forward(batch);
    expect(kept?.isDisposed).toBe(false);
    kept?.dispose();
  });

  it.each([
    [
      'mirrored padding',
      'MirrorPad',
      (x: tf.Tensor) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [1, 2],
          ],
          'reflect',
        ),
    ],
    [
      'a convolution in three dimensions on WebAssembly',
      'Conv3D',
      (x: tf.Tensor) =>
        tf.conv3d(
          tf.tile(x, [1, 4]).reshape<tf.Tensor5D>([-1, 5, 2, 1, 2]),
          tf.tensor5d(
            Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)),
            [2, 2, 1, 2, 2],
          ),
          1,
          'valid',
        ),
    ],
  ])('a derivative that TensorFlow.js gets wrong is refused: %s', async (...[, operation, f]) => {
    await expect(backend.load(f, { inputShape: [5] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(new RegExp(`differentiates rightly, got ${operation}`)) as string,
    });
  });

  it('a step beside a path with derivatives is not refused', async () => {
    await using network = await backend.load((x) => tf.add(tf.sign(x), tf.tanh(x)), { inputShape: [5] });
    expect(network.dOut).toBe(5);
  });

  it('samples that add up are refused, whichever of them is alone', async () => {
    await expect(backend.load((x) => tf.cumsum(x, 0), { inputShape: [5] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/do not depend on the other samples of its batch/) as string,
    });
  });

  it('weights that are no numbers', async () => {
    await expect(backend.load((x) => tf.mul(x, NaN), { inputShape: [5] })).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringMatching(/got NaN/) as string,
    });
  });
});

describe('batch normalization', () => {
  it.each([
    ['without a scale', { scale: false }],
    ['without an offset', { center: false }],
    ['without either', { scale: false, center: false }],
  ])('%s is differentiated', async (_, options) => {
    const model = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [5], ...options })] });
    await using loaded = await backend.load(model);
    const ones = { ...batch, data: batch.data.map(() => 1) };
    const { data } = await loaded.vjp(batch, ones);
    // Statistics of a new layer: mean 0 and variance 1.
    for (const value of data) expect(value).toBeCloseTo(1 / Math.sqrt(1 + 1e-3), 5);
  });
});

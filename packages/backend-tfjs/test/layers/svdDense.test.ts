import { EdjmError } from '@edjm/core';
import { singularVectors } from '@edjm/linalg';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsSvdLayers, type SvdDenseArgs } from '../../src/layers/index.ts';
import {
  built,
  expectClose,
  expectOrthonormalColumns,
  numbers,
  outputs,
  samples,
  values,
} from './layerKit.ts';

const { svdDense, SvdDense } = tfjsSvdLayers(tf);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('an SVD layer', () => {
  it('has the weights U, s, V and a bias, of rank min(d_in, units)', () => {
    const { layer } = built({ units: 3 }, 5);
    expect(layer.rank).toBe(3);
    expect(layer.weights.map(({ originalName }) => originalName.split('/').at(-1))).toEqual([
      'U',
      's',
      'V',
      'bias',
    ]);
    expect(layer.getWeights().map(({ shape }) => shape)).toEqual([[5, 3], [3], [3, 3], [3]]);
    expect(layer.trainableWeights).toHaveLength(4);
    expect(
      built({ units: 7, rank: 2, useBias: false }, 5)
        .layer.getWeights()
        .map(({ shape }) => shape),
    ).toEqual([[5, 2], [2], [7, 2]]);
  });

  it.each([
    [5, 3],
    [4, 9],
    [6, 6],
  ])('starts as the decomposition of the kernel that its initializer draws, %i → %i', async (dIn, units) => {
    const kernelInitializer = () => tf.initializers.heNormal({ seed: 3 });
    const dense = tf.layers.dense({ units, kernelInitializer: kernelInitializer(), inputShape: [dIn] });
    tf.sequential({ layers: [dense] });
    const { layer } = built({ units, kernelInitializer: kernelInitializer() }, dIn);
    const kernel = await numbers(dense.getWeights()[0]!);
    expectClose(await numbers(layer.mergedWeights()[0]!), kernel);
    const [U, s, V] = layer.getWeights();
    await expectOrthonormalColumns(U);
    await expectOrthonormalColumns(V);
    const data = Float64Array.from(kernel);
    expectClose(await numbers(s!), singularVectors({ rows: dIn, columns: units, data }).singularValues, 1e-6);
  });

  it('keeps the largest terms where the rank is lower', async () => {
    const args = { units: 6, kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) };
    const [, s] = await values(built(args, 8).layer);
    const { layer } = built({ ...args, rank: 2 }, 8);
    expectClose((await values(layer))[1]!, s!.slice(0, 2));
    await expectOrthonormalColumns(layer.getWeights()[0]);
  });

  it('gives any orthonormal vectors to a kernel of zeros, and a bias from its initializer', async () => {
    const args = { units: 4, kernelInitializer: 'zeros', biasInitializer: 'ones' } as const;
    const { layer } = built(args, 6);
    const [U, s, V, bias] = layer.getWeights();
    expect(await numbers(s!)).toEqual([0, 0, 0, 0]);
    expect(await numbers(bias!)).toEqual([1, 1, 1, 1]);
    await expectOrthonormalColumns(U);
    await expectOrthonormalColumns(V);
  });

  it('depends on the seed alone', async () => {
    const start = async (seed: number) => values(built({ units: 4, seed }, 4).layer);
    expect(await start(1)).toEqual(await start(1));
    expect(await start(1)).not.toEqual(await start(2));
  });

  it('draws the factors of a large kernel, with the singular values that such a kernel has', async () => {
    const [dIn, units] = [700, 650];
    const { layer } = built({ units, seed: 1 }, dIn);
    const [U, s, V] = layer.getWeights();
    await expectOrthonormalColumns(U);
    await expectOrthonormalColumns(V);
    const found = await numbers(s!);
    // glorotUniform has variance 2 / (d_in + units); the edges of the spectrum are those of random matrix theory.
    const deviation = Math.sqrt(2 / (dIn + units));
    expect(found[0]).toBeCloseTo(deviation * (Math.sqrt(dIn) + Math.sqrt(units)), 1);
    expect(found.at(-1)).toBeCloseTo(deviation * (Math.sqrt(dIn) - Math.sqrt(units)), 1);
    const squares = found.reduce((sum, value) => sum + value ** 2, 0);
    expect(squares / (dIn * units * deviation ** 2)).toBeCloseTo(1, 1);
  });

  it('decomposes a large kernel of another initializer', async () => {
    const args = { units: 700, rank: 3, kernelInitializer: 'identity' } as const;
    const [, s] = await values(built(args, 700).layer);
    expectClose(s!, [1, 1, 1]);
  }, 120_000);

  it.each(['relu', 'softmax', 'tanh', 'linear', undefined] as const)(
    'computes %s of x K + b',
    async (activation) => {
      const named = activation === undefined ? {} : { activation };
      const dense = tf.layers.dense({ units: 4, inputShape: [3], ...named });
      const model = tf.sequential({ layers: [dense] });
      const { layer, model: svd } = built({ units: 4, ...named }, 3);
      dense.setWeights([layer.mergedWeights()[0]!, tf.tensor([0.1, -0.2, 0.3, -0.4])]);
      layer.setWeights([...layer.getWeights().slice(0, 3), tf.tensor([0.1, -0.2, 0.3, -0.4])]);
      const x = samples([6, 3]);
      expectClose(await outputs(svd, x), await outputs(model, x));
    },
  );

  it('works on the last axis of inputs with more axes', async () => {
    const layer = svdDense({ units: 2, activation: 'relu', inputShape: [4, 3] });
    const model = tf.sequential({ layers: [layer] });
    expect(model.outputs[0]!.shape).toEqual([null, 4, 2]);
    const x = samples([5, 4, 3]);
    const flat = layer.apply(tf.reshape(x, [20, 3])) as tf.Tensor;
    expect(await outputs(model, x)).toEqual(await numbers(flat));
  });

  it('leaves the names of other layers as they would be', () => {
    const number = () => Number(tf.layers.dense({ units: 1 }).name.replace(/\D/g, ''));
    const before = number();
    built({ units: 2, activation: 'relu' }, 2);
    expect(number()).toBe(before + 1);
  });

  it.each<[string, SvdDenseArgs]>([
    ['rank', { units: 3, rank: 4, inputShape: [5] }],
    ['rank', { units: 3, rank: 0, inputShape: [5] }],
    ['rank', { units: 3, rank: 1.5, inputShape: [5] }],
    ['last axis', { units: 3, inputShape: [null] }],
    ['seed', { units: 3, seed: 0.5, inputShape: [5] }],
  ])('refuses a wrong %s: %j', (about, args) => {
    const call = () => tf.sequential({ layers: [svdDense(args)] });
    expect(call).toThrow(EdjmError);
    expect(call).toThrow(new RegExp(`expected .*${about}.*, got .*\\.`));
  });

  it('refuses what needs weights before there are any', async () => {
    const layer = svdDense({ units: 3 });
    expect(layer.rank).toBeUndefined();
    expect(() => layer.mergedWeights()).toThrow(/expected a layer that is built/);
    await expect(layer.orthogonalize()).rejects.toThrow(EdjmError);
  });

  it('gives the same class for the same instance', () => {
    expect(tfjsSvdLayers(tf).SvdDense).toBe(SvdDense);
    expect(tfjsSvdLayers({ ...tf }).SvdDense).toBe(SvdDense);
    expect(svdDense({ units: 1 })).toBeInstanceOf(SvdDense);
  });
});

describe('training', () => {
  const [x, y] = [samples([64, 5], 1), samples([64, 3], 2)];
  const trained = async (args: Partial<SvdDenseArgs> = {}) => {
    const { layer, model } = built({ units: 3, seed: 1, ...args }, 5);
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    const before = await values(layer);
    const { history } = await model.fit(x, y, { epochs: 5, shuffle: false });
    return { layer, model, before, after: await values(layer), loss: history['loss'] as number[] };
  };

  it('changes all weights, and lowers the loss', async () => {
    const { before, after, loss } = await trained();
    expect(loss[4]).toBeLessThan(loss[0]!);
    after.forEach((weight, i) => {
      expect(weight).not.toEqual(before[i]);
    });
  });

  it('gives the gradients that differences give', async () => {
    const { layer } = built({ units: 3, rank: 2, seed: 1, activation: 'tanh' }, 5);
    const loss = () => tf.mean(tf.square(tf.sub(layer.apply(x) as tf.Tensor, y))).asScalar();
    const { grads } = tf.variableGrads(loss);
    const step = 1e-2;
    for (const [i, weight] of layer.getWeights().entries()) {
      const variable = layer.weights[i]!;
      const [gradient] = await numbers(grads[variable.name]!);
      const [first, ...rest] = await numbers(weight);
      const at = async (value: number) => {
        variable.write(tf.tensor([value, ...rest], weight.shape));
        return (await numbers(loss()))[0]!;
      };
      const difference = ((await at(first! + step)) - (await at(first! - step))) / (2 * step);
      await at(first!);
      expect(Math.abs(gradient! - difference)).toBeLessThan(1e-3);
    }
  });

  it('regularizes the singular values', async () => {
    const plain = await trained();
    const sparse = await trained({ singularValueRegularizer: tf.regularizers.l1({ l1: 0.5 }) });
    const sum = (weights: number[][]) => weights[1]!.reduce((total, value) => total + Math.abs(value), 0);
    expect(sum(sparse.after)).toBeLessThan(0.8 * sum(plain.after));
  });

  it('leaves a layer that is not trainable as it is', async () => {
    const layer = svdDense({ units: 3, trainable: false, inputShape: [5] });
    const model = tf.sequential({ layers: [layer, tf.layers.dense({ units: 3 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const before = await values(layer);
    await model.fit(x, y, { epochs: 1 });
    expect(await values(layer)).toEqual(before);
  });

  it('is followed by factors that are orthonormal again, of the same function', async () => {
    const { layer, model } = await trained();
    const before = await outputs(model, x);
    const [kernel] = layer.mergedWeights();
    await layer.orthogonalize();
    expectClose(await outputs(model, x), before);
    const [U, s, V] = layer.getWeights();
    await expectOrthonormalColumns(U);
    await expectOrthonormalColumns(V);
    const data = await kernel!.data<'float32'>();
    expectClose(await numbers(s!), singularVectors({ rows: 5, columns: 3, data }).singularValues, 1e-6);
  });

  it('keeps the rank when it makes factors orthonormal', async () => {
    const { layer, model } = await trained({ rank: 2 });
    const before = await outputs(model, x);
    await layer.orthogonalize();
    expect(layer.rank).toBe(2);
    expectClose(await outputs(model, x), before);
  });
});

describe('memory', () => {
  it('is given back with the model', async () => {
    const x = samples([4, 6]);
    const before = tf.memory().numTensors;
    const { layer, model } = built({ units: 3, activation: 'relu', biasInitializer: 'ones' }, 6);
    expect(tf.memory().numTensors).toBe(before + 4);
    tf.dispose(model.predict(x));
    await layer.orthogonalize();
    tf.dispose(layer.mergedWeights());
    expect(tf.memory().numTensors).toBe(before + 4);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

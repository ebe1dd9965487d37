import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { tfjsBackend, type TfjsEngine } from '../../src/index.ts';
import { describeEngines, enginesInNode } from '../describeEngines.ts';

const LENGTH = 2 ** 20;

/** Values between 100 and 101. */
function around100(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 100 + ((i * 0.618033988749895) % 1));
}

/** Mean and variance in float64. */
function moments(values: Float32Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

/** The engine cpu adds in float64, and takes its time. */
const engines = enginesInNode.filter((engine) => engine !== 'cpu');

const define = (engine: TfjsEngine): void => {
  const values = around100(LENGTH);
  const { mean, variance } = moments(values);

  /** Outputs of a function of one sample, beside which the input is added as its derivative is needed. */
  const outputs = async (f: (x: tf.Tensor) => tf.Tensor): Promise<readonly number[]> => {
    const backend = tfjsBackend({ engine });
    const network = await backend.load((x: tf.Tensor) => f(x.reshape([x.shape[0], -1])), {
      inputShape: [LENGTH],
    });
    try {
      return Array.from((await network.forward({ rows: 1, columns: LENGTH, data: values })).data);
    } finally {
      await network.dispose();
    }
  };

  it.each([
    ['a mean', (x: tf.Tensor) => x.mean(1, true), mean],
    [
      'a sum of columns',
      (x: tf.Tensor) =>
        x
          .reshape([-1, LENGTH / 4, 4])
          .sum([1, 2])
          .reshape([-1, 1]),
      mean * LENGTH,
    ],
    [
      'a product of matrices',
      (x: tf.Tensor) => tf.matMul(x, tf.ones<tf.Rank.R2>([LENGTH, 1])),
      mean * LENGTH,
    ],
  ])('%s', async (_, f, right) => {
    const [found = NaN] = await outputs(f);
    expect(Math.abs(found / right - 1)).toBeLessThan(2e-6);
  });

  it('a variance', async () => {
    const [found = NaN] = await outputs((x) => tf.moments(x, 1, true).variance);
    expect(Math.abs(found / variance - 1)).toBeLessThan(1e-3);
  });

  it('batch statistics in training', async () => {
    const n = 64;
    const side = 64;
    const pixels = around100(n * side * side);
    const network = await tfjsBackend({ engine }).loadTrainable({
      name: 'statistics',
      inputShape: [1, side, side],
      layers: [
        {
          type: 'batchNorm',
          scale: Float32Array.of(1),
          bias: Float32Array.of(0),
          mean: Float32Array.of(0),
          variance: Float32Array.of(1),
          epsilon: 1e-5,
        },
        { type: 'globalAveragePool2d' },
        { type: 'flatten' },
        { type: 'dense', weight: { shape: [1, 1], data: Float32Array.of(1) } },
      ],
    });
    try {
      const batch = { rows: n, columns: side * side, data: pixels };
      const targets = { rows: n, columns: 1, data: new Float32Array(n) };
      await network.step(batch, targets, {
        learningRate: 1e-9,
        loss: 'squared-error',
        batchStatistics: 1,
      });
      const statistics = await network.statistics();
      const right = moments(pixels);
      const found = (name: string) => statistics.get(name)?.data[0] ?? NaN;
      expect(Math.abs(found('0.running_mean') / right.mean - 1)).toBeLessThan(1e-6);
      expect(Math.abs(found('0.running_var') / right.variance - 1)).toBeLessThan(1e-3);
    } finally {
      await network.dispose();
    }
  });

  it('layer normalization of many values has a derivative that is a few kernels', async () => {
    const model = tf.sequential({ layers: [tf.layers.layerNormalization({ inputShape: [16_384] })] });
    const network = await tfjsBackend({ engine }).load(model);
    const data = around100(16_384);
    const [row] = (await network.jacobian?.({ rows: 1, columns: 16_384, data }, [0])) ?? [];
    await network.dispose();
    model.dispose();
    const right = moments(data);
    const spread = Math.sqrt(right.variance + 1e-3);
    const normal = (i: number) => ((data[i] ?? NaN) - right.mean) / spread;
    const slope = (i: number) => ((i === 0 ? 1 : 0) - (1 + normal(0) * normal(i)) / 16_384) / spread;
    for (const i of [0, 1, 100]) expect(Math.abs((row?.data[i] ?? NaN) - slope(i))).toBeLessThan(1e-4);
  });
};

describeEngines('sums over 10⁶ values around 100', define, engines);

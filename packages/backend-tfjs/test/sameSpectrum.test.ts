/** The same networks and samples as on ONNX Runtime give the same spectra. */
import { onnxBackend } from '@edjm/backend-onnx';
import { analyze, type DifferentiableNetwork } from '@edjm/core';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  maxPool2d,
  type Network,
  relu,
  seededRandom,
  tanh,
  valueCount,
} from '@edjm/network';
import { wrongSingularValues } from '@edjm/testing';
import { memoryDataset } from '@edjm/testing/page';
import { describe, expect, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

const SAMPLES = 200;
const random = seededRandom(11);
const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
const positive = (length: number) => Float32Array.from({ length }, () => 0.5 + random.uniform());

/** Normal numbers that keep the variance of what goes in. */
function weight<Shape extends readonly number[]>(shape: Shape) {
  const fanIn = valueCount(shape.slice(1));
  return { shape, data: normal(valueCount(shape)).map((value) => value / Math.sqrt(fanIn)) };
}

const perceptron: Network = {
  name: 'perceptron',
  inputShape: [20],
  layers: [
    dense({ weight: weight([64, 20]), bias: normal(64) }),
    tanh(),
    dense({ weight: weight([32, 64]), bias: normal(32) }),
    relu(),
    dense({ weight: weight([5, 32]), bias: normal(5) }),
  ],
};

const convolutional: Network = {
  name: 'convolutional',
  inputShape: [2, 8, 8],
  layers: [
    conv2d({ weight: weight([6, 2, 3, 3]), bias: normal(6), padding: 1 }),
    batchNorm({ scale: positive(6), bias: normal(6), mean: normal(6), variance: positive(6) }),
    relu(),
    maxPool2d({ kernel: 2 }),
    conv2d({ weight: weight([8, 6, 3, 3]), bias: normal(8) }),
    tanh(),
    flatten(),
    dense({ weight: weight([5, 32]), bias: normal(5) }),
  ],
};

const cases = [perceptron, convolutional].map((source) => {
  const columns = valueCount(source.inputShape);
  const data = memoryDataset({ rows: SAMPLES, columns, data: normal(SAMPLES * columns) });
  const spectra = async (network: DifferentiableNetwork) => {
    const { outputs } = await analyze(network, data);
    return outputs.map(({ singularValues }) => singularValues);
  };
  return { name: source.name, source, spectra };
});

describeEngines('networks on ONNX Runtime and on TensorFlow.js', (engine) => {
  describe.each(cases)('$name', ({ source, spectra }) => {
    it('has the same spectra', async () => {
      await using expected = await onnxBackend().load(source);
      await using network = await tfjsBackend({ engine }).load(source);
      const found = await spectra(network);
      const right = await spectra(expected);
      expect(right).toHaveLength(5);
      for (const [output, values] of right.entries()) {
        expect(wrongSingularValues(found[output], values, { tolerance: 1e-4, smallest: 1e-3 })).toEqual([]);
      }
    });
  });
});

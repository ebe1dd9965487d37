/** Engines that train from the same weights on the same batches stay together: the loss to 1e-4 of itself over 50 steps. */
import { cpuBackend } from '@edjm/backend-cpu';
import { onnxBackend } from '@edjm/backend-onnx';
import { probeTfjsEngines, tfjsBackend } from '@edjm/backend-tfjs';
import type { DenseMatrix, StepOptions, TrainableNetwork } from '@edjm/core';
import { openDataset, openLabels } from '@edjm/datasets';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  heNormal,
  maxPool2d,
  multilayerPerceptron,
  type Network,
  relu,
  seededRandom,
} from '@edjm/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchAt } from '../src/data/batch.ts';
import { loadSamples, type LabeledSamples } from '../src/index.ts';

const STEPS = 50;
const BATCH = 16;

const random = seededRandom(3);
const convolutional: Network = {
  name: 'convolutional',
  inputShape: [1, 28, 28],
  layers: [
    averagePool2d({ kernel: 2 }),
    conv2d({ weight: heNormal([4, 1, 3, 3], random), bias: new Float32Array(4), padding: 1 }),
    batchNorm({
      scale: new Float32Array(4).fill(1),
      bias: new Float32Array(4),
      mean: new Float32Array(4),
      variance: new Float32Array(4).fill(1),
    }),
    relu(),
    maxPool2d({ kernel: 2 }),
    flatten(),
    dense({ weight: heNormal([10, 4 * 7 * 7], random), bias: new Float32Array(10) }),
  ],
};

const cases: Record<string, { readonly network: Network; readonly options: Partial<StepOptions> }> = {
  'a perceptron': {
    network: multilayerPerceptron({ dIn: 784, hidden: [40, 30], dOut: 10, seed: 1 }),
    options: { momentum: 0.9, weightDecay: 1e-4 },
  },
  'a perceptron with dropout': {
    network: multilayerPerceptron({ dIn: 784, hidden: [40], dOut: 10, seed: 2 }),
    options: { momentum: 0.9, nesterov: true, dropout: { input: 0.2, hidden: 0.5, seed: 0 } },
  },
  'a convolutional network with batch normalization': {
    network: convolutional,
    options: { momentum: 0.9, batchStatistics: 0.1 },
  },
};

const [tensorflow] = (await probeTfjsEngines()).filter(({ name }) => name === 'tensorflow');
const reason =
  tensorflow !== undefined && tensorflow.problem === undefined
    ? undefined
    : 'tfjs-node does not load: pnpm setup:tfjs-node';

let digits: LabeledSamples;
const losses = new Map<string, readonly number[]>();

async function train(
  load: Promise<TrainableNetwork>,
  options: Partial<StepOptions>,
): Promise<readonly number[]> {
  await using network = await load;
  const found: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const indices = Uint32Array.from({ length: BATCH }, (_, i) => (step * BATCH + i) % digits.samples.rows);
    const { batch, targets }: Record<'batch' | 'targets', DenseMatrix> = batchAt(digits, indices, 10);
    const { dropout } = options;
    const { loss } = await network.step(batch, targets, {
      learningRate: 0.02,
      ...options,
      ...(dropout && { dropout: { ...dropout, seed: step } }),
    });
    found.push(loss);
  }
  return found;
}

describe.each(Object.keys(cases))('%s', (name) => {
  const { network, options } = cases[name]!;

  beforeAll(async () => {
    digits = await loadSamples(await openDataset('sample:digits'), await openLabels('sample:digits'));
    losses.set(name, await train(cpuBackend().loadTrainable(network), options));
  }, 120_000);

  function compare(found: readonly number[]): void {
    const expected = losses.get(name)!;
    expect(expected.at(-1)).toBeLessThan(expected[0]!);
    for (const [step, loss] of expected.entries()) {
      expect(Math.abs(found[step]! - loss) / loss, `step ${step}`).toBeLessThan(1e-4);
    }
  }

  it('trains on ONNX Runtime as on the oracle', { timeout: 60_000 }, async () => {
    compare(await train(onnxBackend().loadTrainable(network), options));
  });

  const onTensorflow = 'trains on tfjs-node as on the oracle';
  it.skipIf(reason !== undefined)(
    reason === undefined ? onTensorflow : `${onTensorflow} (skipped: ${reason})`,
    { timeout: 60_000 },
    async () => {
      compare(await train(tfjsBackend({ engine: 'tensorflow' }).loadTrainable(network), options));
    },
  );
});

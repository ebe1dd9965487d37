import { cpuBackend } from '@edjm/backend-cpu';
import { onnxBackend } from '@edjm/backend-onnx';
import { tfjsBackend } from '@edjm/backend-tfjs';
import type { TrainableNetwork } from '@edjm/core';
import { multilayerPerceptron, type Network } from '@edjm/network';
import { jacobianFrobenius, singularValueBounding } from '@edjm/regularizers';
import { describe, expect, it } from 'vitest';
import { adam, momentumSgd, train, type TrainingOptions } from '../../src/index.ts';
import { memoryStore } from '../checkpoints/memoryStore.ts';
import { smallData, weightsOf } from '../problem.ts';

const data = smallData();
const perceptron = multilayerPerceptron({ dIn: 4, hidden: [6], dOut: 3, seed: 5 });

const engines: Record<string, (network: Network) => Promise<TrainableNetwork>> = {
  onnx: (network) => onnxBackend().loadTrainable(network),
  tfjs: async (network) => tfjsBackend({ engine: 'cpu' }).loadTrainable(network),
};

const runs: Record<string, TrainingOptions> = {
  momentum: {
    optimizer: momentumSgd({ nesterov: true }),
    weightDecay: 0.01,
    dropout: { hidden: 0.2, input: 0.1 },
  },
  adam: { optimizer: adam({ learningRate: 0.01 }) },
  regularizers: {
    optimizer: momentumSgd({ learningRate: 0.05 }),
    regularizers: [jacobianFrobenius({ strength: 0.01 }), singularValueBounding()],
  },
};

describe.each(Object.keys(engines))('training on the engine %s', (engine) => {
  const load = engines[engine]!;

  it.each(Object.keys(runs))(
    'ends near the weights of the oracle, and where it is resumed: %s',
    async (name) => {
      const options: TrainingOptions = {
        epochs: 3,
        batchSize: 13,
        seed: 2,
        restoreBest: false,
        ...runs[name],
      };
      await using network = await load(perceptron);
      const { history } = await train(network, data, options);
      await using oracle = await cpuBackend().loadTrainable(perceptron);
      const expected = await train(oracle, data, options);
      const [weights, exact] = [await weightsOf(network), await weightsOf(oracle)];
      for (const [parameter, values] of Object.entries(exact)) {
        for (const [i, value] of values.entries())
          expect(Math.abs(weights[parameter]![i]! - value)).toBeLessThan(1e-4);
      }
      expect(history.epochs[2]!.trainingLoss).toBeCloseTo(expected.history.epochs[2]!.trainingLoss, 4);

      const store = memoryStore();
      const stop = new AbortController();
      const onProgress = ({ epoch, step }: { epoch: number; step: number }) => {
        if (epoch === 2 && step === 3) stop.abort();
      };
      await using canceled = await load(perceptron);
      await expect(
        train(canceled, data, { ...options, checkpoints: { store }, signal: stop.signal, onProgress }),
      ).rejects.toMatchObject({ code: 'ABORTED' });
      await using resumed = await load(perceptron);
      await train(resumed, data, { ...options, checkpoints: { store, resume: true } });
      expect(await weightsOf(resumed)).toEqual(weights);
    },
  );
});

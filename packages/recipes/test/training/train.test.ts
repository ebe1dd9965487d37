import type { Regularizer, TrainableNetwork } from '@edjm/core';
import { batchNorm, dense, relu, seededRandom } from '@edjm/network';
import { cpuBackend } from '@edjm/backend-cpu';
import { describe, expect, it } from 'vitest';
import {
  adam,
  constantRate,
  halving,
  historyJson,
  momentumSgd,
  train,
  type TrainingData,
  type TrainingOptions,
  type TrainingProgress,
  validate,
} from '../../src/index.ts';
import { clouds, smallData, smallNetwork, weightsOf } from '../problem.ts';

const data = smallData();

async function trained(options: TrainingOptions): Promise<Record<string, readonly number[]>> {
  const network = await smallNetwork();
  await train(network, data, { epochs: 3, batchSize: 16, ...options });
  return weightsOf(network);
}

describe('train', () => {
  it('lowers the loss until most samples are told apart', async () => {
    const network = await smallNetwork();
    const before = await validate(network, data.validation);
    const { history } = await train(network, data, { epochs: 15, batchSize: 10 });
    const losses = history.epochs.map(({ trainingLoss }) => trainingLoss);
    expect(losses).toHaveLength(15);
    expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!);
    expect(before.accuracy).toBeLessThan(0.7);
    expect(history.epochs.at(-1)!.validation.accuracy).toBeGreaterThan(0.85);
    expect(history.stopped).toBe('epochs');
  });

  it('repeats itself bit for bit, and depends on the seed', async () => {
    const options = { dropout: { hidden: 0.3, input: 0.1 }, weightDecay: 1e-3 };
    const once = await trained({ ...options, seed: 1 });
    expect(await trained({ ...options, seed: 1 })).toEqual(once);
    expect(await trained({ ...options, seed: 2 })).not.toEqual(once);
    expect(await trained({ weightDecay: 1e-3, seed: 1 })).not.toEqual(once);
  });

  it('takes the steps of the engine on batches of the whole data in a seeded order', async () => {
    const network = await smallNetwork();
    const batches: number[][] = [];
    const spied: TrainableNetwork = Object.create(network, {
      step: {
        value: async (...[batch, targets, options]: Parameters<TrainableNetwork['step']>) => {
          batches.push([...batch.data]);
          expect(options).toMatchObject({
            learningRate: 0.05,
            momentum: 0.5,
            nesterov: true,
            weightDecay: 0.01,
          });
          return network.step(batch, targets, options);
        },
      },
      setParameters: { value: network.setParameters.bind(network) },
      setStatistics: { value: network.setStatistics.bind(network) },
      parameters: { value: network.parameters.bind(network) },
      statistics: { value: network.statistics.bind(network) },
      velocities: { value: network.velocities.bind(network) },
      forward: { value: network.forward.bind(network) },
    }) as TrainableNetwork;
    await train(spied, data, {
      epochs: 2,
      batchSize: 16,
      optimizer: momentumSgd({ learningRate: 0.05, momentum: 0.5, nesterov: true }),
      weightDecay: 0.01,
    });
    expect(batches.map((batch) => batch.length / 4)).toEqual([16, 16, 16, 2, 16, 16, 16, 2]);
    const [first, second] = [batches.slice(0, 4).flat(), batches.slice(4).flat()];
    const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
    expect(sorted(first)).toEqual(sorted(data.training.samples.data));
    expect(sorted(second)).toEqual(sorted(first));
    expect(second).not.toEqual(first);
  });

  it('begins anew on a network that was trained before: its velocities are no start', async () => {
    const used = await smallNetwork();
    await train(used, data, { epochs: 1, restoreBest: false });
    const fresh = await smallNetwork();
    await fresh.setParameters(await used.parameters());
    const options = { epochs: 2, seed: 3 };
    await train(used, data, options);
    await train(fresh, data, options);
    expect(await weightsOf(used)).toEqual(await weightsOf(fresh));
  });

  it('reports the mean loss of the samples, also if the last batch has fewer', async () => {
    // Nothing changes by steps so small.
    const optimizer = momentumSgd({ learningRate: 1e-12, momentum: 0 });
    const network = await smallNetwork();
    const { history } = await train(network, data, { epochs: 1, batchSize: 49, optimizer });
    const { loss } = await validate(network, data.training);
    expect(history.epochs[0]!.trainingLoss).toBeCloseTo(loss, 8);
  });

  it('ends with the parameters of the best epoch, or of the last', async () => {
    // A rate so large that epochs get worse too.
    const optimizer = momentumSgd({ learningRate: 8, momentum: 0 });
    for (const restoreBest of [true, false]) {
      const network = await smallNetwork();
      const { history } = await train(network, data, { epochs: 8, optimizer, restoreBest, monitor: 'loss' });
      const losses = history.epochs.map(({ validation }) => validation.loss);
      expect(history.best).toEqual({
        epoch: losses.indexOf(Math.min(...losses)) + 1,
        result: Math.min(...losses),
      });
      expect(history.best!.epoch).toBeLessThan(8);
      const { loss } = await validate(network, data.validation);
      expect(loss).toBe(restoreBest ? history.best!.result : losses.at(-1));
    }
  });

  it('follows the schedule and stops early, by the results of validation', async () => {
    // Nothing changes by steps so small.
    const optimizer = momentumSgd({ learningRate: 1e-9, momentum: 0 });
    const rates = async (options: TrainingOptions): Promise<[number[], string]> => {
      const { history } = await train(await smallNetwork(), data, { optimizer, epochs: 9, ...options });
      return [history.epochs.map(({ learningRate }) => learningRate / 1e-9), history.stopped];
    };
    expect(await rates({ epochs: 4, schedule: halving({ patience: 2 }) })).toEqual([
      [1, 1, 1, 0.5],
      'epochs',
    ]);
    expect(await rates({ schedule: halving({ patience: 1, least: 2e-10 }) })).toEqual([
      [1, 1, 0.5, 0.25],
      'learning-rate',
    ]);
    expect(await rates({ schedule: constantRate(), earlyStop: { patience: 3 } })).toEqual([
      [1, 1, 1, 1],
      'early-stop',
    ]);
  });

  it('tells of every step and every epoch', async () => {
    const progress: TrainingProgress[] = [];
    const epochs: number[] = [];
    const { history } = await train(await smallNetwork(), data, {
      epochs: 2,
      batchSize: 20,
      onProgress: (one) => progress.push(one),
      onEpoch: ({ epoch }) => epochs.push(epoch),
    });
    expect(progress.map(({ epoch, step, steps }) => [epoch, step, steps])).toEqual([
      [1, 1, 3],
      [1, 2, 3],
      [1, 3, 3],
      [2, 1, 3],
      [2, 2, 3],
      [2, 3, 3],
    ]);
    expect(epochs).toEqual([1, 2]);
    expect(progress[2]!.loss).toBe(history.epochs[0]!.trainingLoss);
    expect(progress[2]).not.toHaveProperty('accuracy');
    expect(progress[3]!.accuracy).toBe(history.epochs[0]!.validation.accuracy);
    expect(progress[0]!.secondsLeft).toBeGreaterThan(0);
    expect(progress[5]!.secondsLeft).toBe(0);
    expect(JSON.parse(historyJson(history))).toEqual(history);
    expect(history.version).toBe(1);
  });

  it('trains on numbers instead of classes', async () => {
    const random = seededRandom(1);
    const samples = { rows: 40, columns: 4, data: Float32Array.from({ length: 160 }, random.normal) };
    const targets = {
      rows: 40,
      columns: 3,
      data: Float32Array.from({ length: 120 }, (_, i) => samples.data[i]! / 2),
    };
    const regression: TrainingData = { training: { samples, targets }, validation: { samples, targets } };
    const { history } = await train(await smallNetwork(), regression, {
      epochs: 20,
      optimizer: adam({ learningRate: 0.02 }),
      loss: 'squared-error',
    });
    expect(history.monitor).toBe('loss');
    expect(Object.keys(history.epochs[0]!.validation)).toEqual(['loss']);
    expect(history.epochs[19]!.validation.loss).toBeLessThan(0.5 * history.epochs[0]!.validation.loss);
  });

  it('moves the statistics of batch normalization', async () => {
    const weight = { shape: [3, 4], data: Float64Array.from({ length: 12 }, seededRandom(3).normal) };
    const [ones, zeros] = [new Float64Array(4).fill(1), new Float64Array(4)];
    const network = await cpuBackend().loadTrainable({
      name: 'normalized',
      inputShape: [4],
      layers: [
        batchNorm({ scale: ones, bias: zeros, mean: zeros, variance: ones }),
        relu(),
        dense({ weight }),
      ],
    });
    const options: TrainingOptions = { epochs: 4, batchStatistics: 0.5, restoreBest: true, monitor: 'loss' };
    await train(network, data, options);
    const mean = (await network.statistics()).get('0.running_mean')!.data;
    expect(mean[0]).toBeGreaterThan(0.5);
    await expect(train(network, data, { ...options, batchSize: 7 })).rejects.toThrow(
      /expected no batch of 1 sample/,
    );
    await expect(train(network, data, { ...options, batchSize: 1 })).rejects.toThrow(
      /expected no batch of 1 sample/,
    );
  });

  it('records spectra between steps, which change nothing', async () => {
    const spectrum = { every: 2, samples: clouds(20, 9).samples };
    const network = await smallNetwork();
    const { history } = await train(network, data, { epochs: 4, batchSize: 16, spectrum });
    const records = history.epochs.map((record) => record.spectrum);
    expect(records.map((record) => record !== undefined)).toEqual([false, true, false, true]);
    expect(Object.keys(records[1]!.metrics)).toEqual(['edjm-score']);
    expect(records[1]!.normalizedSpectrum).toHaveLength(4);
    expect(records[1]!.normalizedSpectrum[0]).toBeCloseTo(1, 12);
    expect(await weightsOf(network)).toEqual(await trained({ epochs: 4 }));
  });
});

/** λ ½ ‖W‖² of all weights, as a penalty: the same as weight decay. */
const decay: Regularizer<'parameters'> = {
  name: 'decay',
  needs: ['parameters'],
  parameterNames: ['0.weight', '2.weight'],
  penalty: ({ parameters }) =>
    [...parameters.values()].reduce(
      (sum, { data: values }) => sum + [...values].reduce((s, w) => s + 0.05 * 0.5 * w * w, 0),
      0,
    ),
  gradient: ({ parameters }) => ({
    parameters: new Map(
      [...parameters].map(([name, { data: values }]) => [name, Float64Array.from(values, (w) => 0.05 * w)]),
    ),
  }),
};

describe('train with regularizers', () => {
  it.each([momentumSgd(), adam()])(
    'adds their gradients: a penalty of weights is weight decay, $name',
    async (optimizer) => {
      const byPenalty = await trained({ optimizer, regularizers: [decay] });
      const byDecay = await trained({ optimizer, weightDecay: 0.05 });
      for (const [name, values] of Object.entries(byDecay)) {
        for (const [i, value] of values.entries()) expect(byPenalty[name]![i]).toBeCloseTo(value, 10);
      }
      expect(byDecay).not.toEqual(await trained({ optimizer }));
    },
  );

  it('records the penalty of the first evaluation of an epoch, and of every tenth', async () => {
    const steps: number[] = [];
    const counting: Regularizer = {
      name: 'counting',
      needs: [],
      every: 3,
      penalty: (_, { step }) => {
        steps.push(step);
        return step;
      },
      gradient: () => ({}),
    };
    const { history } = await train(await smallNetwork(), data, {
      epochs: 2,
      batchSize: 10,
      regularizers: [counting],
    });
    expect(steps).toEqual([0, 6]);
    expect(history.epochs.map(({ penalties }) => penalties['counting'])).toEqual([0, 6]);
  });

  it.each([
    [2, 50, [2, 4, 5, 6, 8, 10, 10]],
    ['epoch', 50, [5, 10]],
  ] as const)('projects every %s, and before each validation', async (every, _, expected) => {
    const network = await smallNetwork();
    const at: number[] = [];
    let step = 0;
    const clipping: Regularizer = {
      name: 'clipping',
      needs: [],
      penalty: () => 0,
      gradient: () => {
        step++;
        return {};
      },
      projection: {
        every,
        parameterNames: ['0.weight'],
        apply: (parameters, velocities) => {
          at.push(step);
          expect([...parameters.keys()]).toEqual(['0.weight']);
          expect(velocities.size).toBe(4);
          const clipped = [...parameters].map(([name, { shape, data: values }]) => {
            return [name, { shape, data: values.map((w) => Math.max(-0.3, Math.min(0.3, w))) }] as const;
          });
          return { parameters: new Map(clipped) };
        },
      },
    };
    await train(network, data, { epochs: 2, batchSize: 10, regularizers: [clipping] });
    expect(at).toEqual(expected);
    const weights = (await weightsOf(network))['0.weight']!;
    expect(Math.max(...weights.map(Math.abs))).toBe(0.3);
  });

  it('refuses two of one name', async () => {
    await expect(trained({ regularizers: [decay, decay] })).rejects.toThrow(/expected a name once each/);
  });
});

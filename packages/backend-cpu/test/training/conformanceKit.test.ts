import type { StepOptions, TrainableNetwork } from '@edjm/core';
import { type TrainableBackendUnderTest, testTrainableBackend, type TestRunner } from '@edjm/conformance';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../../src/index.ts';

/** Parts of a network with a known fault, given the network that is right. */
type Fault = (network: TrainableNetwork) => Partial<TrainableNetwork>;

/** Runs the kit on this backend with a fault, as far as titles hold `filter`; messages of the tests that failed, by title. */
async function failuresWith(
  fault: Fault,
  filter: string,
  more: Partial<TrainableBackendUnderTest> = {},
): Promise<Map<string, string>> {
  const tests: [string, () => Promise<void>][] = [];
  const add = (title: string, body: () => Promise<void>): void => void tests.push([title, body]);
  const runner: TestRunner = {
    describe: (_, body) => {
      body();
    },
    it: Object.assign(add, {
      skip: (title: string) => void tests.push([title, () => Promise.reject(new Error('skipped'))]),
    }),
  };
  const load = async (
    ...source: Parameters<TrainableBackendUnderTest['load']>
  ): Promise<TrainableNetwork> => {
    const network = await cpuBackend().loadTrainable(...source);
    const faulty = fault(network);
    return new Proxy(network, {
      get(target, key: keyof TrainableNetwork): unknown {
        const value: unknown = Reflect.get(key in faulty ? faulty : target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
  testTrainableBackend({ name: 'faulty', load, ...more }, runner);
  const failures = new Map<string, string>();
  for (const [title, body] of tests.filter(([name]) => name.includes(filter))) {
    await body().catch((error: unknown) => failures.set(title, String(error)));
  }
  return failures;
}

/** A step with some of its options replaced. */
function stepWith(replace: (options: StepOptions) => Partial<StepOptions>): Fault {
  return (network) => ({
    step: (batch, targets, options) => network.step(batch, targets, { ...options, ...replace(options) }),
  });
}

describe('testTrainableBackend', () => {
  it('refuses to skip what does not exist, and reports what it skips', async () => {
    const none: Fault = () => ({});
    const skip = (test: string) => ({ unsupported: [{ test, reason: 'no time' }] });
    await expect(failuresWith(none, '', skip('perceptron'))).rejects.toThrow(/got 'perceptron'/);
    const skipped = await failuresWith(none, 'disposed', skip('is disposed of once and for all'));
    expect([...skipped.keys()]).toEqual(['is disposed of once and for all (not supported: no time)']);
  });

  it.each<[string, Fault, string, RegExp]>([
    [
      'gradients',
      (network) => ({
        gradients: async (...batch) => {
          const { loss, gradients } = await network.gradients(...batch);
          const wrong = new Map(
            [...gradients].map(([name, values]) => [name, values.map((value) => 1.001 * value)]),
          );
          return { loss, gradients: wrong };
        },
      }),
      'perceptron, cross-entropy',
      /gradients, 0.weight: expected/,
    ],
    [
      'losses',
      (network) => ({ step: async (...step) => ({ loss: 2 * (await network.step(...step)).loss }) }),
      'perceptron, cross-entropy',
      /loss: expected/,
    ],
    [
      'directions',
      stepWith(({ learningRate }) => ({ learningRate: 2 * learningRate })),
      'perceptron, cross',
      /steps, /,
    ],
    [
      'Jacobian products',
      (network) => ({
        jacobianGradients: (batch, products) => network.jacobianGradients(batch, products.slice(1)),
      }),
      'perceptron',
      /jacobianGradients, /,
    ],
    ['dropout', stepWith(() => ({ dropout: { seed: 1 } })), 'perceptron, dropout', /loss: expected/],
    [
      'dropout seeds',
      stepWith(({ dropout }) => (dropout ? { dropout: { ...dropout, seed: 1 } } : {})),
      'same seed',
      /another seed/,
    ],
    [
      'batch statistics',
      stepWith(() => ({ batchStatistics: 1 })),
      'features, batch statistics: steps',
      /statistics, 1.running_mean/,
    ],
    ['momentum', stepWith(() => ({ momentum: 0 })), 'rule: momentum', /parameters after 3 steps/],
    ['Nesterov', stepWith(() => ({ nesterov: false })), 'rule: Nesterov', /parameters after 3 steps/],
    ['weight decay', stepWith(() => ({ weightDecay: 0 })), 'rule: weight decay', /parameters after 3 steps/],
    ['added gradients', stepWith(() => ({ addedGradients: new Map() })), 'adds', /added gradients, 0.weight/],
    [
      "losses of one's own",
      stepWith(({ loss }) => (typeof loss === 'function' ? { loss: 'cross-entropy' } : {})),
      'own',
      /parameters after steps with a loss of one's own/,
    ],
    ['velocities', () => ({ setVelocities: async () => undefined }), 'goes on', /the network that goes on/],
    ['statistics', () => ({ setStatistics: async () => undefined }), 'gives and takes', /forward/],
    [
      'names',
      (network) => ({ parameters: async () => network.parameters() }),
      'gives and takes',
      /parameters of two names, names/,
    ],
    [
      'half a change',
      (network) => ({
        setParameters: async (values, keep) => {
          for (const [name, value] of values) await network.setParameters(new Map([[name, value]]), keep);
        },
      }),
      'refuses',
      /after calls that were refused/,
    ],
    [
      'losses that are not finite',
      (network) => ({
        step: async (batch, targets, options) => {
          if (!targets.data.every(Number.isFinite))
            await network.setStatistics(await statisticsOfOnes(network));
          return network.step(batch, targets, options);
        },
      }),
      'not finite',
      /statistics, after a step to infinite targets/,
    ],
    ['disposal', () => ({ dispose: async () => undefined }), 'disposed', /step after dispose/],
  ])('finds wrong %s', async (...[, fault, filter, message]) => {
    const failures = await failuresWith(fault, filter);
    expect([...failures.values()]).toContainEqual(expect.stringMatching(message));
  });
});

async function statisticsOfOnes(network: TrainableNetwork) {
  return new Map(
    [...(await network.statistics())].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map(() => 1) },
    ]),
  );
}

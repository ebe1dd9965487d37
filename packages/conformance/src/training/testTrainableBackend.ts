import type { TrainableNetwork } from '@edjm/core';
import type { Network } from '@edjm/network';
import { checkGradients, checkJacobianGradients, checkStep } from './checkGradients.ts';
import {
  checkAddedGradients,
  checkDropoutSeeds,
  checkOwnLoss,
  checkRule,
  checkTraining,
  updateRules,
} from './checkTrainingRules.ts';
import {
  checkInfiniteLoss,
  checkNames,
  checkResuming,
  checkSetting,
  checkTrainableDisposal,
  checkTrainingErrors,
} from './checkTrainingState.ts';
import type { TestRunner } from '../testRunner.ts';
import type { Trainer } from './trainer.ts';
import { trainingCases } from './trainingCases.ts';

/** The subject of the kit: a backend whose networks train. */
export interface TrainableBackendUnderTest {
  /** For the names of the tests. */
  readonly name: string;
  /** Loads a network as data; a backend of another kind of source converts it first. */
  readonly load: (network: Network) => Promise<TrainableNetwork>;
  /**
   * Largest error, relative to the largest of all values compared. Defaults to 1e-4 for a network of precision `'float32'` and to 1e-8
   * for `'float64'`.
   */
  readonly tolerance?: number;
  /** Tests that the backend cannot pass, by title, each with the reason; they are reported as skipped. */
  readonly unsupported?: readonly { readonly test: string; readonly reason: string }[];
}

/**
 * Defines the tests that every backend must pass whose networks train, besides those of `testBackend`: losses, gradients, steps, gradients
 * of Jacobian products and moved statistics agree with a float64 oracle on {@link trainingCases}, with dropout and batch statistics; update
 * rules; checkpoints; errors that change nothing; disposal.
 *
 * @throws `Error` where `unsupported` names a test that does not exist.
 *
 * @example
 * ```ts
 * // training.test.ts
 * import { cpuBackend } from '@edjm/backend-cpu';
 * import { testTrainableBackend } from '@edjm/conformance';
 * import { describe, it } from 'node:test';
 *
 * const backend = cpuBackend();
 * testTrainableBackend({ name: 'cpu', load: (network) => backend.loadTrainable(network) }, { describe, it });
 * ```
 */
export function testTrainableBackend(subject: TrainableBackendUnderTest, { describe, it }: TestRunner): void {
  const tests = allTests();
  const reasons = new Map(subject.unsupported?.map(({ test, reason }) => [test, reason]));
  for (const name of reasons.keys()) {
    if (!tests.has(name)) {
      throw new Error(
        `expected 'unsupported' to name tests, got '${name}'. Take titles as they are reported.`,
      );
    }
  }
  const train = trainer(subject);
  describe(`trainable backend ${subject.name}`, () => {
    for (const [title, check] of tests) {
      const reason = reasons.get(title);
      if (reason === undefined) it(title, () => check(train));
      else it.skip(`${title} (not supported: ${reason})`, () => Promise.resolve());
    }
  });
}

type Check = (train: Trainer) => Promise<void>;

/** The tests by title. */
function allTests(): ReadonlyMap<string, Check> {
  const ofCases = trainingCases().flatMap((training): [string, Check][] => [
    ...training.runs.flatMap((run): [string, Check][] => [
      [
        `${training.name}, ${run.name}: gives the gradients of the oracle`,
        (train) => checkGradients(train, training, run),
      ],
      [`${training.name}, ${run.name}: steps along them`, (train) => checkStep(train, training, run)],
    ]),
    [
      `${training.name}: gives the gradients of Jacobian products of the oracle`,
      (train) => checkJacobianGradients(train, training),
    ],
  ]);
  const ofRules = Object.entries(updateRules).map(([name, rule]): [string, Check] => [
    `follows the rule: ${name}`,
    (train) => checkRule(train, rule),
  ]);
  return new Map([
    ['names parameters and statistics as the network as data does', checkNames],
    ...ofCases,
    ...ofRules,
    ['adds the gradients that it is given', checkAddedGradients],
    ["takes a loss of one's own, the same as the one that it has", checkOwnLoss],
    ['drops the same values for the same seed, others for another, none at a rate of 0', checkDropoutSeeds],
    ['lowers the loss, and its outputs follow the parameters', checkTraining],
    ['gives and takes parameters and statistics by name', checkSetting],
    ['goes on where it was from parameters, velocities and statistics', checkResuming],
    ['refuses what does not fit, and changes nothing', checkTrainingErrors],
    ['leaves everything as it was where the loss is not finite', checkInfiniteLoss],
    ['is disposed of once and for all', checkTrainableDisposal],
  ]);
}

function trainer({ load, tolerance }: TrainableBackendUnderTest): Trainer {
  return async (source, use) => {
    const network = await load(source);
    try {
      return await use({ network, tolerance: tolerance ?? (network.precision === 'float64' ? 1e-8 : 1e-4) });
    } finally {
      await network.dispose();
    }
  };
}

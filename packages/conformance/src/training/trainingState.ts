import type { TrainableNetwork } from '@edjm/core';
import { assertNamed, type NamedValues, parametersOf, valuesOf } from './namedValues.ts';

/** All that a step changes. */
export interface TrainingState {
  readonly parameters: NamedValues;
  readonly velocities: NamedValues;
  readonly statistics: NamedValues;
}

/** A copy of all that a step changes. */
export async function stateOf(network: TrainableNetwork): Promise<TrainingState> {
  return {
    parameters: await parametersOf(network),
    velocities: valuesOf(await network.velocities()),
    statistics: valuesOf(await network.statistics()),
  };
}

/** Fails if a network is not exactly in the given state. */
export async function assertSame(
  network: TrainableNetwork,
  expected: TrainingState,
  when: string,
): Promise<void> {
  const { parameters, velocities, statistics } = await stateOf(network);
  assertNamed({ got: parameters, expected: expected.parameters }, 0, `parameters, ${when}`);
  assertNamed({ got: velocities, expected: expected.velocities }, 0, `velocities, ${when}`);
  assertNamed({ got: statistics, expected: expected.statistics }, 0, `statistics, ${when}`);
}

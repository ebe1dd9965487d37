import type { Regularizer, TrainableNetwork } from '@edjm/core';

/** Where a run is: behind a step of the run, counted from 1, or at the end of an epoch. */
export type Moment = { readonly step: number } | 'epoch';

/**
 * Lets regularizers replace parameters. At the end of an epoch all do, whatever their interval: what is validated, and kept
 * where it is the best, is then what a projection leaves.
 */
export async function project(
  network: TrainableNetwork,
  regularizers: readonly Regularizer[],
  moment: Moment,
): Promise<void> {
  for (const { projection } of regularizers) {
    if (!projection) continue;
    const { every } = projection;
    const isDue = moment === 'epoch' || (every !== 'epoch' && moment.step % every === 0);
    if (!isDue) continue;
    const { parameters, velocities } = projection.apply(
      await network.parameters(projection.parameterNames),
      await network.velocities(),
    );
    await network.setParameters(parameters, true);
    if (velocities) await network.setVelocities(velocities);
  }
}

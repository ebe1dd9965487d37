import { checkLearningRate, checkOption } from './checkOptions.ts';
import type { Optimizer } from './optimizer.ts';

/** Options of {@link momentumSgd}. */
export interface MomentumSgdOptions {
  /** Defaults to 0.1. */
  readonly learningRate?: number | undefined;
  /** From 0 up to 1, 1 excluded. Defaults to 0.9. */
  readonly momentum?: number | undefined;
  /** Defaults to `false`. */
  readonly nesterov?: boolean | undefined;
}

/**
 * Stochastic gradient descent with momentum (Polyak 1964), or Nesterov's (Sutskever et al. 2013), by the engine's own step: the weights never
 * leave it.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for an option out of its range.
 *
 * @example
 * ```ts
 * import { momentumSgd } from '@edjm/recipes';
 *
 * const optimizer = momentumSgd({ learningRate: 0.05, momentum: 0.95, nesterov: true });
 * ```
 */
export function momentumSgd(options: MomentumSgdOptions = {}): Optimizer {
  const name = 'momentum-sgd';
  const { learningRate = 0.1, momentum = 0.9, nesterov = false } = options;
  checkLearningRate(name, learningRate);
  checkOption(name, momentum >= 0 && momentum < 1, `a momentum from 0 up to 1, 1 excluded, got ${momentum}`);
  return {
    name,
    learningRate,
    options: { learningRate, momentum, nesterov },
    start: (network) => ({
      step: (batch, targets, update) => network.step(batch, targets, { ...update, momentum, nesterov }),
      state: () => network.velocities(),
      restore: (state) => network.setVelocities(state),
    }),
  };
}

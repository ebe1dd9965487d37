import { EdjmError } from '../contracts/errors.ts';
import type { GradientOptions, Loss, StepOptions } from '../contracts/trainable.ts';

/** The options of a step with their defaults; options without a default are as they were given. */
export interface CompleteStepOptions extends StepOptions {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly loss: Loss;
}

/**
 * Fills in the defaults of a step, for backends.
 *
 * @param name - the network's, for messages.
 * @throws EdjmError `INVALID_ARGUMENT` for a number out of its range.
 */
export function completeStepOptions(name: string, options: StepOptions): CompleteStepOptions {
  const { momentum = 0, nesterov = false, weightDecay = 0, loss = 'cross-entropy', learningRate } = options;
  const isPositive = (value: number) => value > 0 && Math.fround(value) < Infinity;
  check(name, isPositive(learningRate), `a learning rate above 0, got ${String(learningRate)}`);
  check(
    name,
    momentum >= 0 && momentum < 1,
    `a momentum from 0 up to 1, 1 excluded, got ${String(momentum)}`,
  );
  check(
    name,
    weightDecay === 0 || isPositive(weightDecay),
    `a weight decay of 0 or more, got ${String(weightDecay)}`,
  );
  checkGradientOptions(name, options);
  return { ...options, momentum, nesterov, weightDecay, loss };
}

/**
 * Refuses unknown losses, dropout rates and fractions of statistics out of their range, for backends.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export function checkGradientOptions(
  name: string,
  { loss = 'cross-entropy', dropout, batchStatistics }: GradientOptions,
): void {
  check(
    name,
    typeof loss === 'function' || ['cross-entropy', 'squared-error'].includes(loss),
    `the loss 'cross-entropy', 'squared-error' or a function, got ${JSON.stringify(loss)}`,
  );
  for (const rate of [dropout?.input ?? 0, dropout?.hidden ?? 0]) {
    check(name, rate >= 0 && rate < 1, `a dropout rate from 0 up to 1, 1 excluded, got ${String(rate)}`);
  }
  check(
    name,
    batchStatistics === undefined || (batchStatistics > 0 && batchStatistics <= 1),
    `a fraction of the batch's statistics above 0 up to 1, got ${String(batchStatistics)}`,
  );
}

/** Refuses a loss that is not finite, for backends. @throws EdjmError `INVALID_DATA`. */
export function checkLoss(name: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new EdjmError(
    'INVALID_DATA',
    `${name}: expected a finite loss, got ${String(value)}. Lower the learning rate, or look for values in the data that are not finite. The parameters are as before the step.`,
  );
}

function check(name: string, holds: boolean, expected: string): void {
  if (!holds) throw new EdjmError('INVALID_ARGUMENT', `${name}: expected ${expected}. Give one of those.`);
}

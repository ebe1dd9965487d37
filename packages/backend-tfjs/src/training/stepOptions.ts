import { EdjmError, type StepOptions } from '@edjm/core';

/** The options of a step, complete. */
export type CompleteStepOptions = Required<Omit<StepOptions, 'dropout' | 'addedGradients'>> &
  Pick<StepOptions, 'dropout' | 'addedGradients'>;

/** Fills in the defaults. @throws EdjmError `INVALID_ARGUMENT` for a number out of its range. */
export function completed(name: string, options: StepOptions): CompleteStepOptions {
  const { momentum = 0, nesterov = false, weightDecay = 0, loss = 'cross-entropy' } = options;
  const complete = { ...options, momentum, nesterov, weightDecay, loss };
  check(
    name,
    options.learningRate > 0 && Math.fround(options.learningRate) < Infinity,
    `a learning rate above 0, got ${String(options.learningRate)}`,
  );
  check(
    name,
    momentum >= 0 && momentum < 1,
    `a momentum from 0 up to 1, 1 excluded, got ${String(momentum)}`,
  );
  check(
    name,
    weightDecay >= 0 && Math.fround(weightDecay) < Infinity,
    `a weight decay of 0 or more, got ${String(weightDecay)}`,
  );
  for (const rate of [options.dropout?.input ?? 0, options.dropout?.hidden ?? 0]) {
    check(name, rate >= 0 && rate < 1, `a dropout rate from 0 up to 1, 1 excluded, got ${String(rate)}`);
  }
  return complete;
}

function check(name: string, holds: boolean, expected: string): void {
  if (!holds) throw new EdjmError('INVALID_ARGUMENT', `${name}: expected ${expected}. Give such a number.`);
}

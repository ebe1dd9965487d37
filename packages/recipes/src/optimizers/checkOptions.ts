import { EdjmError } from '@edjm/core';

/** @throws EdjmError `INVALID_ARGUMENT` if a learning rate is not above 0. */
export function checkLearningRate(optimizer: string, learningRate: number): void {
  const holds = learningRate > 0 && Math.fround(learningRate) < Infinity;
  checkOption(optimizer, holds, `a learning rate above 0, got ${learningRate}`);
}

/** @throws EdjmError `INVALID_ARGUMENT` if it does not hold. */
export function checkOption(optimizer: string, holds: boolean, expected: string): void {
  if (!holds)
    throw new EdjmError('INVALID_ARGUMENT', `${optimizer}: expected ${expected}. Give such a number.`);
}

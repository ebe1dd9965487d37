import { EdjmError } from '@edjm/core';

/** @throws EdjmError `INVALID_ARGUMENT` if an option is not above 0 and finite. */
export function checkPositive(regularizer: string, option: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${regularizer}: expected a ${option} above 0, got ${String(value)}. Give such a number.`,
  );
}

/** @throws EdjmError `INVALID_ARGUMENT` if an option is below 0 or not finite. */
export function checkNotNegative(regularizer: string, option: string, value: number): void {
  if (value >= 0 && value < Infinity) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${regularizer}: expected a ${option} of at least 0, got ${String(value)}. Give such a number.`,
  );
}

/** @throws EdjmError `INVALID_ARGUMENT` if an option is no whole number above 0. */
export function checkCount(regularizer: string, option: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${regularizer}: expected a whole number above 0 for ${option}, got ${String(value)}. Give a count.`,
  );
}

/** @throws EdjmError `INVALID_ARGUMENT` for an interval of projections that is neither `'epoch'` nor a number of steps. */
export function checkInterval(regularizer: string, option: string, value: number | 'epoch'): void {
  if (value !== 'epoch') checkCount(regularizer, option, value);
}

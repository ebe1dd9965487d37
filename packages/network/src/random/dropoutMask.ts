import { EdjmError } from '@edjm/core';
import { mixedBits, WEYL } from './derivedSeed.ts';

/** The values to drop. */
export interface DropoutMaskOptions {
  /** The probability of each value to be dropped, from 0 up to 1, 1 excluded. */
  readonly rate: number;
  /** A 32-bit integer: of the run, and of the step in it. */
  readonly seed: number;
  /** A number for the place in the network: each has values of its own. Defaults to 0. */
  readonly place?: number;
}

/**
 * Factors for dropout (Srivastava et al. 2014): 0 with the probability `rate`, 1 / (1 − rate) otherwise. Factor i depends on the options and i
 * alone, through a hash with the mixing function of MurmurHash3 (Appleby), so that every engine drops the same values.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a rate out of its range.
 *
 * @example
 * ```ts
 * import { dropoutMask } from '@edjm/network';
 *
 * console.log(dropoutMask(1000, { rate: 0.5, seed: 1 }).filter((factor) => factor === 0).length); // about 500
 * ```
 */
export function dropoutMask(length: number, { rate, seed, place = 0 }: DropoutMaskOptions): Float32Array {
  if (!(rate >= 0 && rate < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a dropout rate from 0 up to 1, 1 excluded, got ${rate}. Give such a rate.`,
    );
  }
  const limit = rate * 2 ** 32;
  const kept = 1 / (1 - rate);
  const start = mixedBits((seed | 0) ^ mixedBits((place + 1) | 0));
  const mask = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    if (mixedBits(start + Math.imul(i, WEYL)) >>> 0 >= limit) mask[i] = kept;
  }
  return mask;
}

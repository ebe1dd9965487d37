import { EdjmError } from '@edjm/core';

/** The values to drop. */
export interface DropoutMaskOptions {
  /** The probability of each value to be dropped, from 0 up to 1, 1 excluded. */
  readonly rate: number;
  /** A 32-bit integer: of the run, and of the step in it. */
  readonly seed: number;
  /** A number for the place in the network: each has values of its own. Defaults to 0. */
  readonly place?: number;
}

/** An odd constant near 2³² divided by the golden ratio, as in Weyl sequences. */
const WEYL = 0x9e3779b9;

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
  const start = mixed((seed | 0) ^ mixed((place + 1) | 0));
  const mask = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    if (mixed(start + Math.imul(i, WEYL)) >>> 0 >= limit) mask[i] = kept;
  }
  return mask;
}

/** Every bit of the result depends on every bit of h. */
function mixed(h: number): number {
  let bits = h | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

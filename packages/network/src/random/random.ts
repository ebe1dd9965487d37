import { EdjmError } from '@edjm/core';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers. */
export interface RandomStream {
  /** The next value of U[0, 1). */
  readonly uniform: () => number;
  /** The next value of N(0, 1). */
  readonly normal: () => number;
}

/**
 * A stream of random numbers that depends on the seed alone (xoroshiro128+).
 *
 * @param seed - A 32-bit integer.
 * @throws `INVALID_ARGUMENT` for another seed.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@edjm/network';
 *
 * console.log(seededRandom(7).uniform() === seededRandom(7).uniform()); // true
 * ```
 */
export function seededRandom(seed: number): RandomStream {
  if ((seed | 0) !== seed) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a seed that is a 32-bit integer, got ${seed}. Give one.`,
    );
  }
  const generator = xoroshiro128plus(seed);
  const uniform = (): number => uniformFloat64(generator);
  return {
    uniform,
    // Box and Muller 1958; 1 − u keeps the logarithm's argument above 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

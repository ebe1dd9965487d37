/** An odd constant near 2³² divided by the golden ratio, as in Weyl sequences. */
export const WEYL = 0x9e3779b9;

/**
 * A 32-bit seed for one use of a run's random numbers, from the run's seed and from numbers that name the use, such as a step. Neighboring
 * seeds and neighboring numbers give seeds that have nothing in common, by the mixing function of MurmurHash3 (Appleby).
 *
 * @param seed - A 32-bit integer.
 * @param parts - 32-bit integers that name the use. Their order counts.
 *
 * @example
 * ```ts
 * import { derivedSeed, seededRandom } from '@edjm/network';
 *
 * const step = 7;
 * console.log(seededRandom(derivedSeed(1, [step])).uniform()); // the same whenever step 7 of this run is repeated
 * ```
 */
export function derivedSeed(seed: number, parts: readonly number[]): number {
  return parts.reduce(
    (hash, part) => mixedBits(Math.imul(hash, WEYL) ^ mixedBits(part + 1)),
    mixedBits(seed),
  );
}

/** A 32-bit integer of which every bit depends on every bit of another one. */
export function mixedBits(integer: number): number {
  let bits = integer | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

import { derivedSeed } from '@edjm/network';

/** The uses of random numbers in training: each has a stream of its own. */
const purposes = { split: 1, order: 2, dropout: 3, sample: 4 } as const;

/**
 * The seed of one use of random numbers, from the seed of a run.
 *
 * @param index - of the epoch or step that it is for. Defaults to 0.
 */
export function seedFor(seed: number, purpose: keyof typeof purposes, index: number = 0): number {
  return derivedSeed(seed, [purposes[purpose], index]);
}

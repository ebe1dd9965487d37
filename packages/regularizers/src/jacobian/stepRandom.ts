import type { RegularizerContext } from '@edjm/core';
import { type RandomStream, seededRandom } from '@edjm/network';

/** An odd constant near 2³² divided by the golden ratio: seeds of consecutive steps differ in many bits. */
const WEYL = 0x9e3779b9;

/** The first numbers of xoroshiro128+ show its seed. */
const SKIPPED = 16;

/** Random numbers of a step: they depend on the run's seed and the step alone, so that a run that is resumed repeats them. */
export function stepRandom({ seed, step }: Pick<RegularizerContext, 'seed' | 'step'>): RandomStream {
  const random = seededRandom((seed + Math.imul(step + 1, WEYL)) | 0);
  for (let i = 0; i < SKIPPED; i++) random.uniform();
  return random;
}

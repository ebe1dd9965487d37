import type { RegularizerContext } from '@edjm/core';
import { derivedSeed, type RandomStream, seededRandom } from '@edjm/network';

/** The random numbers of a step. They depend on the run's seed and the step alone, so a resumed run repeats them. */
export function stepRandom({ seed, step }: Pick<RegularizerContext, 'seed' | 'step'>): RandomStream {
  return seededRandom(derivedSeed(seed, [step]));
}

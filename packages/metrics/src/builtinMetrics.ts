import type { Metric } from '@edjm/core';
import { edjmScore } from './edjmScore.ts';
import { effectiveRank } from './effectiveRank.ts';
import { frobeniusNorm } from './frobeniusNorm.ts';
import { nuclearNorm } from './nuclearNorm.ts';
import { participationRatio } from './participationRatio.ts';
import { spectralNorm } from './spectralNorm.ts';
import { stableRank } from './stableRank.ts';

/**
 * Every metric of this package with its defaults, the EDJM score first: what an analysis computes unless told otherwise.
 *
 * @example
 * ```ts
 * import { builtinMetrics } from '@edjm/metrics';
 *
 * console.log(builtinMetrics().map(({ name }) => name).slice(0, 2)); // [ 'edjm-score', 'effective-rank' ]
 * ```
 */
export function builtinMetrics(): readonly Metric[] {
  return [
    edjmScore(),
    effectiveRank(),
    stableRank(),
    participationRatio(),
    nuclearNorm(),
    frobeniusNorm(),
    spectralNorm(),
  ];
}

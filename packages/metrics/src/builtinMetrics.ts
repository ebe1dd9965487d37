import type { Metric } from '@edjm/core';
import { edjmScore } from './spectrum/edjmScore.ts';
import { effectiveRank } from './spectrum/effectiveRank.ts';
import { frobeniusNorm } from './spectrum/frobeniusNorm.ts';
import { nuclearNorm } from './spectrum/nuclearNorm.ts';
import { participationRatio } from './spectrum/participationRatio.ts';
import { spectralNorm } from './spectrum/spectralNorm.ts';
import { stableRank } from './spectrum/stableRank.ts';

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

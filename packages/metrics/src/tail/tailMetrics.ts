import type { Metric } from '@edjm/core';
import { conditionNumber } from './conditionNumber.ts';
import { logDeterminant } from './logDeterminant.ts';
import { numericalRank } from './numericalRank.ts';

/**
 * The metrics of the small end of a spectrum, with their defaults. An analysis that has one of them takes the more
 * accurate and slower way, through a QR decomposition of the rows instead of their products.
 *
 * @example
 * ```ts
 * import { tailMetrics } from '@edjm/metrics';
 *
 * console.log(tailMetrics().map(({ name }) => name)); // [ 'numerical-rank', 'condition-number', 'log-determinant' ]
 * ```
 */
export function tailMetrics(): readonly Metric[] {
  return [numericalRank(), conditionNumber(), logDeterminant()];
}

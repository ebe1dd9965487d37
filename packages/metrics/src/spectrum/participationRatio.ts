import type { Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/**
 * The participation ratio of the squared singular values: (Σ σ²)² / Σ σ⁴.
 *
 * The dimension that the rows spread over: between 1 and the rank, dimensionless; 0 for the zero matrix, for which
 * it is not defined.
 *
 * Source: Gao et al., "A theory of multineuronal dimensionality, dynamics and measurement", 2017.
 *
 * @example
 * ```ts
 * import { participationRatio } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 3, dIn: 3 };
 * console.log(participationRatio().compute({ singularValues: Float64Array.of(1, 1, 0) }, context)); // 2
 * ```
 */
export function participationRatio(): Metric<'singularValues'> {
  return {
    name: 'participation-ratio',
    description: 'squared sum of the squared singular values over the sum of their squares',
    reading: {
      formula: '(Σ σ²)² / Σ σ⁴',
      range: '1 to the rank',
      high: 'the power is spread over many directions',
      low: 'few directions carry the power',
      source: 'Gao et al. 2017',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }) => {
      const spectrum = normalizedSpectrum(singularValues);
      const fourthPowers = powerSum(spectrum, 4);
      return fourthPowers === 0 ? 0 : powerSum(spectrum, 2) ** 2 / fourthPowers;
    },
  };
}

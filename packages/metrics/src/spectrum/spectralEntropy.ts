import type { Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/**
 * The spectral entropy: how evenly the squared singular values are spread, relative to the most even spectrum.
 *
 * −Σ p log p / log m with p = σ² / Σ σ² over all m = min(n, d_in) values, 0 log 0 = 0. Dimensionless, 0 for rank one and the zero
 * matrix, 1 for equal values; 0 for m = 1.
 *
 * Source: Alter, Brown and Botstein, "Singular value decomposition for genome-wide expression data processing and modeling",
 * PNAS 2000.
 *
 * @example
 * ```ts
 * import { spectralEntropy } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 4, dIn: 4 };
 * console.log(spectralEntropy().compute({ singularValues: Float64Array.of(1, 1, 0, 0) }, context)); // 0.5
 * ```
 */
export function spectralEntropy(): Metric<'singularValues'> {
  return {
    name: 'spectral-entropy',
    description: 'entropy of the squared singular values, relative to the largest possible',
    reading: {
      formula: '−Σ p log p / log min(n, d_in), p = σ² / Σ σ²',
      range: '0 to 1',
      high: 'all directions carry about the same power',
      low: 'one direction carries most of the power',
      source: 'Alter et al. 2000',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }, { n, dIn }) => {
      const spectrum = normalizedSpectrum(singularValues);
      const total = powerSum(spectrum, 2);
      const most = Math.log(Math.min(n, dIn));
      if (total === 0 || most === 0) return 0;
      const shares = spectrum.map((value) => value ** 2 / total).filter((share) => share > 0);
      return Math.max(0, -shares.reduce((sum, share) => sum + share * Math.log(share), 0) / most);
    },
  };
}

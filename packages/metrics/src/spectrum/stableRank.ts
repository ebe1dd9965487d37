import type { Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/**
 * The stable rank: ‖J‖²_F / ‖J‖²₂ = Σ σ² / σ₁².
 *
 * Between 1 and the rank, dimensionless; 0 for the zero matrix, for which it is not defined. Noise in small values
 * does not move it.
 *
 * Source: Rudelson and Vershynin, "Sampling from large matrices", J. ACM 2007 (there: numerical rank).
 *
 * @example
 * ```ts
 * import { stableRank } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 2, dIn: 2 };
 * console.log(stableRank().compute({ singularValues: Float64Array.of(2, 1) }, context)); // 1.25
 * ```
 */
export function stableRank(): Metric<'singularValues'> {
  return {
    name: 'stable-rank',
    description: 'squared Frobenius norm over squared spectral norm',
    reading: {
      formula: 'Σ σ² / σ₁²',
      range: '1 to the rank',
      high: 'the power is spread over many directions',
      low: 'one direction carries most of the power',
      source: 'Rudelson and Vershynin 2007',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }) => powerSum(normalizedSpectrum(singularValues), 2),
  };
}

import type { Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/**
 * The effective rank: how many equal singular values would have the same entropy.
 *
 * exp(−Σ p log p) with p = σ / Σ σ and 0 log 0 = 0. Between 1 and min(n, d_in), dimensionless; 0 for the zero matrix,
 * for which it is not defined. It weighs small values more than the other ranks do: many values of rounding
 * noise instead of zeros raise it, by about m t log(1 / t) relatively for m values of t times the sum.
 *
 * Source: Roy and Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007.
 *
 * @example
 * ```ts
 * import { effectiveRank } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 3, dIn: 3 };
 * console.log(effectiveRank().compute({ singularValues: Float64Array.of(2, 2, 0) }, context)); // 2
 * ```
 */
export function effectiveRank(): Metric<'singularValues'> {
  return {
    name: 'effective-rank',
    description: 'exponential of the entropy of the normalized singular values',
    reading: {
      formula: 'exp(−Σ p log p), p = σ / Σ σ',
      range: '1 to min(n, d_in)',
      high: 'many directions matter about equally',
      low: 'few directions matter',
      source: 'Roy and Vetterli 2007',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }) => {
      const spectrum = normalizedSpectrum(singularValues);
      const total = powerSum(spectrum, 1);
      if (total === 0) return 0;
      const shares = spectrum.map((value) => value / total).filter((share) => share > 0);
      return Math.exp(-shares.reduce((sum, share) => sum + share * Math.log(share), 0));
    },
  };
}

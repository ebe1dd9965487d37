import type { Metric } from '@edjm/core';
import { powerSum } from './normalizedSpectrum.ts';

/**
 * The nuclear norm: Σ σ, in units of output per input; 0 for the zero matrix.
 *
 * Source: Fan, "Maximum properties and inequalities for the eigenvalues of completely continuous operators", 1951.
 *
 * @example
 * ```ts
 * import { nuclearNorm } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 2, dIn: 2 };
 * console.log(nuclearNorm().compute({ singularValues: Float64Array.of(2, 1) }, context)); // 3
 * ```
 */
export function nuclearNorm(): Metric<'singularValues'> {
  return {
    name: 'nuclear-norm',
    description: 'sum of the singular values',
    reading: {
      formula: 'Σ σ',
      range: '0 and more, in units of the output over those of the input',
      high: 'the output reacts strongly to many directions',
      low: 'the output hardly depends on the input',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }) => powerSum(singularValues, 1),
  };
}

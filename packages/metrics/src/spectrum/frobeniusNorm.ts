import type { Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/**
 * The Frobenius norm: (Σ σ²)^½, the root of the sum of all squared derivatives, in units of output per input; 0 for
 * the zero matrix.
 *
 * @example
 * ```ts
 * import { frobeniusNorm } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 2, dIn: 2 };
 * console.log(frobeniusNorm().compute({ singularValues: Float64Array.of(4, 3) }, context)); // 5
 * ```
 */
export function frobeniusNorm(): Metric<'singularValues'> {
  return {
    name: 'frobenius-norm',
    description: 'root of the sum of the squared singular values',
    reading: {
      formula: '(Σ σ²)^½',
      range: '0 and more, in units of the output over those of the input',
      high: 'the output reacts strongly to the input',
      low: 'the output hardly depends on the input',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }) =>
      (singularValues[0] ?? 0) * Math.sqrt(powerSum(normalizedSpectrum(singularValues), 2)),
  };
}

import type { Metric } from '@edjm/core';

/**
 * The spectral norm: σ₁, the largest singular value, in units of output per input; 0 for the zero matrix.
 *
 * @example
 * ```ts
 * import { spectralNorm } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 2, dIn: 2 };
 * console.log(spectralNorm().compute({ singularValues: Float64Array.of(2, 1) }, context)); // 2
 * ```
 */
export function spectralNorm(): Metric<'singularValues'> {
  return {
    name: 'spectral-norm',
    description: 'largest singular value',
    reading: {
      formula: 'σ₁',
      range: '0 and more, in units of the output over those of the input',
      high: 'the output reacts strongly to one direction',
      low: 'the output hardly depends on the input',
    },
    needs: ['singularValues'],
    largest: () => 1,
    compute: ({ singularValues }) => singularValues[0] ?? 0,
  };
}

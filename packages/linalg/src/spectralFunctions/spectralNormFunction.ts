import type { SpectralFunction } from './spectralFunction.ts';

/**
 * The spectral norm: the largest singular value.
 *
 * The gradient is u₁ v₁ᵀ; if m values tie for the largest, the subgradient Σ uᵢ vᵢᵀ / m over them.
 *
 * Source: Watson, "Characterization of the subdifferential of some matrix norms", 1992.
 *
 * @example
 * ```ts
 * import { spectralGradient, spectralNormFunction } from '@edjm/linalg';
 *
 * const rows = { rows: 2, columns: 2, data: Float64Array.of(3, 0, 0, -4) };
 * const { value, gradient } = spectralGradient(rows, spectralNormFunction());
 * console.log(value, gradient.data); // 4 and [0, 0, 0, -1]
 * ```
 */
export function spectralNormFunction(): SpectralFunction {
  return {
    name: 'spectral-norm',
    evaluate: (singularValues) => {
      const slopes = new Float64Array(singularValues.length);
      slopes[0] = 1;
      return { value: singularValues[0] ?? 0, slopes };
    },
  };
}

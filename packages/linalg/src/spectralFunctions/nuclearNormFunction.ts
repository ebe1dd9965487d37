import type { SpectralFunction } from './spectralFunction.ts';

/**
 * The nuclear norm: Σ σ, the convex stand-in for the rank.
 *
 * The gradient is U Vᵀ over the values that are not zero. If some are zero, it is the subgradient of least size.
 *
 * Source: Fazel, Hindi and Boyd, "A rank minimization heuristic with application to minimum order system
 * approximation", ACC 2001; Watson, "Characterization of the subdifferential of some matrix norms", 1992.
 *
 * @example
 * ```ts
 * import { nuclearNormFunction, spectralGradient } from '@edjm/linalg';
 *
 * const rows = { rows: 2, columns: 2, data: Float64Array.of(3, 0, 0, -4) };
 * const { value, gradient } = spectralGradient(rows, nuclearNormFunction());
 * console.log(value, gradient.data); // 7 and [1, 0, 0, -1], to within rounding
 * ```
 */
export function nuclearNormFunction(): SpectralFunction {
  return {
    name: 'nuclear-norm',
    evaluate: (singularValues) => ({
      value: singularValues.reduce((sum, value) => sum + value, 0),
      slopes: new Float64Array(singularValues.length).fill(1),
    }),
  };
}

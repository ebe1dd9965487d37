import { scaledRows } from '../matrix/scaled.ts';
import { type DenseMatrix, type Float64Matrix, zeros } from '../matrix/denseMatrix.ts';
import { roundingOf, singularVectors } from '../decompositions/singularVectors.ts';
import type { SpectralFunction } from './spectralFunction.ts';
import { multiply } from '../matrix/matrixProducts.ts';

/** A function of a spectrum, differentiated with respect to the matrix. */
export interface SpectralGradient {
  /** f(σ(J)). */
  readonly value: number;
  /** ∂f/∂J: of the shape of J, float64. */
  readonly gradient: Float64Matrix;
}

/**
 * The value of a function of the singular values of J = U diag(σ) Vᵀ, and its gradient with respect to J:
 *
 *     ∂f/∂J = U diag(∂f/∂σ) Vᵀ
 *
 * No difference of singular values is divided by, so close ones do no harm. Two conventions if f has no gradient:
 *
 * - Values that are equal to within rounding, max(n, d) 2⁻⁵² σ₁, share the mean of their slopes. The result then does not
 * depend on the choice of their vectors. If two values tie, a directional derivative is the mean of the one-sided ones, the
 * limit of a central difference; for a convex f it is a subgradient, however many tie.
 * - Values that are zero to within rounding have slope 0. A direction in which they leave zero raises them on both
 *   sides alike, so this too is the mean of the one-sided derivatives.
 *
 * @param rows - J, n × d, float32 or float64; not changed.
 * @param f - the function, such as {@link logDeterminantFunction} or {@link nuclearNormFunction}.
 * @throws RangeError if J has no rows or no columns, or holds NaN or an infinity; if f does not give one finite slope
 * for each value that is not zero.
 *
 * Source: Lewis, "Derivatives of spectral functions", 1996; Lewis and Sendov, "Nonsmooth analysis of singular values", 2005.
 *
 * @example
 * ```ts
 * import { logDeterminantFunction, spectralGradient } from '@edjm/linalg';
 *
 * const rows = { rows: 2, columns: 3, data: Float32Array.of(1, 2, 0, 0, 3, 1) };
 * const { value, gradient } = spectralGradient(rows, logDeterminantFunction());
 * console.log(value, gradient.rows, gradient.columns); // ½ log 46 = 1.914…, 2, 3
 * ```
 */
export function spectralGradient(rows: DenseMatrix, f: SpectralFunction): SpectralGradient {
  const { singularValues, rank, left, right } = singularVectors(rows);
  const { value, slopes } = f.evaluate(singularValues);
  const kept = checkedSlopes(f, slopes, { count: singularValues.length, rank });
  averageTies(kept, singularValues, roundingOf(rows, singularValues[0] as number));
  const gradient =
    rank === 0
      ? zeros(rows.rows, rows.columns)
      : multiply(left, scaledRows(right, kept), { transposeA: true });
  return { value, gradient };
}

/** The slopes of the values that are not zero, in an array of its own. */
function checkedSlopes(
  { name }: SpectralFunction,
  slopes: Float64Array,
  { count, rank }: { count: number; rank: number },
): Float64Array {
  if (slopes.length !== count) {
    throw new RangeError(
      `${name}: expected ${count} slopes, got ${slopes.length}. Correct the function to give one for each singular value.`,
    );
  }
  const kept = slopes.slice(0, rank);
  const wrong = kept.findIndex((slope) => !Number.isFinite(slope));
  if (wrong !== -1) {
    throw new RangeError(
      `${name}: expected finite slopes, got ${String(kept[wrong])} for singular value ${wrong} (counted from 0). Scale the rows, or correct the function.`,
    );
  }
  return kept;
}

/** Replaces the slopes of values within a distance of the largest of them by their mean, in place. */
function averageTies(slopes: Float64Array, singularValues: Float64Array, distance: number): void {
  for (let first = 0, end = 0; first < slopes.length; first = end) {
    const least = (singularValues[first] as number) - distance;
    while (end < slopes.length && (singularValues[end] as number) >= least) end++;
    const tied = slopes.subarray(first, end);
    tied.fill(tied.reduce((sum, slope) => sum + slope, 0) / tied.length);
  }
}

import { checkCount, checkFinite, checkSquare } from '../matrix/checkMatrix.ts';
import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { symmetricEigen } from '../decompositions/symmetricEigen.ts';

/** Right singular vectors of a matrix. */
export interface Directions {
  /** Descending, all above 0. */
  readonly singularValues: Float64Array;
  /** One row vᵢ for each of the values: orthonormal. */
  readonly vectors: Float64Matrix;
}

/** Options of {@link dominantDirections}. */
export interface DominantDirectionsOptions {
  /** How many to give at most, those of the largest singular values; at least 1. Defaults to all above the tolerance. */
  readonly most?: number;
  /** Directions with singular values up to this fraction of the largest are left out, 0 ≤ t < 1. Defaults to 1e-5. */
  readonly tolerance?: number;
}

/**
 * The right singular vectors of J with the largest singular values, from JᵀJ: for an EDJM, the directions of the input space
 * that an output reacts to most.
 *
 * As JᵀJ squares the singular values, the span of the first k is good to some 1e-16 σ₁² / (σₖ² − σₖ₊₁²); each single vector
 * to the same with its nearest neighbor.
 *
 * @param gram - JᵀJ, d × d. Only its lower triangle is read.
 * @throws RangeError if the matrix is not square, holds NaN or an infinity, or an option is out of its range.
 *
 * @example
 * ```ts
 * import { dominantDirections } from '@edjm/linalg';
 *
 * const gram = { rows: 2, columns: 2, data: Float64Array.of(9, 0, 0, 16) };
 * const { singularValues, vectors } = dominantDirections(gram, { most: 1 });
 * console.log(singularValues, vectors.data); // [4] and ±[0, 1]
 * ```
 */
export function dominantDirections(gram: DenseMatrix, options: DominantDirectionsOptions = {}): Directions {
  const { most = gram.columns, tolerance = 1e-5 } = options;
  checkCount(most, 'the number of directions', 1);
  if (!(tolerance >= 0 && tolerance < 1)) {
    throw new RangeError(
      `expected a tolerance of at least 0 and below 1, got ${tolerance}. Give a fraction of the largest value.`,
    );
  }
  checkSquare(gram);
  checkFinite(gram);
  const { values, vectors } = symmetricEigen(gram);
  const least = tolerance ** 2 * (values[0] ?? 0);
  const kept = values.filter((value, i) => i < most && value > least && value > 0);
  const { columns, data } = vectors;
  return {
    singularValues: kept.map(Math.sqrt),
    vectors: { rows: kept.length, columns, data: data.slice(0, kept.length * columns) },
  };
}

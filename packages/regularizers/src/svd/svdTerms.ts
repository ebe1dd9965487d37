import {
  type DenseMatrix,
  type Float64Matrix,
  multiply,
  orthonormalRows,
  rowsBetween,
  scaledRows,
  singularVectors,
} from '@edjm/linalg';
import { seededRandom } from '@edjm/network';

/** W = U diag(s) V by r of its terms. */
export interface SvdTerms {
  /** Uᵀ: r × n, orthonormal. */
  readonly left: Float64Matrix;
  /** r values, descending, none below 0. */
  readonly values: Float64Array;
  /** V: r × d, orthonormal. */
  readonly right: Float64Matrix;
}

/**
 * The `rank` largest terms of a singular value decomposition. Terms that are zero get vectors orthonormal to the others, the same ones each time, so
 * that training can raise them.
 *
 * @param rank - r, from 1 to min(n, d).
 */
export function svdTerms(matrix: DenseMatrix, rank: number): SvdTerms {
  const { singularValues, rank: found, left, right } = singularVectors(matrix);
  const kept = Math.min(rank, found);
  return {
    left: completed(left, kept, rank),
    values: singularValues.slice(0, rank).fill(0, kept),
    right: completed(right, kept, rank),
  };
}

/** U diag(s) V, n × d, of any factors: U by its transpose, as in {@link SvdTerms}. */
export function productOfTerms(
  left: DenseMatrix,
  values: ArrayLike<number>,
  right: DenseMatrix,
): Float64Matrix {
  return multiply(scaledRows(left, values), right, { transposeA: true });
}

function completed(vectors: Float64Matrix, kept: number, rank: number): Float64Matrix {
  return orthonormalRows(rowsBetween(vectors, 0, kept), rank, seededRandom(0).normal);
}

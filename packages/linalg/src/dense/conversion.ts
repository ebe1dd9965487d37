import { type AbstractMatrix, Matrix } from 'ml-matrix';
import { checkShape } from '../matrix/checkMatrix.ts';
import { type DenseMatrix, type Float64Matrix, zeros } from '../matrix/denseMatrix.ts';

/**
 * A copy of a matrix as a `Matrix` of the library ml-matrix, whose methods do small dense algebra: sums, products, blocks,
 * solutions of linear systems, QR and LU decompositions. {@link fromMatrix} converts it back.
 *
 * Use it outside hot loops. A product of 1000 × 1000 matrices takes some 2 s there and under 0.1 s with {@link multiply}, a QR
 * decomposition of 1000 × 784 numbers 2 s and 0.2 s with {@link orthonormalRows}.
 *
 * Two of its functions are not fit for every matrix, and this package does not use them:
 *
 * - `SingularValueDecomposition` does not end for some matrices of deficient rank, such as one of 30 × 27 ones, and it
 *   gives numbers for a matrix that holds NaN. Use {@link singularVectors}.
 * - `solve(a, b, true)` gives NaN if `a` has more columns than rows.
 *
 * @throws RangeError if the matrix does not fit its array.
 *
 * @example
 * ```ts
 * import { fromMatrix, toMatrix } from '@edjm/linalg';
 *
 * const matrix = toMatrix({ rows: 2, columns: 2, data: Float64Array.of(1, 2, 3, 4) });
 * console.log(fromMatrix(matrix.mmul(matrix)).data); // Float64Array [ 7, 10, 15, 22 ]
 * ```
 */
export function toMatrix(matrix: DenseMatrix): Matrix {
  checkShape(matrix);
  return Matrix.from1DArray(matrix.rows, matrix.columns, matrix.data);
}

/**
 * A matrix of the library ml-matrix, or a view of one, as rows × columns numbers in one array; see {@link toMatrix}.
 *
 * @example
 * ```ts
 * import { fromMatrix, toMatrix } from '@edjm/linalg';
 *
 * const column = { rows: 2, columns: 1, data: Float32Array.of(3, 4) };
 * console.log(fromMatrix(toMatrix(column).transpose())); // { rows: 1, columns: 2, data: Float64Array [ 3, 4 ] }
 * ```
 */
export function fromMatrix(matrix: AbstractMatrix): Float64Matrix {
  const result = zeros(matrix.rows, matrix.columns);
  for (let i = 0, at = 0; i < matrix.rows; i++) {
    for (let j = 0; j < matrix.columns; j++, at++) result.data[at] = matrix.get(i, j);
  }
  return result;
}

import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { checkCount, checkFinite, checkShape } from './checkMatrix.ts';
import type { DenseMatrix } from './denseMatrix.ts';

/**
 * Singular values of a matrix by a direct decomposition of its rows in float64, never through their products: the
 * oracle for the accumulators, and the choice for small matrices whose smallest values matter.
 *
 * Each value is good to about 1e-15 of the largest. It needs time in proportion to n d min(n, d) and is some ten times
 * slower than an accumulator.
 *
 * @param rows - n × d, float32 or float64; not changed.
 * @returns all min(n, d) values, descending, zeros included.
 * @throws RangeError where the matrix has no rows or no columns, or holds NaN or an infinity.
 *
 * Source: Golub and Reinsch, "Singular value decomposition and least squares solutions", 1970, as in ml-matrix.
 *
 * @example
 * ```ts
 * import { singularValuesOfRows } from '@edjm/linalg';
 *
 * const rows = { rows: 2, columns: 3, data: Float64Array.of(3, 0, 0, 0, 4, 0) };
 * console.log(singularValuesOfRows(rows)); // Float64Array [ 4, 3 ]
 * ```
 */
export function singularValuesOfRows(rows: DenseMatrix): Float64Array {
  checkCount(rows.rows, 'the number of rows', 1);
  checkCount(rows.columns, 'the number of columns', 1);
  checkShape(rows);
  checkFinite(rows);
  const { diagonal } = new SingularValueDecomposition(
    Matrix.from1DArray(rows.rows, rows.columns, rows.data),
    {
      computeLeftSingularVectors: false,
      computeRightSingularVectors: false,
      autoTranspose: true,
    },
  );
  return Float64Array.from(diagonal).sort().reverse().subarray(0, Math.min(rows.rows, rows.columns));
}

import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { singularVectors } from './singularVectors.ts';

/**
 * Singular values of a matrix by a direct decomposition of its rows in float64, never through their products alone: the
 * oracle for the accumulators, and the choice for small matrices whose smallest values matter.
 *
 * One-sided Jacobi, as in {@link singularVectors}: each value is good to some 1e-15 of the largest, whatever the rank and the size
 * of the entries. It takes some 20 k² max(n, d) operations, k = min(n, d), some ten times those of an accumulator.
 *
 * @param rows - n × d, float32 or float64; not changed.
 * @returns all min(n, d) values, descending, zeros included.
 * @throws RangeError if the matrix has no rows or no columns, holds NaN or an infinity, or a value is beyond float64.
 *
 * Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958.
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
  return singularVectors(rows).singularValues;
}

import type { DenseMatrix, Float64Matrix } from './denseMatrix.ts';

/**
 * The rows from `first` up to `end`, without `end`. The result is a view: it shares the array of the matrix.
 *
 * @example
 * ```ts
 * import { rowsBetween } from '@edjm/linalg';
 *
 * const matrix = { rows: 3, columns: 2, data: Float64Array.of(1, 2, 3, 4, 5, 6) };
 * console.log(rowsBetween(matrix, 1, 3).data); // Float64Array [ 3, 4, 5, 6 ]
 * ```
 */
export function rowsBetween(matrix: Float64Matrix, first: number, end: number): Float64Matrix;
export function rowsBetween(matrix: DenseMatrix, first: number, end: number): DenseMatrix;
export function rowsBetween({ columns, data }: DenseMatrix, first: number, end: number): DenseMatrix {
  return { rows: end - first, columns, data: data.subarray(first * columns, end * columns) };
}

/**
 * The matrix whose row i is row `indices[i]` of another one, in an array of its own that holds the same kind of numbers.
 *
 * @example
 * ```ts
 * import { rowsAt } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 2, data: Float32Array.of(1, 2, 3, 4) };
 * console.log(rowsAt(matrix, [1, 1]).data); // Float32Array [ 3, 4, 3, 4 ]
 * ```
 */
export function rowsAt(matrix: Float64Matrix, indices: ArrayLike<number>): Float64Matrix;
export function rowsAt(matrix: DenseMatrix, indices: ArrayLike<number>): DenseMatrix;
export function rowsAt({ columns, data }: DenseMatrix, indices: ArrayLike<number>): DenseMatrix {
  const length = indices.length * columns;
  const taken = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (let i = 0; i < indices.length; i++) {
    const from = (indices[i] as number) * columns;
    taken.set(data.subarray(from, from + columns), i * columns);
  }
  return { rows: indices.length, columns, data: taken };
}

import { type DenseMatrix, type Float64Matrix, zeros } from './denseMatrix.ts';

/**
 * diag(s) A: each row times its factor, in float64.
 *
 * @param factors - one for each row.
 * @throws RangeError if there are not as many factors as rows.
 *
 * @example
 * ```ts
 * import { scaledRows } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 2, data: Float64Array.of(1, 2, 3, 4) };
 * console.log(scaledRows(matrix, [1, 10]).data); // Float64Array [ 1, 2, 30, 40 ]
 * ```
 */
export function scaledRows(matrix: DenseMatrix, factors: ArrayLike<number>): Float64Matrix {
  const { rows, columns, data } = matrix;
  checkFactors(factors, rows, 'row');
  const result = zeros(rows, columns);
  for (let i = 0, at = 0; i < rows; i++) {
    const factor = factors[i] as number;
    for (let j = 0; j < columns; j++, at++) result.data[at] = (data[at] as number) * factor;
  }
  return result;
}

/**
 * A diag(s): each column times its factor, in float64.
 *
 * @param factors - one for each column.
 * @throws RangeError if there are not as many factors as columns.
 *
 * @example
 * ```ts
 * import { scaledColumns } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 2, data: Float64Array.of(1, 2, 3, 4) };
 * console.log(scaledColumns(matrix, [1, 10]).data); // Float64Array [ 1, 20, 3, 40 ]
 * ```
 */
export function scaledColumns(matrix: DenseMatrix, factors: ArrayLike<number>): Float64Matrix {
  const { rows, columns, data } = matrix;
  checkFactors(factors, columns, 'column');
  const result = zeros(rows, columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      result.data[at] = (data[at] as number) * (factors[j] as number);
    }
  }
  return result;
}

function checkFactors({ length }: ArrayLike<number>, expected: number, of: string): void {
  if (length === expected) return;
  throw new RangeError(`expected ${expected} factors, one for each ${of}, got ${length}. Give that many.`);
}

import { checkCount, checkShape } from '../matrix/checkMatrix.ts';
import { type DenseMatrix, type Float64Matrix, zeros } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { rowsBetween } from '../matrix/rows.ts';
import { subtractProduct } from '../matrix/subtractProduct.ts';

/** Rows whose products with the rows before them are taken at once. */
const BLOCK = 64;

/**
 * Rows that are orthonormal, among themselves and to given ones: normally distributed numbers, made so by Gram-Schmidt, which
 * gives every orthonormal system with the same density (Haar measure).
 *
 * Some 2 n² d operations for n rows of d numbers, most of them as matrix products. The products of two different rows are
 * some 1e-13 at most.
 *
 * @param given - Orthonormal rows, j × d, that come first; j may be 0.
 * @param count - How many rows there shall be, from j to d.
 * @param normal - Gives the next number of N(0, 1).
 * @returns count × d.
 * @throws RangeError if the given rows do not fit their array, or `count` is not a number from j to d.
 *
 * Source: Stewart, "The efficient generation of random orthogonal matrices", 1980, on the measure.
 *
 * @example
 * ```ts
 * import { orthonormalRows } from '@edjm/linalg';
 *
 * const given = { rows: 1, columns: 2, data: Float64Array.of(0.6, 0.8) };
 * console.log(orthonormalRows(given, 2, () => 1).data); // [0.6, 0.8, ±0.8, ∓0.6]
 * ```
 */
export function orthonormalRows(given: DenseMatrix, count: number, normal: () => number): Float64Matrix {
  checkShape(given);
  checkCount(count, 'the number of rows', given.rows);
  const { columns } = given;
  if (count > columns) {
    throw new RangeError(
      `expected at most ${columns} orthonormal rows, one a column, got ${count}. Ask for fewer.`,
    );
  }
  const result = zeros(count, columns);
  result.data.set(given.data);
  for (let start = given.rows; start < count; start += BLOCK) {
    const end = Math.min(count, start + BLOCK);
    const block = rowsBetween(result, start, end);
    for (let at = 0; at < block.data.length; at++) block.data[at] = normal();
    if (start > 0) {
      const before = rowsBetween(result, 0, start);
      subtractProduct(block, [multiply(block, before, { transposeB: true }), before]);
    }
    orthonormalize(block);
  }
  return result;
}

/** Modified Gram-Schmidt, in place. */
function orthonormalize({ rows, columns, data }: Float64Matrix): void {
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    for (let j = 0; j < i; j++) {
      const other = data.subarray(j * columns, (j + 1) * columns);
      const product = dot(row, other);
      for (let at = 0; at < columns; at++) row[at] = (row[at] as number) - product * (other[at] as number);
    }
    const length = Math.sqrt(dot(row, row));
    for (let at = 0; at < columns; at++) row[at] = (row[at] as number) / length;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

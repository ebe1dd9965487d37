import { checkCount, checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';

type Rows = DenseMatrix & { readonly data: Float64Array };

/** Rows whose products with the rows before them are taken at once. */
const BLOCK = 64;

/**
 * Rows that are orthonormal, among themselves and to given ones: normally distributed numbers, made so by Gram-Schmidt, which
 * gives every orthonormal system with the same density (Haar measure).
 *
 * Some 2 n² d operations for n rows of d numbers, most of them as matrix products. What is left of the products of two rows is some
 * 1e-13.
 *
 * @param given - Orthonormal rows, j × d, that come first; j may be 0.
 * @param count - How many rows there shall be, from j to d.
 * @param normal - Gives the next number of N(0, 1).
 * @returns count × d.
 * @throws RangeError where the given rows do not fit their array, or `count` is no number from j to d.
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
export function orthonormalRows(
  given: DenseMatrix,
  count: number,
  normal: () => number,
): DenseMatrix & { readonly data: Float64Array } {
  checkShape(given);
  checkCount(count, 'the number of rows', given.rows);
  const { columns } = given;
  if (count > columns) {
    throw new RangeError(
      `expected at most ${columns} orthonormal rows, one a column, got ${count}. Ask for fewer.`,
    );
  }
  const data = new Float64Array(count * columns);
  data.set(given.data);
  for (let start = given.rows; start < count; start += BLOCK) {
    const end = Math.min(count, start + BLOCK);
    const block = rowsOf(data, { start, end, columns });
    for (let at = 0; at < block.data.length; at++) block.data[at] = normal();
    const before = rowsOf(data, { start: 0, end: start, columns });
    if (start > 0) {
      const products = multiply(block, before, { transposeB: true });
      const negative = { ...products, data: products.data.map((product) => -product) };
      multiply(negative, before, { addTo: block });
    }
    orthonormalize(block);
  }
  return { rows: count, columns, data };
}

function rowsOf(
  data: Float64Array,
  { start, end, columns }: { readonly start: number; readonly end: number; readonly columns: number },
): Rows {
  return { rows: end - start, columns, data: data.subarray(start * columns, end * columns) };
}

/** Modified Gram-Schmidt, in place. */
function orthonormalize({ rows, columns, data }: Rows): void {
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

import type { DenseMatrix } from '@edjm/core';
import { seededRandom } from '@edjm/network';

/** Entries of N(0, 1). */
export function randomMatrix(
  rows: number,
  columns: number,
  seed: number,
): DenseMatrix & { readonly data: Float64Array } {
  const { normal } = seededRandom(seed);
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, normal) };
}

/** ∂f/∂x for each entry by central differences; the array is the same again afterwards. */
export function centralDifferences(x: Float64Array, f: () => number, step = 1e-5): Float64Array {
  return Float64Array.from(x.keys(), (at) => {
    const value = x[at]!;
    x[at] = value + step;
    const above = f();
    x[at] = value - step;
    const below = f();
    x[at] = value;
    return (above - below) / (2 * step);
  });
}

/** The largest difference of two lists, relative to the largest entry of the second. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  const largest = Math.max(...Array.from(expected, Math.abs));
  const errors = Array.from(expected, (value, at) => Math.abs(actual[at]! - value));
  return errors.some(Number.isNaN) ? Infinity : Math.max(...errors) / (largest || 1);
}

/** How far the rows are from orthonormal, entry by entry. */
export function farthestFromOrthonormal({ rows, columns, data }: DenseMatrix): number {
  let most = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let product = 0;
      for (let k = 0; k < columns; k++) product += data[i * columns + k]! * data[j * columns + k]!;
      most = Math.max(most, Math.abs(product - (i === j ? 1 : 0)));
    }
  }
  return most;
}

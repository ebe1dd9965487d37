import type { Float64Matrix } from '../matrix/denseMatrix.ts';
import { rowsBetween } from '../matrix/rows.ts';

/** Vectors, one a row: each is then contiguous, and some that follow each other are a view. */
export type Vectors = Float64Matrix;

/** The sum of the products of the entries of two vectors of equal length. */
export function innerProduct(x: Float64Array, y: Float64Array): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < x.length; k += 4) {
    s0 += (x[k] as number) * (y[k] as number);
    s1 += (x[k + 1] as number) * (y[k + 1] as number);
    s2 += (x[k + 2] as number) * (y[k + 2] as number);
    s3 += (x[k + 3] as number) * (y[k + 3] as number);
  }
  for (; k < x.length; k++) s0 += (x[k] as number) * (y[k] as number);
  return s0 + s1 + (s2 + s3);
}

/** The length of a vector. */
export function norm(x: Float64Array): number {
  return Math.sqrt(innerProduct(x, x));
}

/** The length of the longest vector. */
export function longest(vectors: Vectors): number {
  let largest = 0;
  for (let i = 0; i < vectors.rows; i++) {
    largest = Math.max(largest, norm(rowsBetween(vectors, i, i + 1).data));
  }
  return largest;
}

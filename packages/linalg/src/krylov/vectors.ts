import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';

/** Vectors, one a row: each is then contiguous, and some that follow each other are a view. */
export type Vectors = DenseMatrix & { readonly data: Float64Array };

/** The vectors from `first` up to and without `end`, in the same array. */
export function vectorsOf({ columns, data }: Vectors, first: number, end: number): Vectors {
  return { rows: end - first, columns, data: data.subarray(first * columns, end * columns) };
}

/** As many vectors of zeros. */
export function zeroVectors(rows: number, columns: number): Vectors {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** Sides of the squares that are turned at a time, so that both what is read and what is written stay in the cache. */
const TILE = 32;

/** The transpose times a factor: columns as vectors, or vectors as columns. */
export function transposed({ rows, columns, data }: DenseMatrix, factor = 1): Vectors {
  const result = new Float64Array(rows * columns);
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(columns, left + TILE);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) result[j * rows + i] = factor * (data[i * columns + j] as number);
      }
    }
  }
  return { rows: columns, columns: rows, data: result };
}

/** Subtracts C X or Cᵀ X, in place. */
export function subtractProduct(
  target: Vectors,
  coefficients: DenseMatrix,
  { of: vectors, transposeA = false }: { readonly of: Vectors; readonly transposeA?: boolean },
): void {
  const negative = { ...coefficients, data: coefficients.data.map((entry) => -entry) };
  multiply(negative, vectors, { transposeA, addTo: target });
}

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
    largest = Math.max(largest, norm(vectorsOf(vectors, i, i + 1).data));
  }
  return largest;
}

/** Copies a matrix into a larger one. */
export function place(
  target: Vectors,
  { rows, columns, data }: Vectors,
  at: { readonly row: number; readonly column: number },
): void {
  for (let i = 0; i < rows; i++) {
    target.data.set(data.subarray(i * columns, (i + 1) * columns), (at.row + i) * target.columns + at.column);
  }
}

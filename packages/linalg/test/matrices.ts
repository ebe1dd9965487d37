import type { DenseMatrix } from '../src/index.ts';

/** Numbers in [-0.5, 0.5) from a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 - 0.5;
  };
}

export function matrixOf(
  rows: number,
  columns: number,
  entry: (i: number, j: number) => number,
): DenseMatrix & { readonly data: Float64Array } {
  const data = Float64Array.from({ length: rows * columns }, (_, at) =>
    entry(Math.floor(at / columns), at % columns),
  );
  return { rows, columns, data };
}

export function randomMatrix(rows: number, columns: number, seed: number): DenseMatrix {
  const next = randomNumbers(seed);
  return matrixOf(rows, columns, next);
}

export function symmetricRandom(order: number, seed: number): DenseMatrix {
  const next = randomNumbers(seed);
  const lower = matrixOf(order, order, next);
  return matrixOf(order, order, (i, j) => lower.data[Math.max(i, j) * order + Math.min(i, j)]!);
}

export function scaled({ rows, columns, data }: DenseMatrix, factor: number): DenseMatrix {
  return matrixOf(rows, columns, (i, j) => data[i * columns + j]! * factor);
}

export function transposed({ rows, columns, data }: DenseMatrix): DenseMatrix {
  return matrixOf(columns, rows, (i, j) => data[j * columns + i]!);
}

/** The rows with the given indices, in that order. */
export function rowsAt({ columns, data }: DenseMatrix, indices: readonly number[]): DenseMatrix {
  return matrixOf(indices.length, columns, (i, j) => data[indices[i]! * columns + j]!);
}

/** Every row r replaced by r H with H = I - 2 v vᵀ / ‖v‖² for a random v: a rotation (with a reflection). */
export function rotated(matrix: DenseMatrix, seed: number): DenseMatrix {
  const { rows, columns, data } = matrix;
  const next = randomNumbers(seed);
  const v = Array.from({ length: columns }, next);
  const squares = v.reduce((sum, x) => sum + x * x, 0);
  const products = Array.from({ length: rows }, (_, i) =>
    v.reduce((sum, x, j) => sum + x * data[i * columns + j]!, 0),
  );
  return matrixOf(rows, columns, (i, j) => data[i * columns + j]! - (2 * products[i]! * v[j]!) / squares);
}

/** A matrix with these singular values: diag(values) turned by random reflections from both sides. */
export function withSingularValues(rows: number, columns: number, values: readonly number[]): DenseMatrix {
  const diagonal = matrixOf(rows, columns, (i, j) => (i === j ? (values[i] ?? 0) : 0));
  const right = rotated(rotated(diagonal, 1), 2);
  return transposed(rotated(rotated(transposed(right), 3), 4));
}

/** A symmetric matrix with these eigenvalues: diag(values) turned by random reflections. */
export function withEigenvalues(values: readonly number[]): DenseMatrix {
  const order = values.length;
  let matrix: DenseMatrix = matrixOf(order, order, (i, j) => (i === j ? values[i]! : 0));
  for (const seed of [1, 2, 3]) matrix = rotated(transposed(rotated(matrix, seed)), seed);
  return matrix;
}

/** The largest difference of two lists, relative to the largest entry of the second. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(error)) return Infinity;
    largest = Math.max(largest, Math.abs(expected[i]!));
    difference = Math.max(difference, error);
  }
  return largest === 0 ? difference : difference / largest;
}

/** The same for the squares: what a spectrum that came through products of rows can be held to. */
export function squaredDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(expected)) || 1;
  const squares = (values: ArrayLike<number>): number[] =>
    Array.from(values, (value) => (value / largest) ** 2);
  return relativeDifference(squares(actual), squares(expected));
}

export function descending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => b - a);
}

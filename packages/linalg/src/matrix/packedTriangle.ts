import type { DenseMatrix } from './denseMatrix.ts';

/**
 * A symmetric matrix as its lower triangle, row after row: entry (i, j), j ≤ i, is `entries[i (i + 1) / 2 + j]`.
 *
 * Half the memory of the square, and every row is contiguous. The array goes on with zeros up to the next order
 * that is a multiple of four, so that loops may take four rows at a time without a remainder.
 */
export interface PackedTriangle {
  readonly order: number;
  readonly entries: Float64Array;
}

/** The order of a packed triangle with its padding. */
export function paddedOrder(order: number): number {
  return Math.ceil(order / 4) * 4;
}

/** The size of a packed triangle. */
export function triangleBytes(order: number): number {
  const padded = paddedOrder(order);
  return (Float64Array.BYTES_PER_ELEMENT * padded * (padded + 1)) / 2;
}

/** A symmetric matrix of zeros. */
export function zeroTriangle(order: number): PackedTriangle {
  const padded = paddedOrder(order);
  return { order, entries: new Float64Array((padded * (padded + 1)) / 2) };
}

/**
 * Adds rows of a symmetric matrix, of which only the lower triangle is read.
 *
 * @param first - the row of the matrix that the block begins with.
 */
export function addLowerTriangle(target: PackedTriangle, block: DenseMatrix, first: number): void {
  const { entries } = target;
  const { data, rows, columns } = block;
  let at = (first * (first + 1)) / 2;
  // A loop for each element type: V8 compiles a loop over both types to much slower code.
  if (data instanceof Float32Array) {
    for (let row = 0; row < rows; row++) {
      let from = row * columns;
      const end = at + first + row + 1;
      for (; at + 3 < end; at += 4, from += 4) {
        entries[at] = (entries[at] as number) + (data[from] as number);
        entries[at + 1] = (entries[at + 1] as number) + (data[from + 1] as number);
        entries[at + 2] = (entries[at + 2] as number) + (data[from + 2] as number);
        entries[at + 3] = (entries[at + 3] as number) + (data[from + 3] as number);
      }
      for (; at < end; at++, from++) entries[at] = (entries[at] as number) + (data[from] as number);
    }
  } else {
    for (let row = 0; row < rows; row++) {
      let from = row * columns;
      const end = at + first + row + 1;
      for (; at + 3 < end; at += 4, from += 4) {
        entries[at] = (entries[at] as number) + (data[from] as number);
        entries[at + 1] = (entries[at + 1] as number) + (data[from + 1] as number);
        entries[at + 2] = (entries[at + 2] as number) + (data[from + 2] as number);
        entries[at + 3] = (entries[at + 3] as number) + (data[from + 3] as number);
      }
      for (; at < end; at++, from++) entries[at] = (entries[at] as number) + (data[from] as number);
    }
  }
}

/** The matrix S A S with S = diag(scale), in place. */
export function scaleTriangle({ entries, order }: PackedTriangle, scale: ArrayLike<number>): void {
  for (let i = 0, at = 0; i < order; i++) {
    for (let j = 0; j <= i; j++, at++) {
      const product = (scale[i] as number) * (scale[j] as number);
      entries[at] = isOrdinary(product)
        ? (entries[at] as number) * product
        : timesBoth(entries[at] as number, scale[i] as number, scale[j] as number);
    }
  }
}

/** Whether a number is far from the ends of float64. */
function isOrdinary(product: number): boolean {
  const size = Math.abs(product);
  return size > 1e-290 && size < 1e290;
}

/** x a b, multiplied in the order that avoids needless overflow and underflow. */
function timesBoth(x: number, a: number, b: number): number {
  const [smaller, larger] = Math.abs(a) < Math.abs(b) ? [a, b] : [b, a];
  return Math.abs(x) < 1 ? x * larger * smaller : x * smaller * larger;
}

/** Both triangles, as a matrix of its own. */
export function toDense({ entries, order }: PackedTriangle): DenseMatrix {
  const data = new Float64Array(order * order);
  for (let i = 0, at = 0; i < order; i++) {
    for (let j = 0; j <= i; j++, at++) {
      const value = entries[at] as number;
      data[i * order + j] = value;
      data[j * order + i] = value;
    }
  }
  return { rows: order, columns: order, data };
}

/** The entries (i, i). */
export function diagonalOf({ entries, order }: PackedTriangle): Float64Array {
  return Float64Array.from({ length: order }, (_, i) => entries[(i * (i + 3)) / 2] as number);
}

import type { DenseMatrix } from '@edjm/core';

/** Rows of a matrix, in the order of the indices, as float32 where the matrix is. */
export function rowsAt({ columns, data }: DenseMatrix, indices: Uint32Array): DenseMatrix {
  const length = indices.length * columns;
  const chosen = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (const [row, index] of indices.entries()) {
    chosen.set(data.subarray(index * columns, (index + 1) * columns), row * columns);
  }
  return { rows: indices.length, columns, data: chosen };
}

import type { DenseMatrix, Float64Matrix } from './denseMatrix.ts';

/** The place of a block's first entry in a larger matrix. */
export interface BlockPlace {
  readonly row: number;
  readonly column: number;
}

/** A copy of the block of `rows` × `columns` entries at a place. */
export function blockOf(
  matrix: Float64Matrix,
  { row, column, rows, columns }: BlockPlace & { readonly rows: number; readonly columns: number },
): Float64Matrix {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const from = (row + i) * matrix.columns + column;
    data.set(matrix.data.subarray(from, from + columns), i * columns);
  }
  return { rows, columns, data };
}

/** Copies a block into a larger matrix. */
export function placeBlock(target: Float64Matrix, block: DenseMatrix, { row, column }: BlockPlace): void {
  const { rows, columns, data } = block;
  for (let i = 0; i < rows; i++) {
    const part = data.subarray(i * columns, (i + 1) * columns);
    target.data.set(part, (row + i) * target.columns + column);
  }
}

/** The two array types that numbers travel in. */
export type FloatArray = Float32Array | Float64Array;

/** A dense matrix in row-major order: entry (i, j) is `data[i * columns + j]`. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: FloatArray;
}

/**
 * The lower triangle of a symmetric matrix as blocks of whole rows, from the top: together the blocks have all rows, and
 * each block has at least the columns up to its last row's diagonal entry. Entries above the diagonal are not read.
 * The whole square is one block.
 */
export type BlockRows = readonly DenseMatrix[];

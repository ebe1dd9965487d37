/** The two array types that numbers travel in. */
export type FloatArray = Float32Array | Float64Array;

/** A dense matrix in row-major order: entry (i, j) is `data[i * columns + j]`. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: FloatArray;
}

/** A dense matrix in float64: every result of this package. */
export interface Float64Matrix extends DenseMatrix {
  readonly data: Float64Array;
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Float64Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/**
 * The lower triangle of a symmetric matrix as blocks of whole rows, from the top: together the blocks have all rows, and
 * each block has at least the columns up to its last row's diagonal entry. Entries above the diagonal are not read.
 * The whole square is one block.
 */
export type BlockRows = readonly DenseMatrix[];

/** The two array types that numbers travel in. */
export type FloatArray = Float32Array | Float64Array;

/** A dense matrix in row-major order: entry (i, j) is `data[i * columns + j]`. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: FloatArray;
}

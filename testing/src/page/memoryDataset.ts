/** Samples as rows of a matrix, in row-major order. */
export interface Samples {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array | Float64Array;
}

/** A data set as `@edjm/core` takes it. */
export interface MemoryDataset {
  readonly name: string;
  readonly n: number;
  readonly sampleShape: readonly number[];
  batches(batchSize: number): AsyncIterable<Samples>;
  sha256(): Promise<string>;
}

/** Samples that lie in memory. */
export function memoryDataset({ rows, columns, data }: Samples): MemoryDataset {
  return {
    name: 'samples',
    n: rows,
    sampleShape: [columns],
    async *batches(batchSize) {
      for (let row = 0; row < rows; row += batchSize) {
        const size = Math.min(batchSize, rows - row);
        yield { rows: size, columns, data: data.subarray(row * columns, (row + size) * columns) };
      }
    },
    sha256: () => Promise.resolve(''),
  };
}

import type { Dataset, DenseMatrix } from '../src/index.ts';

/** A data set in memory that overwrites a batch in the next step, and counts how it is read. */
export interface FakeDataset extends Dataset {
  /** Passes that were begun, and ended in whatever way. */
  readonly passes: { begun: number; ended: number };
}

/** Samples as a data set; what it says of itself can be made wrong. */
export function fakeDataset(samples: DenseMatrix, described: Partial<Dataset> = {}): FakeDataset {
  const passes = { begun: 0, ended: 0 };
  return {
    name: 'samples',
    n: samples.rows,
    sampleShape: [samples.columns],
    passes,
    async *batches(batchSize) {
      passes.begun++;
      const { rows, columns } = samples;
      const batch = new Float64Array(batchSize * columns);
      try {
        for (let first = 0; first < rows; first += batchSize) {
          const count = Math.min(batchSize, rows - first);
          batch.fill(NaN);
          batch.set(samples.data.subarray(first * columns, (first + count) * columns));
          yield { rows: count, columns, data: batch.subarray(0, count * columns) };
        }
      } finally {
        passes.ended++;
      }
    },
    sha256: async () => '0'.repeat(64),
    ...described,
  };
}

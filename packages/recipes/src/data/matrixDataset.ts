import type { Dataset, DenseMatrix } from '@edjm/core';
import { digest } from './digest.ts';

/**
 * Samples in memory as a data set, for analyses.
 *
 * @param about - the data set's name, and the shape of a sample.
 */
export function matrixDataset(
  samples: DenseMatrix,
  about: { readonly name: string; readonly sampleShape: readonly number[] },
): Dataset {
  const { rows: n, columns, data } = samples;
  return {
    ...about,
    n,
    async *batches(batchSize) {
      for (let first = 0; first < n; first += batchSize) {
        const rows = Math.min(batchSize, n - first);
        yield { rows, columns, data: data.subarray(first * columns, (first + rows) * columns) };
      }
    },
    sha256: () => digest([data]),
  };
}

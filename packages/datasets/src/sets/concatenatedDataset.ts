import type { Dataset, DenseMatrix } from '@edjm/core';

/**
 * Several data sets as one, one after the other.
 *
 * @param parts - At least one; of samples of the same shape, float32, transformed alike.
 * @param about - Its name, and the SHA-256 of what all of them are read from.
 */
export function concatenatedDataset(
  parts: readonly [Dataset, ...Dataset[]],
  about: Pick<Dataset, 'name' | 'sha256'>,
): Dataset {
  const [first] = parts;
  const n = parts.reduce((sum, part) => sum + part.n, 0);
  return {
    ...first,
    ...about,
    n,
    batches: (batchSize, options) => ({
      [Symbol.asyncIterator]: () =>
        refilled(
          parts.map((part) => part.batches(batchSize, options)),
          Math.min(batchSize, n),
        ),
    }),
  };
}

/** The rows of several streams in batches of one size, whatever the sizes of theirs. */
async function* refilled(
  streams: readonly AsyncIterable<DenseMatrix>[],
  batchRows: number,
): AsyncGenerator<DenseMatrix, undefined> {
  let batch = new Float32Array();
  let [columns, rows] = [0, 0];
  for (const stream of streams) {
    for await (const part of stream) {
      if (batch.length === 0) {
        columns = part.columns;
        batch = new Float32Array(batchRows * columns);
      }
      for (let taken = 0; taken < part.rows;) {
        const count = Math.min(part.rows - taken, batchRows - rows);
        batch.set(part.data.subarray(taken * columns, (taken + count) * columns), rows * columns);
        taken += count;
        rows += count;
        if (rows < batchRows) continue;
        yield { rows, columns, data: batch };
        rows = 0;
      }
    }
  }
  if (rows > 0) yield { rows, columns, data: batch.subarray(0, rows * columns) };
}

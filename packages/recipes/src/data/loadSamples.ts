import { type Dataset, EdjmError } from '@edjm/core';
import { valueCount } from '@edjm/network';
import { checkLabelCount } from './checkSamples.ts';
import type { LabeledSamples } from './samples.ts';

/** Samples that are read at once. */
const ROWS_AT_ONCE = 1024;

/**
 * Reads a data set into memory, as float32.
 *
 * @param labels - one for each sample.
 * @throws EdjmError `SHAPE_MISMATCH` if there is not one label a sample; `INVALID_DATA` if samples are not as many as the data set
 * says; `ABORTED`.
 *
 * @example
 * ```ts
 * import { openDataset, openLabels } from '@edjm/datasets';
 * import { loadSamples } from '@edjm/recipes';
 *
 * const digits = await loadSamples(await openDataset('sample:digits'), await openLabels('sample:digits'));
 * console.log(digits.samples.rows); // 10000
 * ```
 */
export async function loadSamples(
  dataset: Dataset,
  labels: Int32Array | Uint8Array,
  options: { readonly signal?: AbortSignal } = {},
): Promise<LabeledSamples> {
  const { name, n, sampleShape } = dataset;
  checkLabelCount(name, n, labels.length);
  const columns = valueCount(sampleShape);
  const data = new Float32Array(n * columns);
  let read = 0;
  for await (const batch of dataset.batches(ROWS_AT_ONCE, options)) {
    if (read + batch.rows <= n) data.set(batch.data, read * columns);
    read += batch.rows;
  }
  if (read !== n) {
    throw new EdjmError('INVALID_DATA', `${name}: expected ${n} samples, got ${read}. Look at the data set.`);
  }
  return { samples: { rows: n, columns, data }, labels };
}

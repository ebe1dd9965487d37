import type { Dataset } from '@edjm/core';
import { arrayDataset } from './arrayDataset.ts';
import { joinedDataset } from './joinedDataset.ts';
import { openArray } from '../reading/openArray.ts';
import type { TransformOptions } from '../reading/valueTransform.ts';

/** Options of `openDataset`. */
export interface DatasetOptions extends TransformOptions {
  /** Reads the first `limit` samples only; defaults to all. */
  readonly limit?: number | undefined;
  /**
   * Which array of an .npz archive; may be left out if it holds one only. Samples of several arrays are put side by
   * side, in the order given: that of the inputs of the network they are for.
   */
  readonly array?: string | readonly string[] | undefined;
}

/**
 * Opens samples to analyze or train on: .npy, .npz and IDX files, told apart by their first bytes, the first and the
 * last also gzipped; `sample:digits`, the built-in sample of 10,000 handwritten digits (28 × 28, the ten classes evenly
 * interleaved); and `cifar10:PATH`, a CIFAR-10 batch in binary form.
 *
 * The first axis counts the samples, the others are one sample. Stored x becomes (x · scale − mean) / std; unsigned
 * bytes are divided by 255 unless `scale` says otherwise, everything else stays as it is. Batches are `Float32Array`,
 * or `Float64Array` if the file holds float64.
 *
 * Nothing reads the whole file: a batch is read, and inflated, when it is asked for, into an array that the next batch
 * overwrites. Data that holds NaN or an infinity is refused when its batch is read.
 *
 * @param source - A path, `sample:digits`, or `cifar10:` and a path.
 * @throws EdjmError `NOT_FOUND`, `INVALID_FILE`, `INVALID_DATA`, `UNSUPPORTED`, `INVALID_ARGUMENT`, and `AMBIGUOUS` for
 * an .npz archive of several arrays if none is chosen; while reading also `ABORTED`, and `MEMORY_LIMIT` for batches
 * of 2 GiB and more.
 *
 * @example
 * ```ts
 * import { openDataset } from '@edjm/datasets';
 *
 * const digits = await openDataset('sample:digits', { limit: 1000 });
 * console.log(digits.n, digits.sampleShape, digits.transform); // 1000 [ 28, 28 ] 'x / 255'
 * for await (const batch of digits.batches(250)) console.log(batch.rows, batch.columns); // 250 784, four times
 * ```
 */
export async function openDataset(source: string, options: DatasetOptions = {}): Promise<Dataset> {
  const { array, ...transform } = options;
  const [first, ...others] = typeof array === 'string' ? [array] : (array ?? []);
  const open = async (name?: string): Promise<Dataset> =>
    arrayDataset(await openArray(source, 'samples', name), transform);
  const parts: [Dataset, ...Dataset[]] = [await open(first)];
  for (const name of others) parts.push(await open(name));
  return joinedDataset(source.split(/[\\/]/).at(-1) ?? source, parts);
}

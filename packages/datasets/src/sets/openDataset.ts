import { type Dataset, EdjmError } from '@edjm/core';
import { arrayDataset } from './arrayDataset.ts';
import { joinedDataset, type NamedDataset } from './joinedDataset.ts';
import { archiveArrays, openArray } from '../reading/openArray.ts';
import type { TransformOptions } from '../reading/valueTransform.ts';

/** Options of `openDataset`. */
export interface DatasetOptions extends TransformOptions {
  /** Reads the first `limit` samples only; defaults to all. */
  readonly limit?: number | undefined;
  /**
   * Which array of an .npz archive; may be left out if it holds one only. Samples of several arrays are put side by side in the order given.
   * An analysis gives an array that bears the name of an input to that input, whatever the order.
   */
  readonly array?: string | readonly string[] | undefined;
  /** Names of the network's inputs: without `array`, their arrays are taken out of an .npz archive of several, if all are there. */
  readonly inputs?: readonly string[] | undefined;
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
  const { array, inputs = [], ...transform } = options;
  const [first, ...others] =
    typeof array === 'string' ? [array] : (array ?? (await arraysFor(source, inputs)));
  const open = async (name?: string): Promise<Dataset> =>
    arrayDataset(await openArray(source, 'samples', name), transform);
  const parts: [NamedDataset, ...NamedDataset[]] = [{ name: first ?? '', data: await open(first) }];
  for (const name of others) parts.push({ name, data: await open(name) });
  return joinedDataset(source.split(/[\\/]/).at(-1) ?? source, parts);
}

/** The arrays of the inputs, if an archive of several has one for each. */
async function arraysFor(source: string, inputs: readonly string[]): Promise<readonly string[]> {
  if (inputs.length === 0) return [];
  const names = await archiveArrays(source);
  if (names.length < 2) return [];
  if (inputs.every((name) => names.includes(name))) return inputs;
  if (inputs.length === 1) return [];
  const [wanted, got] = [inputs, names].map((all) => all.map((name) => `'${name}'`).join(', '));
  throw new EdjmError(
    'AMBIGUOUS',
    `${source}: expected an array for each of the inputs ${String(wanted)}, got ${String(got)}. Choose one for each, in this order, by the option 'array' (--array NAMES).`,
  );
}

import { EdjmError } from '@edjm/core';
import { readBatches } from '../sets/arrayDataset.ts';
import { openArray } from './openArray.ts';

/** Options of `readArray`. */
export interface ArrayOptions {
  /** Which array of an .npz archive; may be left out if it holds one only. */
  readonly array?: string | undefined;
}

const MAX_VALUES = 2 ** 28;

/**
 * Reads one array as it is stored, of any number of axes but none, from the sources that `openDataset` knows: the value of
 * an input that is the same for every sample, say.
 *
 * @throws EdjmError as `openDataset` does, and `INVALID_DATA` for more than 2^28 values.
 *
 * @example
 * ```ts
 * import { readArray } from '@edjm/datasets';
 *
 * const { shape, data } = await readArray('mask.npy');
 * console.log(shape, data);
 * ```
 */
export async function readArray(
  source: string,
  options: ArrayOptions = {},
): Promise<{ readonly shape: readonly number[]; readonly data: Float64Array }> {
  const array = await openArray(source, 'samples', options.array);
  const { shape } = array.header;
  const size = shape.reduce((product, length) => product * length, 1);
  if (shape.length === 0 || size === 0 || size > MAX_VALUES) {
    throw new EdjmError(
      'INVALID_DATA',
      `${array.bytes.location}: expected an array of 1 to ${MAX_VALUES} values, got shape (${shape.join(', ')}).`,
    );
  }
  const data = new Float64Array(size);
  let first = 0;
  const asStored = { scale: 1, mean: 0, std: 1 };
  const [n = 1] = shape;
  for await (const batch of readBatches(array, asStored, { n, batchRows: n, signal: undefined })) {
    data.set(batch.data, first);
    first += batch.data.length;
  }
  return { shape, data };
}

import { EdjmError } from '@edjm/core';
import { positive, readBatches } from './arrayDataset.ts';
import { openArray } from '../reading/openArray.ts';

/** Options of `openLabels`. */
export interface LabelOptions {
  /** Reads the first `limit` labels only; defaults to all. */
  readonly limit?: number | undefined;
  /** Which array of an .npz archive; may be left out if it holds one only. */
  readonly array?: string | undefined;
}

const MAX_LABELS = 2 ** 28;
const LABELS_AT_ONCE = 65_536;

/**
 * Reads the class of each sample, as whole numbers from 0 up, from the sources that `openDataset` knows: IDX and .npy
 * files with one axis (or a second one of size 1), plain or gzipped; one array of an .npz archive; `sample:digits`;
 * `cifar10:PATH`.
 *
 * @throws EdjmError as `openDataset` does, and `INVALID_DATA` for numbers that are no classes.
 *
 * @example
 * ```ts
 * import { openLabels } from '@edjm/datasets';
 *
 * const labels = await openLabels('sample:digits', { limit: 5 });
 * console.log(labels); // Int32Array(5) [ 1, 7, 3, 6, 0 ]
 * ```
 */
export async function openLabels(source: string, options: LabelOptions = {}): Promise<Int32Array> {
  const array = await openArray(source, 'labels', options.array);
  const { shape } = array.header;
  const { location: name } = array.bytes;
  const all = shape[0] ?? 0;
  if (all === 0 || all > MAX_LABELS || shape.slice(1).some((size) => size !== 1)) {
    throw new EdjmError(
      'INVALID_DATA',
      `${name}: expected one label a sample, 1 to ${MAX_LABELS} of them, got shape (${shape.join(', ')}). Give the file of labels.`,
    );
  }
  const n = options.limit === undefined ? all : Math.min(all, positive(options.limit, 'limit'));
  const labels = new Int32Array(n);
  let first = 0;
  const asStored = { scale: 1, mean: 0, std: 1 };
  for await (const { rows, data } of readBatches(array, asStored, {
    n,
    batchRows: Math.min(n, LABELS_AT_ONCE),
    signal: undefined,
  })) {
    labels.set(data, first);
    const wrong = data.findIndex((label, i) => label !== labels[first + i] || label < 0);
    if (wrong !== -1) {
      throw new EdjmError(
        'INVALID_DATA',
        `${name}: expected whole numbers from 0 up as labels, got ${data[wrong]} for sample ${first + wrong} (counted from 0).`,
      );
    }
    first += rows;
  }
  return labels;
}

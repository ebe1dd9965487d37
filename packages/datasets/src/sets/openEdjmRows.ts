import { type Dataset, EdjmError } from '@edjm/core';
import { sha256 } from '@edjm/files';
import { valuesPerSample } from '../formats/arrayHeader.ts';
import { openDataFile } from '../formats/dataFile.ts';
import { elementBytes } from '../formats/elementType.ts';
import type { StoredArray } from '../formats/storedArray.ts';
import { openArray } from '../reading/openArray.ts';
import { arrayDataset } from './arrayDataset.ts';
import { joinedDataset, type NamedDataset } from './joinedDataset.ts';

/**
 * Orders of the axes of stored rows: `'nd'`, samples × d_in, the rows of one output; `'nkd'`, samples × outputs × d_in; `'knd'`, outputs ×
 * samples × d_in. d_in may be several axes, such as those of an image.
 */
export const rowLayouts = ['nd', 'nkd', 'knd'] as const;

/** An order of the axes of stored rows; see {@link rowLayouts}. */
export type RowLayout = (typeof rowLayouts)[number];

/** Options of {@link openEdjmRows}. */
export interface EdjmRowsOptions {
  /** Defaults to `'nd'` for arrays of two axes; arrays of more axes need it. */
  readonly layout?: RowLayout | undefined;
  /** Arrays of an .npz archive, one an output. Defaults to its only array. */
  readonly arrays?: readonly string[] | undefined;
  /** Reads the rows of the first `limit` samples only. Defaults to all. */
  readonly limit?: number | undefined;
}

/** Rows of EDJMs in files. */
export interface EdjmRows {
  /** A sample consists of the rows of all outputs side by side, K × d_in; of one output, it is a row. */
  readonly dataset: Dataset;
  /** K. */
  readonly outputs: number;
  /** Shape of a row. */
  readonly rowShape: readonly number[];
  /** Of the stored numbers, as far as edjm computes with it. */
  readonly precision: 'float32' | 'float64';
}

/**
 * Opens rows of EDJMs that another program has computed, for `rowsNetwork` of `@edjm/core`: from one file of the formats of `openDataset`, or from
 * several, one an output. The numbers stay as they are stored. Nothing holds all of them.
 *
 * @throws EdjmError as `openDataset` does; `AMBIGUOUS` for an array of three or more axes without a layout; `INVALID_ARGUMENT` for several arrays
 * that hold the rows of several outputs each; `INVALID_DATA` for outputs whose rows differ in number or shape.
 *
 * @example
 * ```ts
 * import { analyze, rowsNetwork } from '@edjm/core';
 * import { openEdjmRows } from '@edjm/datasets';
 *
 * const { dataset, ...rows } = await openEdjmRows(['rows.npy'], { layout: 'nkd' });
 * const { outputs } = await analyze(rowsNetwork(rows), dataset);
 * console.log(outputs[0]?.singularValues);
 * ```
 */
export async function openEdjmRows(
  paths: readonly string[],
  options: EdjmRowsOptions = {},
): Promise<EdjmRows> {
  const { arrays, limit } = options;
  const [path = ''] = paths;
  if (paths.length === 0 || (paths.length > 1 && arrays !== undefined)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected one file of rows, or several without names of arrays, got ${paths.length} files. Give one .npz archive, or files of one array each.`,
    );
  }
  const stored =
    arrays === undefined
      ? await Promise.all(paths.map((one) => openArray(one, 'samples')))
      : await Promise.all(arrays.map((name) => openArray(path, 'samples', name)));
  const [first] = stored as [StoredArray];
  const layout = layoutOf(stored, options.layout);
  const parts = layout === 'knd' ? outputsOf(first) : stored;
  const named = parts.map((array, index): NamedDataset => {
    return {
      name: String(index),
      data: rowsOf(array, limit, layout === 'knd' ? shapeAt(first, 1) : undefined),
    };
  }) as [NamedDataset, ...NamedDataset[]];
  const [{ data }] = named;
  checkAlike(named.map((one) => one.data));
  const outputs = layout === 'nkd' ? shapeAt(first, 1) : parts.length;
  const rowShape = layout === 'nkd' ? data.sampleShape.slice(1) : data.sampleShape;
  let hash: Promise<string> | undefined;
  return {
    dataset: {
      ...joinedDataset(paths.join(', '), named),
      name: (arrays ?? paths).length > 1 ? `${first.name}, …` : first.name,
      sampleShape: outputs === 1 ? rowShape : [outputs, ...rowShape],
      sha256: () => (hash ??= hashOf(paths)),
    },
    outputs,
    rowShape,
    precision: stored.some(({ header }) => header.element.kind === 'f8') ? 'float64' : 'float32',
  };
}

async function hashOf(paths: readonly string[]): Promise<string> {
  return sha256(await Promise.all(paths.map(openDataFile)));
}

/** The rows as they are stored. */
function rowsOf(array: StoredArray, limit = Infinity, rows = shapeAt(array, 0)): Dataset {
  return arrayDataset(array, { scale: 1, limit: Math.min(limit, rows) });
}

function shapeAt({ header }: StoredArray, axis: number): number {
  return header.shape[axis] ?? 1;
}

function layoutOf(stored: readonly StoredArray[], asked: RowLayout | undefined): RowLayout {
  const [{ header, bytes }] = stored as [StoredArray];
  const { shape } = header;
  if (stored.length > 1) {
    if (asked === undefined || asked === 'nd') return 'nd';
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${bytes.location}: expected the rows of one output in each of several arrays, got the layout ${asked}. Leave it out, or give one array.`,
    );
  }
  const text = `(${shape.join(', ')})`;
  if (asked !== undefined) {
    if (asked === 'nd' || shape.length > 2) return asked;
    throw new EdjmError(
      'INVALID_DATA',
      `${bytes.location}: expected an axis of outputs for the layout ${asked}, got shape ${text}. Leave the layout out: these are the rows of one output.`,
    );
  }
  if (shape.length <= 2) return 'nd';
  const [first, second, ...rest] = shape;
  const row = rest.join(' × ');
  throw new EdjmError(
    'AMBIGUOUS',
    `${bytes.location}: expected to know which axis of shape ${text} counts outputs, got no layout. ` +
      `Choose knd for ${first} outputs of ${second} rows, nkd for ${second} outputs of ${first} rows of ${row} values each, or nd for ${first} rows of one output, by the option 'layout' (--layout LAYOUT).`,
  );
}

/** The parts of an array K × n × d, one an output. A part goes on to the end of the array: only its first n rows are read. */
function outputsOf(array: StoredArray): readonly StoredArray[] {
  // Checks the shape and the order of the axes.
  arrayDataset(array, {});
  const { header } = array;
  const [outputs = 1, n = 1, ...rowShape] = header.shape;
  const bytes = valuesPerSample(header) * elementBytes(header.element);
  return Array.from({ length: outputs }, (_, output) => ({
    ...array,
    header: {
      ...header,
      shape: [(outputs - output) * n, ...rowShape],
      start: header.start + output * bytes,
    },
  }));
}

/** Refuses outputs whose rows differ in number or shape. */
function checkAlike([first, ...others]: readonly Dataset[]): void {
  const odd = others.find(
    ({ n, sampleShape }) => n !== first?.n || sampleShape.join() !== first.sampleShape.join(),
  );
  if (first === undefined || odd === undefined) return;
  const [wanted, got] = [first, odd].map(
    ({ name, n, sampleShape }) => `${n} of shape (${sampleShape.join(', ')}) in ${name}`,
  );
  throw new EdjmError(
    'INVALID_DATA',
    `expected rows of the same number and shape for each output, got ${String(wanted)} and ${String(got)}. Write the rows of the same samples.`,
  );
}

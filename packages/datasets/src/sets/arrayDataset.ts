import { EdjmError, type Dataset, type DenseMatrix, type FloatArray } from '@edjm/core';
import { bytesPerRecord, valuesPerSample, type ArrayHeader } from '../formats/arrayHeader.ts';
import { decodeElements, exceedsFloat64 } from '../formats/elementType.ts';
import { openRows } from '../reading/rowReader.ts';
import type { StoredArray } from '../formats/storedArray.ts';
import { valueTransform, type TransformOptions, type ValueTransform } from '../reading/valueTransform.ts';

/** The most bytes that one batch may take, as stored or as numbers. */
const MAX_BATCH_BYTES = 2 ** 31 - 1;

/**
 * An array's samples as a data set: a batch is read, decoded and checked when it is asked for.
 *
 * @throws EdjmError `INVALID_DATA` for fewer than two axes, no rows or no values in a row; `UNSUPPORTED` for
 * column-major data that can be read neither in order nor at any position.
 */
export function arrayDataset(
  array: StoredArray,
  options: TransformOptions & { readonly limit?: number | undefined },
): Dataset {
  const { header, bytes } = array;
  checkShape(header, bytes.location);
  checkOrder(array);
  const transform = valueTransform(header.element, options);
  const all = header.shape[0] as number;
  const n = options.limit === undefined ? all : Math.min(all, positive(options.limit, 'limit'));
  let hash: Promise<string> | undefined;
  return {
    name: array.name,
    n,
    sampleShape: header.shape.slice(1),
    ...(transform.formula === undefined
      ? {}
      : { transform: transform.formula, inputScale: transform.scale / transform.std }),
    batches: (batchSize, { signal } = {}) =>
      readBatches(array, transform, { n, batchRows: Math.min(positive(batchSize, 'batchSize'), n), signal }),
    // Read once, however many networks are analyzed on it.
    sha256: () => (hash ??= array.sha256()),
  };
}

interface Reading {
  readonly n: number;
  readonly batchRows: number;
  readonly signal: AbortSignal | undefined;
}

/** Reads the first `n` samples, `batchRows` at a time, into one matrix that is filled again and again. */
export function readBatches(
  array: StoredArray,
  transform: ValueTransform,
  reading: Reading,
): AsyncIterable<DenseMatrix> {
  const { header, bytes } = array;
  const columns = valuesPerSample(header);
  const wide = header.element.kind === 'f8';
  const batchBytes = reading.batchRows * Math.max(bytesPerRecord(header), columns * (wide ? 8 : 4));
  if (batchBytes > MAX_BATCH_BYTES) {
    throw new EdjmError(
      'MEMORY_LIMIT',
      `${bytes.location}: expected batches of at most ${MAX_BATCH_BYTES} bytes, got ${reading.batchRows} samples ` +
        `of ${columns} values, ${batchBytes} bytes. Use a smaller batch size.`,
    );
  }
  return { [Symbol.asyncIterator]: () => generateBatches(array, transform, reading) };
}

async function* generateBatches(
  array: StoredArray,
  transform: ValueTransform,
  { n, batchRows, signal }: Reading,
): AsyncGenerator<DenseMatrix, undefined> {
  const { header, bytes } = array;
  const columns = valuesPerSample(header);
  throwIfAborted(signal, bytes.location);
  const rows = await openRows(header, bytes);
  try {
    const stored = new ArrayBuffer(batchRows * bytesPerRecord(header));
    const Values = header.element.kind === 'f8' ? Float64Array : Float32Array;
    const values = new Values(batchRows * columns);
    for (let first = 0; first < n; first += batchRows) {
      const count = Math.min(batchRows, n - first);
      await rows.next(new Uint8Array(stored), count);
      // Before the last batch goes out: a caller who counts samples asks for nothing after it.
      if (first + count === header.shape[0]) await rows.finish();
      throwIfAborted(signal, bytes.location);
      const data = values.subarray(0, count * columns);
      const numbers = decodeElements(header.element, stored, data.length);
      let bad = convert(numbers, data, transform);
      if (bad === -1 && exceedsFloat64(header.element)) bad = firstInexact(numbers);
      if (bad !== -1) {
        const row = Math.floor(bad / columns);
        const place = `row ${first + row}, column ${bad - row * columns}`;
        throw badNumber(bytes.location, numbers[bad], place);
      }
      yield { rows: count, columns, data };
    }
  } finally {
    await rows.close();
  }
}

/** Writes the transformed numbers; returns the index of the first one that is not finite, or -1. */
function convert(numbers: ArrayLike<number>, into: FloatArray, { scale, mean, std }: ValueTransform): number {
  for (let i = 0; i < into.length; i++) {
    into[i] = ((numbers[i] as number) * scale - mean) / std;
    if (!Number.isFinite(into[i])) return i;
  }
  return -1;
}

/** Index of the first whole number that float64 may have rounded, or -1. */
function firstInexact(numbers: ArrayLike<number>): number {
  for (let i = 0; i < numbers.length; i++) if (!Number.isSafeInteger(numbers[i])) return i;
  return -1;
}

function badNumber(name: string, got: number | undefined, place: string): EdjmError {
  return new EdjmError(
    'INVALID_DATA',
    `${name}: expected finite numbers, whole ones below 2^53, got ${got ?? 'none'} in ${place} (both counted from 0). ` +
      'Remove or repair that sample.',
  );
}

function checkShape(header: ArrayHeader, name: string): void {
  const shape = `(${header.shape.join(', ')})`;
  if (header.shape.length < 2) {
    throw new EdjmError(
      'INVALID_DATA',
      `${name}: expected an array with an axis of samples and at least one of values, got shape ${shape}. ` +
        'Save x[None] for one sample, x[:, None] for samples of one value.',
    );
  }
  if (header.shape.includes(0)) {
    throw new EdjmError(
      'INVALID_DATA',
      `${name}: expected at least one sample of at least one value, got shape ${shape}.`,
    );
  }
}

function checkOrder({ header, bytes }: StoredArray): void {
  if (!header.columnMajor || (header.shape.length === 2 && bytes.openRandom !== undefined)) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${bytes.location}: expected row-major (C) order, got column-major (Fortran) order, which is read only from plain ` +
      '.npy files with two axes. Save numpy.ascontiguousarray(x).',
  );
}

/** The value, if it is a whole number from 1 up. */
export function positive(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new EdjmError('INVALID_ARGUMENT', `expected a whole number from 1 up as ${name}, got ${value}.`);
}

function throwIfAborted(signal: AbortSignal | undefined, name: string): void {
  if (signal?.aborted !== true) return;
  throw new EdjmError('ABORTED', `${name}: reading was canceled.`, { cause: signal.reason });
}

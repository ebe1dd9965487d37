import type { DenseMatrix, FloatArray } from '@edjm/linalg';
import type { RawNetwork, UnitCotangents } from './rawNetwork.ts';

/** A run's share of a batch: `rows` samples from `start` on, filled up to `size`. */
export interface Share {
  readonly start: number;
  readonly rows: number;
  readonly size: number;
}

/** The number of samples in a run of a batch of n. */
export function runSize({ fixedRunSize, largestRun = Infinity }: RawNetwork, n: number): number {
  return fixedRunSize ?? Math.min(n, largestRun);
}

/** Splits a batch of n samples into runs: one if the batch is small, otherwise several, of which all but the last are full. */
export function sharesOf(raw: RawNetwork, n: number): readonly Share[] {
  const size = runSize(raw, n);
  if (raw.fixedRunSize === undefined && n <= size) {
    return [{ start: 0, rows: n, size: raw.runSize?.(n) ?? n }];
  }
  return Array.from({ length: Math.ceil(n / size) }, (_, index) => {
    const start = index * size;
    return { start, rows: Math.min(size, n - start), size };
  });
}

/** The number of values in a tensor. */
export function valueCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** An array of zeros in an engine's precision. */
export function zeros({ precision }: Pick<RawNetwork, 'precision'>, length: number): FloatArray {
  return precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
}

/** Numbers in an engine's precision: the array itself if it has that precision already. */
export function inPrecision({ precision }: Pick<RawNetwork, 'precision'>, data: FloatArray): FloatArray {
  if (data instanceof Float64Array === (precision === 'float64')) return data;
  return precision === 'float64' ? new Float64Array(data) : new Float32Array(data);
}

/**
 * How the rows of a run beyond its share are filled: with zeros, or with copies of the last row, at which the network is
 * known to be finite.
 */
type Filling = 'zeros' | 'last row';

/** A run's share of the rows of a matrix, in the engine's precision, filled up to the run's size. Copies only if it must. */
export function rowsOfRun(
  raw: RawNetwork,
  { columns, data }: DenseMatrix,
  { start, rows, size, filling = 'zeros' }: Share & { readonly filling?: Filling },
): FloatArray {
  const share = data.subarray(start * columns, (start + rows) * columns);
  if (rows === size) return inPrecision(raw, share);
  const filled = zeros(raw, size * columns);
  filled.set(share);
  if (filling === 'zeros') return filled;
  for (let row = rows; row < size; row++) {
    filled.copyWithin(row * columns, (rows - 1) * columns, rows * columns);
  }
  return filled;
}

/** The unit cotangents of a run. */
export function unitCotangents(
  raw: RawNetwork,
  outputs: readonly number[],
  { rows, size }: Share,
): UnitCotangents {
  const { dOut } = raw;
  const units = (wanted: readonly number[]): FloatArray => {
    const data = zeros(raw, wanted.length * size * dOut);
    wanted.forEach((output, place) => {
      for (let row = 0; row < rows; row++) data[(place * size + row) * dOut + output] = 1;
    });
    return data;
  };
  return {
    outputs,
    of: (place) => units(outputs.slice(place, place + 1)),
    all: () => units(outputs),
  };
}

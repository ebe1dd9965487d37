import type { DenseMatrix } from '@edjm/linalg';
import { asAborted, throwIfAborted } from '../run/cancellation.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';

/** Engines in float32 round larger numbers to infinity. */
const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** How a data set is read. */
export interface Reading {
  /** The network that the samples are for. */
  readonly network: DifferentiableNetwork;
  readonly batchSize: number;
  readonly signal: AbortSignal | undefined;
}

/** Samples in a row. */
export interface Batch {
  readonly samples: DenseMatrix;
  /** Index of the first one in the data set. */
  readonly first: number;
}

/**
 * Refuses a data set that declares no samples, samples of another width than the network's, or axes in another order.
 *
 * @throws EdjmError `INVALID_DATA`, `SHAPE_MISMATCH`.
 */
export function checkDataset(network: DifferentiableNetwork, data: Dataset): void {
  if (!Number.isSafeInteger(data.n) || data.n < 1) {
    throw new EdjmError(
      'INVALID_DATA',
      `${data.name}: expected at least one sample, got ${data.n}. Give data.`,
    );
  }
  const width = data.sampleShape.reduce((product, size) => product * size, 1);
  if (width !== network.sampleSize) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${data.name}: expected samples of ${network.sampleSize} values for ${network.name} (shape [${network.inputShape.join(', ')}]), ` +
        `got ${width} (shape [${data.sampleShape.join(', ')}]). ${
          data.n === network.sampleSize && data.sampleShape.length === 1
            ? 'If the samples are the columns of the array, save it transposed.'
            : 'Give data of that width.'
        }`,
    );
  }
  if (inAnotherOrder(data.sampleShape, network.inputShape)) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${data.name}: expected samples of shape [${network.inputShape.join(', ')}] for ${network.name}, got [${data.sampleShape.join(', ')}]: the same axes in another order. ` +
        'Transpose the data: channels come first in PyTorch and last in Keras. Flat samples are taken in the order of the network.',
    );
  }
}

/** Whether two shapes have the same sizes in another order; axes of one value make no difference. */
export function inAnotherOrder(a: readonly number[], b: readonly number[]): boolean {
  const [ours, theirs] = [a, b].map((shape) => shape.filter((size) => size > 1));
  const sorted = (shape: readonly number[] = []) => shape.toSorted((x, y) => x - y).join();
  return ours?.join() !== theirs?.join() && sorted(ours) === sorted(theirs);
}

/**
 * The batches of a data set, checked against its declaration: n samples in all, d_in values each, all of them finite.
 *
 * @throws EdjmError `INVALID_DATA` for too many or too few samples and for values that are not finite, `SHAPE_MISMATCH` for
 * another width,
 * `ABORTED`.
 */
export async function* checkedBatches(data: Dataset, reading: Reading): AsyncGenerator<Batch, undefined> {
  const { batchSize, signal } = reading;
  let first = 0;
  throwIfAborted(signal);
  try {
    for await (const samples of data.batches(batchSize, signal ? { signal } : {})) {
      throwIfAborted(signal);
      checkBatch(data, { samples, first }, reading);
      yield { samples, first };
      first += samples.rows;
      throwIfAborted(signal);
    }
  } catch (error) {
    throw asAborted(error, signal);
  }
  if (first < data.n) throw wrongCount(data, `only ${first}`);
}

function checkBatch(data: Dataset, { samples, first }: Batch, { network, batchSize }: Reading): void {
  const { rows, columns, data: values } = samples;
  if (columns !== network.sampleSize || values.length !== rows * columns) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${data.name}: expected batches of ${network.sampleSize} columns for ${network.name}, got ${rows} × ${columns} in an array of ${values.length}. Correct the data set.`,
    );
  }
  if (rows < 1 || rows > batchSize) {
    throw new EdjmError(
      'INVALID_DATA',
      `${data.name}: expected batches of 1 to ${batchSize} samples, got ${rows}. Correct the data set.`,
    );
  }
  if (first + rows > data.n) throw wrongCount(data, `${first + rows} or more`);
  const isFloat32 = network.precision === 'float32';
  const largest = isFloat32 ? LARGEST_FLOAT32 : Number.MAX_VALUE;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (Math.abs(value) <= largest) continue;
    const row = Math.floor(at / columns);
    const expected = isFloat32 && Number.isFinite(value) ? 'numbers within float32' : 'finite numbers';
    throw new EdjmError(
      'INVALID_DATA',
      `${data.name}: expected ${expected}, got ${value} in sample ${first + row}, value ${at - row * columns} (both counted from 0). Remove or repair that sample.`,
    );
  }
}

function wrongCount(data: Dataset, got: string): EdjmError {
  return new EdjmError(
    'INVALID_DATA',
    `${data.name}: expected ${data.n} samples, got ${got}. The data has changed since it was opened, or its n is wrong.`,
  );
}

import type { DenseMatrix } from '@edjm/linalg';
import { nextTask } from '../run/cancellation.ts';
import { arrangedDataset } from './arrangedDataset.ts';
import { checkDataset, checkedBatches } from './checkedBatches.ts';
import { checkRows } from './checkedResults.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { jacobianRows } from '../derivatives/derivedJacobian.ts';
import { EdjmError } from '../contracts/errors.ts';
import { columnFactors } from '../derivatives/inputScale.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { checkOutputs } from '../derivatives/outputs.ts';

/** How rows of several outputs or networks at once are read. */
export interface RowBatchOptions {
  /** Samples in one run of the engine. Defaults to what the networks prefer and the memory allows. */
  readonly batchSize?: number | undefined;
  /** Bytes that the pass may hold, over and above the loaded networks. Defaults to 2 GiB. */
  readonly maxMemory?: number | undefined;
  /**
   * The derivative of the input with respect to the raw data, one factor for all or one for each of the d_in values.
   * Defaults to 1.
   */
  readonly inputScale?: number | ArrayLike<number> | undefined;
  /** Cancels the pass between two batches. */
  readonly signal?: AbortSignal | undefined;
}

/** The outputs of a network whose rows are taken. */
export interface RowSource {
  readonly network: DifferentiableNetwork;
  readonly outputs: readonly number[];
}

/** The rows to read. */
export interface RowBatchRequest {
  readonly sources: readonly [RowSource, ...RowSource[]];
  readonly data: Dataset;
  /** Bytes that are held throughout, besides those of a batch. */
  readonly held: number;
}

/** Bytes that a run may hold, if no limit is given. */
export const DEFAULT_MEMORY: number = 2 ** 31;

/**
 * Checks a request, and gives the batches of one pass over the data: for each of the sources the EDJM rows of each of its
 * outputs.
 *
 * @throws EdjmError `SHAPE_MISMATCH`, `INVALID_ARGUMENT`, `MEMORY_LIMIT`; from the batches `INVALID_DATA`,
 * `SHAPE_MISMATCH`, `ABORTED`.
 */
export function rowBatches(
  request: RowBatchRequest,
  options: RowBatchOptions,
): AsyncGenerator<readonly (readonly DenseMatrix[])[], undefined> {
  const { sources } = request;
  const data = arrangedFor(request);
  for (const { network, outputs } of sources) {
    checkDataset(network, data);
    checkOutputs(network, outputs);
  }
  const factors = sources.map(({ network }) => columnFactors(network, options.inputScale));
  const batchSize = batchSizeOf(request, options);
  return batchesOf({ ...request, data }, { batchSize, factors, signal: options.signal });
}

/** The data in the order of the networks' inputs, which must be one for all of them. */
function arrangedFor({ sources, data }: RowBatchRequest): Dataset {
  const [first, ...others] = sources;
  const arranged = arrangedDataset(first.network, data);
  const namesIn = ({ parts = [] }: Dataset): string => JSON.stringify(parts.map(({ name }) => name));
  for (const { network } of others) {
    if (namesIn(arrangedDataset(network, data)) === namesIn(arranged)) continue;
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${data.name}: expected networks whose inputs come in one order, got another order in ${first.network.name} than in ${network.name}. Export them with the same order.`,
    );
  }
  return arranged;
}

interface Reading {
  readonly batchSize: number;
  /** For each of the sources. */
  readonly factors: readonly (ArrayLike<number> | undefined)[];
  readonly signal: AbortSignal | undefined;
}

async function* batchesOf(
  { sources, data }: RowBatchRequest,
  { batchSize, factors, signal }: Reading,
): AsyncGenerator<readonly (readonly DenseMatrix[])[], undefined> {
  const [{ network: first }] = sources;
  for await (const batch of checkedBatches(data, { network: first, batchSize, signal })) {
    const rows: (readonly DenseMatrix[])[] = [];
    for (const [index, { network, outputs }] of sources.entries()) {
      const blocks = await jacobianRows(network, batch.samples, outputs);
      checkRows(network, blocks, { batch, group: outputs });
      // Copied, since the next source may be the same network, which may overwrite what it gave.
      rows.push(blocks.map((block) => scaledCopy(block, factors[index])));
    }
    yield rows;
    await nextTask();
  }
}

/**
 * The largest of the preferred batch size and its halves that the memory has room for.
 *
 * @throws EdjmError `MEMORY_LIMIT`, `INVALID_ARGUMENT`.
 */
export function batchSizeOf({ sources, data, held }: RowBatchRequest, options: RowBatchOptions): number {
  const { maxMemory = DEFAULT_MEMORY } = options;
  if (!(maxMemory > 0)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a memory limit above 0 bytes, got ${maxMemory}. Give a number of bytes.`,
    );
  }
  const bytesOf = (batchSize: number): number =>
    held + sources.reduce((sum, source) => sum + batchBytes(source, batchSize), 0);
  let batchSize = preferredBatchSize(sources, data, options.batchSize);
  while (bytesOf(batchSize) > maxMemory && batchSize > 1 && options.batchSize === undefined) {
    batchSize = Math.floor(batchSize / 2);
  }
  if (bytesOf(batchSize) <= maxMemory) return batchSize;
  // Rounded apart, so that the amount named suffices and differs from the limit.
  throw new EdjmError(
    'MEMORY_LIMIT',
    `${sources[0].network.name}: expected at least ${Math.ceil(bytesOf(batchSize) / 1e6)} MB of working memory for batches of ${batchSize}, ` +
      `got ${Math.floor(maxMemory / 1e6)} MB. Raise the memory limit.`,
  );
}

function preferredBatchSize(
  sources: RowBatchRequest['sources'],
  { n }: Dataset,
  asked: number | undefined,
): number {
  if (asked === undefined) return Math.min(n, ...sources.map(({ network }) => network.preferredBatchSize));
  if (Number.isSafeInteger(asked) && asked >= 1) return Math.min(n, asked);
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected a batch size of 1 or more, got ${asked}. Give a whole number.`,
  );
}

/** The engine's workspace, its rows, and a copy of them in float64. */
function batchBytes({ network, outputs }: RowSource, batchSize: number): number {
  const rows = batchSize * outputs.length * network.dIn;
  return (
    network.workspaceBytes(batchSize, outputs.length, 'rows') + 2 * Float64Array.BYTES_PER_ELEMENT * rows
  );
}

/** A copy in float64, which the next call of the network does not overwrite. */
export function scaledCopy(
  { rows, columns, data }: DenseMatrix,
  factors: ArrayLike<number> | undefined,
): DenseMatrix {
  const copy = Float64Array.from(data);
  if (factors) {
    for (let at = 0; at < copy.length; at++) {
      copy[at] = (copy[at] as number) * (factors[at % columns] as number);
    }
  }
  return { rows, columns, data: copy };
}

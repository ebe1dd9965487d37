import type { DenseMatrix } from '@edjm/linalg';
import { nextTask, throwIfAborted } from '../run/cancellation.ts';
import { type Batch, checkedBatches } from './checkedBatches.ts';
import { checkRows } from './checkedResults.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { jacobianRows } from '../derivatives/derivedJacobian.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';

/** Rows of the EDJM that follow each other. */
export interface RowBlock {
  /** Index of the first one. */
  readonly first: number;
  /** The next step may overwrite it. */
  readonly block: DenseMatrix;
}

/** How the rows of an output are computed, again and again. */
export interface RowPassOptions {
  readonly output: number;
  readonly batchSize: number;
  /** Bytes of rows that are kept for the passes that follow. */
  readonly keepRows: number;
  readonly signal: AbortSignal | undefined;
  /** Called after each batch with its number of samples. */
  readonly onRows: (count: number) => void;
}

/**
 * Passes over the rows of one output, in order. Those that fit into `keepRows` are computed in the first pass alone.
 *
 * @returns a function that makes a pass in each call. It throws EdjmError `INVALID_DATA`, `SHAPE_MISMATCH`, `ABORTED`.
 */
export function rowPasses(
  network: DifferentiableNetwork,
  data: Dataset,
  options: RowPassOptions,
): () => AsyncGenerator<RowBlock, undefined> {
  const { output, batchSize, keepRows, signal, onRows } = options;
  /** By the index of the first row. */
  const kept = new Map<number, DenseMatrix>();
  let keptRows = 0;
  let bytes = 0;

  async function computed(batch: Batch): Promise<DenseMatrix> {
    const group = [output];
    const blocks = await jacobianRows(network, batch.samples, group);
    checkRows(network, blocks, { batch, group });
    const [block] = blocks as [DenseMatrix];
    if (bytes + block.data.byteLength <= keepRows) {
      kept.set(batch.first, { ...block, data: block.data.slice() });
      keptRows += block.rows;
      bytes += block.data.byteLength;
    }
    return block;
  }

  return async function* pass(): AsyncGenerator<RowBlock, undefined> {
    if (keptRows === data.n) {
      for (const [first, block] of kept) {
        throwIfAborted(signal);
        yield { first, block };
        onRows(block.rows);
        await nextTask();
      }
      return;
    }
    for await (const batch of checkedBatches(data, { network, batchSize, signal })) {
      yield { first: batch.first, block: kept.get(batch.first) ?? (await computed(batch)) };
      onRows(batch.samples.rows);
      await nextTask();
    }
  };
}

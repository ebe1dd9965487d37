import {
  dualAccumulator,
  frequentDirectionsAccumulator,
  gramAccumulator,
  tsqrAccumulator,
  type SpectrumAccumulator,
} from '@edjm/linalg';
import { nextTask } from '../run/cancellation.ts';
import { checkedBatches, type Batch } from '../rows/checkedBatches.ts';
import { checkGrams, checkRows } from '../rows/checkedResults.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { jacobianRows } from '../derivatives/derivedJacobian.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import type { Plan } from '../plan/plan.ts';

/** One pass over the data. */
export interface Pass {
  readonly plan: Plan;
  /** The outputs whose rows are taken. */
  readonly group: readonly number[];
  readonly signal: AbortSignal | undefined;
  /** Told after each batch how many samples it had. */
  readonly onRows: (count: number) => void;
}

/**
 * Reads the data once and gives for each output of the group an accumulator that has seen its EDJM.
 *
 * @throws EdjmError `INVALID_DATA` for data or gradients that are not finite, and for more or fewer samples than the
 * data set says; `SHAPE_MISMATCH`, `ABORTED`.
 */
export async function accumulate(
  network: DifferentiableNetwork,
  data: Dataset,
  pass: Pass,
): Promise<readonly SpectrumAccumulator[]> {
  const { plan, group, signal, onRows } = pass;
  const { accumulators, add } =
    plan.method === 'gram' ? gramSums(network, group) : rowSums(network, data, pass);
  for await (const batch of checkedBatches(data, { network, batchSize: plan.batchSize, signal })) {
    await add(batch);
    onRows(batch.samples.rows);
    await nextTask();
  }
  return accumulators;
}

interface Sums {
  readonly accumulators: readonly SpectrumAccumulator[];
  /** Adds the rows of a batch to each of them. */
  readonly add: (batch: Batch) => Promise<void>;
}

/** An accumulator for up to n rows of that width. */
export function emptyAccumulator(
  { method, directions }: Pick<Plan, 'method' | 'directions'>,
  columns: number,
  n: number,
): SpectrumAccumulator {
  switch (method) {
    case 'dual':
      return dualAccumulator(columns, n);
    case 'tsqr':
      return tsqrAccumulator(columns);
    case 'frequent-directions':
      return frequentDirectionsAccumulator(columns, { directions: directions ?? columns });
    case 'gram':
    case 'gram-of-rows':
    case 'krylov':
    case 'dual-blocks':
      return gramAccumulator(columns);
  }
}

/** From rows that come out of the engine. */
function rowSums(network: DifferentiableNetwork, data: Dataset, { plan, group }: Pass): Sums {
  const accumulators = group.map(() => emptyAccumulator(plan, network.dIn, data.n));
  return {
    accumulators,
    async add(batch) {
      const blocks = await jacobianRows(network, batch.samples, group);
      checkRows(network, blocks, { batch, group });
      blocks.forEach((block, index) => accumulators[index]?.add(block));
    },
  };
}

/** From Gram matrices that the engine forms. */
function gramSums(network: DifferentiableNetwork, group: readonly number[]): Sums {
  const accumulators = group.map(() => gramAccumulator(network.dIn));
  return {
    accumulators,
    async add(batch) {
      const grams = (await network.gram?.(batch.samples, group)) ?? [];
      checkGrams(network, grams, { batch, group });
      grams.forEach((blocks, index) => accumulators[index]?.addGram(blocks, batch.samples.rows));
    },
  };
}

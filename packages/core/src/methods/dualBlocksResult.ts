import {
  dualBlocks,
  type DenseMatrix,
  type DualBlocks,
  type FloatArray,
  type PlacedRows,
  type SpectrumSolver,
} from '@edjm/linalg';
import { nextTask } from '../run/cancellation.ts';
import { checkedBatches } from '../rows/checkedBatches.ts';
import { checkRows } from '../rows/checkedResults.ts';
import { jacobianRows } from '../derivatives/derivedJacobian.ts';
import type { KrylovRun } from './krylovResult.ts';
import { type OutputResult, withMetrics } from './outputResult.ts';

/** What the spectrum of an output is found from, some of its rows at a time. */
export interface DualBlocksRun extends KrylovRun {
  readonly solver: SpectrumSolver;
}

/**
 * The spectrum of an output's EDJM from J Jᵀ: some rows are held, all that follow are computed and multiplied with them, then the
 * next ones are held. With c such blocks every row is computed (c + 1) / 2 times, on average.
 */
export async function dualBlocksResult(output: number, run: DualBlocksRun): Promise<OutputResult> {
  const { target, data, plan, metrics, solver } = run;
  const squares = target.scale && Float64Array.from(target.scale, (factor) => factor * factor);
  // Rows are scaled on one side only, by the squares: a rounding each.
  const products = dualBlocks(data.n, target.network.dIn, { roundings: squares ? 2 : 0 });
  const size = Math.min(plan.blockSize ?? data.n, data.n);
  let held: HeldRows | undefined;
  for (let first = 0; first < data.n; first += size) {
    const end = Math.min(first + size, data.n);
    for await (const rows of rowsFrom(first, output, run)) {
      held ??= new HeldRows(rows.block, size);
      if (rows.first <= first) held.begin(first);
      addRows(products, { rows, held, end, squares });
      run.onRows(rows.block.rows);
      await nextTask();
    }
  }
  const spectrum = await products.finish({ largest: plan.values, solver });
  const { values } = plan;
  return withMetrics(output, spectrum, { values, n: data.n, dIn: target.dIn, metrics });
}

interface Products {
  readonly rows: PlacedRows;
  readonly held: HeldRows;
  /** Where the block that is held ends. */
  readonly end: number;
  /** Squares of the factors of the columns. */
  readonly squares: Float64Array | undefined;
}

/** Rows of the block are held, up to its end; all are multiplied with those held so far. */
function addRows(products: DualBlocks, { rows, held, end, squares }: Products): void {
  const split = Math.max(0, Math.min(rows.block.rows, end - rows.first));
  const inBlock = rowsBetween(rows, 0, split);
  const after = rowsBetween(rows, split, rows.block.rows);
  if (split > 0) held.append(inBlock.block);
  for (const part of [inBlock, after]) {
    if (part.block.rows === 0) continue;
    products.add({ ...part, block: scaled(part.block, squares) }, held.rows());
  }
}

/** Rows of an output from a certain one on; the batches before are read and left alone. */
async function* rowsFrom(
  first: number,
  output: number,
  run: KrylovRun,
): AsyncGenerator<PlacedRows, undefined> {
  const { network } = run.target;
  const group = [output];
  const reading = { network, batchSize: run.plan.batchSize, signal: run.signal };
  for await (const batch of checkedBatches(run.data, reading)) {
    if (batch.first + batch.samples.rows <= first) continue;
    const blocks = await jacobianRows(network, batch.samples, group);
    checkRows(network, blocks, { batch, group });
    const [block] = blocks as [DenseMatrix];
    yield rowsBetween({ first: batch.first, block }, Math.max(0, first - batch.first), block.rows);
  }
}

function rowsBetween({ first, block }: PlacedRows, from: number, to: number): PlacedRows {
  const { columns, data } = block;
  const part = { rows: to - from, columns, data: data.subarray(from * columns, to * columns) };
  return { first: first + from, block: part };
}

function scaled(block: DenseMatrix, squares: Float64Array | undefined): DenseMatrix {
  if (squares === undefined) return block;
  const { columns } = block;
  return {
    ...block,
    data: Float64Array.from(block.data, (value, at) => value * (squares[at % columns] as number)),
  };
}

/** The rows of a block, in one array that the next block takes over. */
class HeldRows {
  readonly #data: FloatArray;
  readonly #columns: number;
  #first = 0;
  #count = 0;

  /** @param like - rows of the same width, in the same kind of numbers. */
  constructor({ columns, data }: DenseMatrix, capacity: number) {
    const length = capacity * columns;
    this.#data = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
    this.#columns = columns;
  }

  begin(first: number): void {
    this.#first = first;
    this.#count = 0;
  }

  append({ data, rows }: DenseMatrix): void {
    this.#data.set(data, this.#count * this.#columns);
    this.#count += rows;
  }

  rows(): PlacedRows {
    const data = this.#data.subarray(0, this.#count * this.#columns);
    return { first: this.#first, block: { rows: this.#count, columns: this.#columns, data } };
  }
}

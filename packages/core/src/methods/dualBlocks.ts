import {
  accumulatorMemory,
  type DenseMatrix,
  type DualBlocks,
  dualBlocks as dualBlockProducts,
  type FloatArray,
  krylovBlockSize,
  krylovPasses,
  type PlacedRows,
  rowsBetween,
  scaledColumns,
} from '@edjm/linalg';
import type { FoundSpectrum, Job, MethodRun, SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { jacobianRows } from '../derivatives/derivedJacobian.ts';
import { checkedBatches } from '../rows/checkedBatches.ts';
import { checkRows } from '../rows/checkedResults.ts';
import { nextTask } from '../run/cancellation.ts';
import { eachOutput, singleOutputs } from './eachOutput.ts';
import { fewSamples, PANEL_DEPTH, productAccuracy } from './productAccuracy.ts';
import { blockSettings, halvings } from './settings.ts';

/** Forms J Jᵀ block by block: it holds some rows and computes all others again. */
export const dualBlocks: SpectrumMethod = {
  name: 'dual-blocks',
  description: 'products of the rows with each other (J Jᵀ), some rows at a time',
  use: 'no more samples than inputs, in rows that do not fit the memory',
  refusal,
  accuracy: (job) => productAccuracy(job, PANEL_DEPTH),
  settings(job) {
    const { n, values } = job;
    const most = mostPasses(job);
    const sizes = halvings(Math.ceil(n / 2)).filter((size) => passesOver(n, size) <= most);
    return blockSettings(job, sizes, { values, accuracy: productAccuracy(job, PANEL_DEPTH) });
  },
  /** J Jᵀ, the held rows, the scaled rows of a batch, and the products of both. */
  bytes({ network: { dIn: columns, precision }, n }, { blockSize = n, batchSize }) {
    const float64 = Float64Array.BYTES_PER_ELEMENT;
    const { finishing } = accumulatorMemory('dual', { rows: n, columns, block: 0 });
    const width = precision === 'float64' ? float64 : Float32Array.BYTES_PER_ELEMENT;
    const held = width * (blockSize + batchSize) * columns;
    const products = float64 * (n + 2 * batchSize * (blockSize + batchSize));
    return finishing + products + held + float64 * batchSize * columns;
  },
  passes: ({ n, outputs }, { blockSize = 1 }) => outputs.length * passesOver(n, blockSize),
  spectra: (run) => eachOutput(run, (output) => spectrumOf(output, run)),
};

function refusal(job: Job): string | undefined {
  const { network, narrowed } = job;
  const narrow = `rows of all inputs, got a network that depends on ${network.dIn} values of them`;
  return fewSamples(job) ?? singleOutputs(job) ?? (narrowed ? narrow : undefined);
}

/** If Krylov would compute fewer rows, it is the better method. */
function mostPasses({ network, n, needed, wantsAll, asked }: Job): number {
  if (wantsAll || asked) return Infinity;
  const size = { rows: n, columns: network.dIn, count: needed };
  return krylovPasses({ ...size, blockSize: krylovBlockSize({ ...size, bytes: Infinity }) });
}

/** How often each row is computed on average, if the method holds blocks of that size one after the other. */
function passesOver(n: number, blockSize: number): number {
  return (Math.ceil(n / blockSize) + 1) / 2;
}

/** With c blocks that are held one after the other, every row is computed (c + 1) / 2 times, on average. */
async function spectrumOf(
  output: number,
  run: MethodRun,
): Promise<Pick<FoundSpectrum, 'singularValues' | 'errorBounds'>> {
  const { target, data, plan, solver } = run;
  const squares = target.scale && Float64Array.from(target.scale, (factor) => factor * factor);
  // Only one side is scaled, by the squares, so that each value is rounded once.
  const products = dualBlockProducts(data.n, target.network.dIn, { roundings: squares ? 2 : 0 });
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
  return products.finish({ largest: plan.values, solver });
}

interface Products {
  readonly rows: PlacedRows;
  readonly held: HeldRows;
  /** The end of the held block. */
  readonly end: number;
  /** Squares of the factors of the columns. */
  readonly squares: Float64Array | undefined;
}

/** Rows of the block are held, up to its end; all are multiplied with those held so far. */
function addRows(products: DualBlocks, { rows, held, end, squares }: Products): void {
  const split = Math.max(0, Math.min(rows.block.rows, end - rows.first));
  const inBlock = placedBetween(rows, 0, split);
  const after = placedBetween(rows, split, rows.block.rows);
  if (split > 0) held.append(inBlock.block);
  for (const part of [inBlock, after]) {
    if (part.block.rows === 0) continue;
    products.add({ ...part, block: squares ? scaledColumns(part.block, squares) : part.block }, held.rows());
  }
}

/** Rows of an output from a certain one on; the batches before are read and left alone. */
async function* rowsFrom(
  first: number,
  output: number,
  run: MethodRun,
): AsyncGenerator<PlacedRows, undefined> {
  const { network } = run.target;
  const group = [output];
  const reading = { network, batchSize: run.plan.batchSize, signal: run.signal };
  for await (const batch of checkedBatches(run.data, reading)) {
    if (batch.first + batch.samples.rows <= first) continue;
    const blocks = await jacobianRows(network, batch.samples, group);
    checkRows(network, blocks, { batch, group });
    const [block] = blocks as [DenseMatrix];
    yield placedBetween({ first: batch.first, block }, Math.max(0, first - batch.first), block.rows);
  }
}

function placedBetween({ first, block }: PlacedRows, from: number, to: number): PlacedRows {
  return { first: first + from, block: rowsBetween(block, from, to) };
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

import { krylovBlockSize, krylovPasses } from '@edjm/linalg';
import type { Plan, PlanRequest } from './plan.ts';
import type { Goal } from './planGoal.ts';
import { methodTraits, type SpectrumMethod } from '../methods/spectrumMethod.ts';

/** Below this batch size an engine's products are thin: rather fewer outputs at once than fewer samples. */
const SMALL_BATCH = 32;

/** Sizes and settings that a plan may have. */
export type Candidate = Pick<Plan, 'values' | 'accuracy' | 'blockSize' | 'directions' | 'batchSize'> & {
  readonly groupSize: number;
};

/** A sketch has room for more directions than are wanted of it, so that these come out well. */
const DIRECTIONS_FOR_EACH = 2;

/** What a method may be set to, the preferred first. */
export function* candidates(
  {
    method,
    batchSizes,
    outputs,
  }: { readonly method: SpectrumMethod; readonly batchSizes: readonly number[]; readonly outputs: number },
  { network: { dIn }, n, method: wanted }: PlanRequest,
  goal: Goal,
): Generator<Candidate> {
  const { values, accuracy } = goal;
  const exact = (batchSize: number) => ({
    values,
    accuracy: methodTraits[method].accuracy(n, dIn, batchSize),
  });
  const widest = krylovBlockSize({ rows: n, columns: dIn, count: goal.needed, bytes: Infinity });
  if (method === 'krylov') {
    yield* withBlocks(halvings(widest), batchSizes, { values: goal.needed, accuracy, groupSize: 1 });
    return;
  }
  if (method === 'dual-blocks') {
    // Where Krylov would compute fewer rows, it is the better one.
    const krylov = krylovPasses({ rows: n, columns: dIn, count: goal.needed, blockSize: widest });
    const most = goal.wantsAll || wanted === method ? Infinity : krylov;
    const sizes = halvings(Math.ceil(n / 2)).filter((size) => blockPasses(n, size) <= most);
    yield* withBlocks(sizes, batchSizes, { ...exact(n), groupSize: 1 });
    return;
  }
  const sketch = method === 'frequent-directions' && {
    directions: directionsFor(Math.min(n, dIn), values),
  };
  for (const some of splitBySize(batchSizes)) {
    for (const groupSize of halvings(outputs)) {
      for (const batchSize of some) yield { ...exact(batchSize), ...sketch, batchSize, groupSize };
    }
  }
}

/** Narrower blocks before batches get small. */
function* withBlocks(
  blockSizes: readonly number[],
  batchSizes: readonly number[],
  settings: Omit<Candidate, 'blockSize' | 'batchSize'>,
): Generator<Candidate> {
  for (const some of splitBySize(batchSizes)) {
    for (const blockSize of blockSizes) {
      for (const batchSize of some) yield { ...settings, blockSize, batchSize };
    }
  }
}

function directionsFor(rank: number, values: number): number {
  const wanted = values < rank ? values : Math.ceil(rank / 10);
  return Math.min(rank, DIRECTIONS_FOR_EACH * wanted);
}

/** Batches that are large enough for an engine, then those that are not. */
function splitBySize(batchSizes: readonly number[]): readonly (readonly number[])[] {
  const isLarge = (batchSize: number): boolean => batchSize >= SMALL_BATCH;
  return [batchSizes.filter(isLarge), batchSizes.filter((batchSize) => !isLarge(batchSize))];
}

/** All rows of an output. */
export function rowBytes({ network: { dIn, precision }, n }: PlanRequest): number {
  return n * dIn * (precision === 'float32' ? Float32Array : Float64Array).BYTES_PER_ELEMENT;
}

/** How often each row is computed, on average, where blocks of that size are held one after the other. */
function blockPasses(n: number, blockSize: number): number {
  return (Math.ceil(n / blockSize) + 1) / 2;
}

/** Passes over the data; of `dual-blocks` as many as would compute as many rows. */
export function passesOf(
  { groups, method }: { readonly groups: number; readonly method: SpectrumMethod },
  { blockSize = 1, values }: Omit<Candidate, 'groupSize'>,
  { network, n }: PlanRequest,
): number {
  if (method === 'dual-blocks') return groups * blockPasses(n, blockSize);
  if (method !== 'krylov') return groups;
  return groups * krylovPasses({ rows: n, columns: network.dIn, count: values, blockSize });
}

/** Sizes of a batch, the largest first. */
export function batchesUpTo(largest: number): readonly number[] {
  return halvings(largest);
}

/** Halves of a number down to 1: 10, 5, 2, 1. */
function halvings(largest: number): number[] {
  const values: number[] = [];
  for (let value = largest; value >= 1; value = Math.floor(value / 2)) values.push(value);
  return values;
}

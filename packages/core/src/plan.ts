import { krylovBlockSize, krylovPasses } from '@edjm/linalg';
import { EdjmError } from './errors.ts';
import { peakBytes } from './memory.ts';
import type { Metric } from './metric.ts';
import type { DifferentiableNetwork } from './network.ts';
import { checkOutputs } from './outputs.ts';
import { methodTraits, suitableMethods, type SpectrumMethod } from './spectrumMethod.ts';

/** What a run will do, decided before it starts. */
export interface Plan {
  readonly method: SpectrumMethod;
  /** How many singular values of each output are computed, the largest. */
  readonly values: number;
  /**
   * A bound of their errors relative to the largest value, as far as it is known before: that of the method, for the rows
   * as the engine gives them.
   */
  readonly accuracy: number;
  /** Samples in one run of the engine. */
  readonly batchSize: number;
  /** The outputs in the order in which they were asked for, in parts that are computed in one pass over the data. */
  readonly groups: readonly (readonly number[])[];
  /** How often the data is read, about. */
  readonly passes: number;
  /** Spectra that are computed at once. */
  readonly threads: number;
  /** Of `krylov`: how many vectors the EDJM is multiplied by at once. Of `dual-blocks`: how many rows are held. */
  readonly blockSize?: number;
  /** Of `krylov`: bytes of rows that are kept from one pass to the next, instead of computed again. */
  readonly keptRows?: number;
  /** Of `frequent-directions`: how many rows the sketch has. */
  readonly directions?: number;
  /** Bytes of working memory at the peak, over and above the loaded network. */
  readonly bytes: number;
  /** Why it is so, one sentence each, for people. */
  readonly reasons: readonly string[];
}

/** What the plan depends on. */
export interface PlanRequest {
  readonly network: DifferentiableNetwork;
  /** Number of samples. */
  readonly n: number;
  /** Indices of the outputs, each once. */
  readonly outputs: readonly number[];
  /** Bytes that the run may hold, over and above the loaded network. */
  readonly maxMemory: number;
  /** Samples in one run of the engine. Defaults to what the network prefers and the memory allows. */
  readonly batchSize?: number;
  /** What is made of the spectra. Defaults to the singular values alone. */
  readonly metrics?: readonly Metric[];
  /** See {@link AnalyzeOptions.accuracy}. */
  readonly accuracy?: number;
  /** See {@link AnalyzeOptions.method}. */
  readonly method?: SpectrumMethod;
  /** See {@link AnalyzeOptions.values}. */
  readonly values?: number;
  /** See {@link AnalyzeOptions.stacked}. */
  readonly stacked?: boolean;
  /** Spectra that are computed at once. Defaults to 1. */
  readonly threads?: number;
  /** d_in, where the network is a function of fewer values that depend on these linearly. Defaults to its row size. */
  readonly inputSize?: number;
}

/** The error relative to the largest value that spectra have at most where nothing else is asked for. */
const DEFAULT_ACCURACY = 1e-4;

/** Below this batch size an engine's products are thin: rather fewer outputs at once than fewer samples. */
const SMALL_BATCH = 32;

/**
 * Chooses the method, the batch size and how many outputs are computed at once, so that the spectra are as accurate as is
 * asked for and the working memory stays within the limit: batches down to 32 samples for all outputs, then for fewer
 * outputs in a pass, then smaller batches, then another method. Krylov blocks get narrower before batches get small.
 *
 * With a lower limit a plan never takes more bytes, and the limit that it takes gives the same plan.
 *
 * @throws EdjmError `MEMORY_LIMIT` with what the smallest plan needs, where even that is above the limit;
 * `INVALID_ARGUMENT` for outputs that do not exist, for numbers out of their range, for an accuracy that no method has, and
 * for a method that cannot do what is asked.
 *
 * @example
 * ```ts
 * import { planRun, type DifferentiableNetwork } from '@edjm/core';
 *
 * export function memoryNeeded(network: DifferentiableNetwork, n: number): number {
 *   return planRun({ network, n, outputs: [0], maxMemory: Infinity }).bytes;
 * }
 * ```
 */
export function planRun(request: PlanRequest): Plan {
  checkRequest(request);
  const { network, n, outputs, maxMemory, batchSize } = request;
  const goal = goalOf(request);
  const narrowed = network.rowSize < (request.inputSize ?? network.rowSize);
  const batchSizes =
    batchSize === undefined ? halvings(Math.min(network.preferredBatchSize, n)) : [Math.min(batchSize, n)];
  const methods = suitableMethods({ network, n, narrowed, ...goal }, goal.accuracy, request.method);
  const run = {
    ...goal,
    network,
    n,
    threads: request.threads ?? 1,
    inputSize: request.inputSize ?? network.rowSize,
  };
  let smallest = Infinity;
  for (const method of methods) {
    for (const candidate of candidates({ method, batchSizes, outputs: outputs.length }, request, goal)) {
      const { groupSize, ...settings } = candidate;
      const bytes = peakBytes({ ...run, ...candidate, outputs: outputs.length, method });
      if (bytes <= maxMemory) {
        const groups = grouped(outputs, groupSize);
        const passedOver = methods.slice(0, methods.indexOf(method));
        const keptRows = method === 'krylov' ? Math.min(maxMemory - bytes, rowBytes(request)) : 0;
        return {
          method,
          ...settings,
          groups,
          passes: passesOf({ groups: groups.length, method }, settings, request),
          threads: Math.min(run.threads, groupSize),
          ...(keptRows > 0 && { keptRows }),
          bytes: bytes + keptRows,
          reasons: reasonsFor(request, { ...goal, method, passedOver }),
        };
      }
      smallest = Math.min(smallest, bytes);
    }
  }
  // Rounded apart, so that the amount named suffices and differs from the limit.
  throw new EdjmError(
    'MEMORY_LIMIT',
    `${network.name}: expected at least ${megabytes(Math.ceil(smallest / MEGABYTE))} of working memory for ${n} rows of ${network.rowSize} values, ` +
      `got ${megabytes(Math.floor(maxMemory / MEGABYTE))}. Raise the memory limit${goal.wantsAll ? ', or ask for the largest values alone' : ''}.`,
  );
}

/** Sizes and settings that a plan may have. */
type Candidate = Pick<Plan, 'values' | 'accuracy' | 'blockSize' | 'directions' | 'batchSize'> & {
  readonly groupSize: number;
};

/** A sketch has room for more directions than are wanted of it, so that these come out well. */
const DIRECTIONS_FOR_EACH = 2;

/** What a method may be set to, the preferred first. */
function* candidates(
  {
    method,
    batchSizes,
    outputs,
  }: { readonly method: SpectrumMethod; readonly batchSizes: readonly number[]; readonly outputs: number },
  { network: { rowSize }, n, method: wanted }: PlanRequest,
  goal: Goal,
): Generator<Candidate> {
  const { values, accuracy } = goal;
  const exact = { values, accuracy: methodTraits[method].accuracy(n, rowSize) };
  const widest = krylovBlockSize({ rows: n, columns: rowSize, count: goal.needed, bytes: Infinity });
  if (method === 'krylov') {
    yield* withBlocks(halvings(widest), batchSizes, { values: goal.needed, accuracy, groupSize: 1 });
    return;
  }
  if (method === 'dual-blocks') {
    // Where Krylov would compute fewer rows, it is the better one.
    const krylov = krylovPasses({ rows: n, columns: rowSize, count: goal.needed, blockSize: widest });
    const most = goal.wantsAll || wanted === method ? Infinity : krylov;
    const sizes = halvings(Math.ceil(n / 2)).filter((size) => blockPasses(n, size) <= most);
    yield* withBlocks(sizes, batchSizes, { ...exact, groupSize: 1 });
    return;
  }
  const sketch = method === 'frequent-directions' && {
    directions: directionsFor(Math.min(n, rowSize), values),
  };
  for (const some of splitBySize(batchSizes)) {
    for (const groupSize of halvings(outputs)) {
      for (const batchSize of some) yield { ...exact, ...sketch, batchSize, groupSize };
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
function rowBytes({ network: { rowSize, precision }, n }: PlanRequest): number {
  return n * rowSize * (precision === 'float32' ? Float32Array : Float64Array).BYTES_PER_ELEMENT;
}

/** How often each row is computed, on average, where blocks of that size are held one after the other. */
function blockPasses(n: number, blockSize: number): number {
  return (Math.ceil(n / blockSize) + 1) / 2;
}

/** Passes over the data; of `dual-blocks` as many as would compute as many rows. */
function passesOf(
  { groups, method }: { readonly groups: number; readonly method: SpectrumMethod },
  { blockSize = 1, values }: Omit<Candidate, 'groupSize'>,
  { network, n }: PlanRequest,
): number {
  if (method === 'dual-blocks') return groups * blockPasses(n, blockSize);
  if (method !== 'krylov') return groups;
  return groups * krylovPasses({ rows: n, columns: network.rowSize, count: values, blockSize });
}

/** What the request and its metrics come to. */
interface Goal {
  /** How many values are computed where all can be. */
  readonly values: number;
  /** How many values suffice. */
  readonly needed: number;
  readonly wantsAll: boolean;
  readonly wantsGram: boolean;
  readonly stacked: boolean;
  readonly accuracy: number;
  /** The metric that asks for the accuracy, if one does. */
  readonly accurateFor: string | undefined;
}

function goalOf({ network, n, metrics = [], values, stacked = false, ...request }: PlanRequest): Goal {
  const total = Math.min(n, request.inputSize ?? network.rowSize);
  const ofValues = metrics.filter(({ needs }) => needs.includes('singularValues'));
  const largest = Math.max(0, ...ofValues.map((metric) => metric.largest?.(total) ?? total));
  const short = ofValues.find((metric) => (metric.largest?.(total) ?? total) > (values ?? total));
  if (short !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `metric ${short.name}: expected at least ${short.largest?.(total) ?? total} of the ${total} singular values, got ${values ?? 0}. Compute more of them, or leave the metric out.`,
    );
  }
  const wanted = request.accuracy ?? DEFAULT_ACCURACY;
  const strictest = metrics.reduce<Metric | undefined>(
    (strict, metric) => ((metric.accuracy ?? wanted) < (strict?.accuracy ?? wanted) ? metric : strict),
    undefined,
  );
  return {
    values: Math.min(values ?? total, total),
    needed: Math.min(values ?? (largest || total), total),
    wantsAll: values === undefined && (largest === 0 || largest === total),
    wantsGram: metrics.some(({ needs }) => needs.includes('gram')),
    stacked,
    accuracy: strictest?.accuracy ?? wanted,
    accurateFor: strictest?.name,
  };
}

function reasonsFor(
  { network, n, inputSize = network.rowSize, method: wanted }: PlanRequest,
  choice: Goal & { readonly method: SpectrumMethod; readonly passedOver: readonly SpectrumMethod[] },
): string[] {
  const { method, accuracy, accurateFor, passedOver } = choice;
  const { rowSize } = network;
  const reasons = [`${method}: ${methodTraits[method].what}`];
  if (rowSize < inputSize) {
    reasons.push(
      `the network depends on its ${inputSize} inputs through ${rowSize} values that are linear in them: rows have that width, and at most ${rowSize} singular values are not zero`,
    );
  }
  if (wanted !== undefined) reasons.push('the method was asked for');
  else if (method === 'dual') reasons.push(`there are no more samples (${n}) than columns (${rowSize})`);
  if (wanted === undefined && method === 'tsqr') {
    const who = accurateFor === undefined ? '' : ` by ${accurateFor}`;
    reasons.push(`an accuracy of ${accuracy} is asked for${who}, which products of rows do not have`);
  }
  if (passedOver.length > 0)
    reasons.push(
      `what comes first does not fit the memory, or would compute more rows: ${passedOver.join(', ')}`,
    );
  if (network.precision === 'float32') {
    reasons.push(
      'the engine computes rows in float32, about 1e-7 of their size; error bounds are for these rows',
    );
  }
  return reasons;
}

/** Halves of a number down to 1: 10, 5, 2, 1. */
function halvings(largest: number): number[] {
  const values: number[] = [];
  for (let value = largest; value >= 1; value = Math.floor(value / 2)) values.push(value);
  return values;
}

function grouped(outputs: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(outputs.length / size) }, (_, index) =>
    outputs.slice(index * size, (index + 1) * size),
  );
}

const MEGABYTE = 1e6;

function megabytes(count: number): string {
  return `${count} MB`;
}

function checkRequest({ network, n, outputs, maxMemory, batchSize, values, accuracy }: PlanRequest): void {
  checkOutputs(network, outputs);
  checkCount(n, 'number of samples');
  if (batchSize !== undefined) checkCount(batchSize, 'batch size');
  if (values !== undefined) checkCount(values, 'number of singular values');
  if (!(maxMemory > 0)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a memory limit above 0 bytes, got ${maxMemory}. Give a number of bytes.`,
    );
  }
  if (accuracy !== undefined && !(accuracy > 0 && accuracy < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected an accuracy between 0 and 1, got ${accuracy}. Give an error relative to the largest singular value, such as 1e-6.`,
    );
  }
}

function checkCount(value: number, what: string): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected a ${what} of 1 or more, got ${value}. Give a whole number.`,
  );
}

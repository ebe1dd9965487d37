import { EdjmError } from './errors.ts';
import { peakBytes } from './memory.ts';
import type { Need } from './metric.ts';
import type { DifferentiableNetwork } from './network.ts';
import { checkOutputs } from './outputs.ts';
import { spectrumMethods, type SpectrumMethod } from './spectrumMethod.ts';

/** What a run will do, decided before it starts. */
export interface Plan {
  readonly method: SpectrumMethod;
  /** Samples in one run of the engine. */
  readonly batchSize: number;
  /** The outputs in the order in which they were asked for, in parts that are computed in one pass over the data. */
  readonly groups: readonly (readonly number[])[];
  /** Bytes of working memory at the peak, over and above the loaded network. */
  readonly bytes: number;
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
  /** What the metrics ask for. Defaults to the singular values alone. */
  readonly needs?: readonly Need[];
}

/** Below this batch size an engine's products are thin: rather fewer outputs at once than fewer samples. */
const SMALL_BATCH = 32;

/**
 * Chooses the method, the batch size and how many outputs are computed at once, so that the working memory stays within
 * the limit: batches down to 32 samples for all outputs, then for fewer outputs in a pass, then smaller batches.
 *
 * With a lower limit a plan never takes more bytes, and the limit that it takes gives the same plan.
 *
 * @throws EdjmError `MEMORY_LIMIT` with what the smallest plan needs, where even that is above the limit;
 * `INVALID_ARGUMENT` for outputs that do not exist and for numbers out of their range.
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
  const { network, n, outputs, maxMemory, batchSize, needs = ['singularValues'] } = request;
  const batchSizes =
    batchSize === undefined ? halvings(Math.min(network.preferredBatchSize, n)) : [Math.min(batchSize, n)];
  let smallest = Infinity;
  for (const method of spectrumMethods(network, n)) {
    for (const size of candidates(batchSizes, outputs.length)) {
      const bytes = peakBytes({ network, n, outputs: outputs.length, ...size, method, needs });
      if (bytes <= maxMemory) {
        return { method, batchSize: size.batchSize, groups: grouped(outputs, size.groupSize), bytes };
      }
      smallest = Math.min(smallest, bytes);
    }
  }
  // Rounded apart, so that the amount named suffices and differs from the limit.
  throw new EdjmError(
    'MEMORY_LIMIT',
    `${network.name}: expected at least ${megabytes(Math.ceil(smallest / MEGABYTE))} of working memory for ${n} rows of ${network.rowSize} values, ` +
      `got ${megabytes(Math.floor(maxMemory / MEGABYTE))}. Raise the memory limit.`,
  );
}

/** Sizes of a pass over the data, the preferred one first. */
function* candidates(
  batchSizes: readonly number[],
  outputs: number,
): Generator<{ readonly batchSize: number; readonly groupSize: number }> {
  const large = batchSizes.filter((batchSize) => batchSize >= SMALL_BATCH);
  const small = batchSizes.filter((batchSize) => batchSize < SMALL_BATCH);
  for (const sizes of [large, small]) {
    for (const groupSize of halvings(outputs)) {
      for (const batchSize of sizes) yield { batchSize, groupSize };
    }
  }
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

function checkRequest({ network, n, outputs, maxMemory, batchSize }: PlanRequest): void {
  checkOutputs(network, outputs);
  checkCount(n, 'number of samples');
  if (batchSize !== undefined) checkCount(batchSize, 'batch size');
  if (!(maxMemory > 0)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a memory limit above 0 bytes, got ${maxMemory}. Give a number of bytes.`,
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

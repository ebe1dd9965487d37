import { EdjmError } from '../contracts/errors.ts';
import { peakBytes } from './memory.ts';
import type { Metric } from '../contracts/metric.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { checkOutputs } from '../derivatives/outputs.ts';
import { batchesUpTo, candidates, passesOf, rowBytes } from './planCandidates.ts';
import { goalOf } from './planGoal.ts';
import { reasonsFor } from './planReasons.ts';
import { suitableMethods, type SpectrumMethod } from '../methods/spectrumMethod.ts';

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
  readonly dIn?: number;
}

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
  const batchSizes =
    batchSize === undefined ? batchesUpTo(Math.min(network.preferredBatchSize, n)) : [Math.min(batchSize, n)];
  const methods = suitableMethods({ network, n, ...goal }, request.method);
  const run = {
    ...goal,
    network,
    n,
    threads: request.threads ?? 1,
    dIn: request.dIn ?? network.dIn,
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
    `${network.name}: expected at least ${megabytes(Math.ceil(smallest / MEGABYTE))} of working memory for ${n} rows of ${network.dIn} values, ` +
      `got ${megabytes(Math.floor(maxMemory / MEGABYTE))}. Raise the memory limit${goal.wantsAll ? ', or ask for the largest values alone' : ''}.`,
  );
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

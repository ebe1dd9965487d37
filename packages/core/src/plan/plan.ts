import { EdjmError } from '../contracts/errors.ts';
import type { Plan, Settings } from '../contracts/plan.ts';
import type { Job, SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { DEFAULT_MEMORY } from '../rows/rowBatches.ts';
import { jobOf } from './job.ts';
import { peakBytes } from './memory.ts';
import type { PlanRequest } from './planRequest.ts';
import { bestAccuracy, suitableMethods } from './suitableMethods.ts';

/** A plan with the method that it chose. */
export interface PlannedMethod {
  readonly method: SpectrumMethod;
  readonly plan: Plan;
}

/**
 * Chooses the method, the batch size and how many outputs are computed at once, so that the spectra are as accurate as is
 * asked for and the working memory stays within the limit: batches down to 32 samples for all outputs, then for fewer
 * outputs in a pass, then smaller batches, then another method. Krylov blocks get narrower before batches get small.
 *
 * A lower limit never makes a plan take more bytes. A limit of exactly the bytes of a plan gives the same plan.
 *
 * @throws EdjmError `MEMORY_LIMIT` with the need of the smallest plan, if even that is above the limit;
 * `INVALID_ARGUMENT` for outputs and methods that do not exist, for numbers out of their range, for an accuracy that no method
 * has, and for a method that cannot do the job.
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
  return planMethod(request).plan;
}

/** As {@link planRun}, with the method itself. */
export function planMethod(request: PlanRequest): PlannedMethod {
  const { maxMemory = DEFAULT_MEMORY } = request;
  const job = jobOf(request);
  const methods = suitableMethods(job, request);
  let smallest = Infinity;
  for (const method of methods) {
    for (const settings of method.settings(job)) {
      const bytes = peakBytes(method, job, settings);
      if (bytes <= maxMemory) {
        const passedOver = methods.slice(0, methods.indexOf(method));
        const keptRows = Math.min(maxMemory - bytes, method.worthKeeping?.(job) ?? 0);
        const reasons = reasonsFor(method, job, passedOver);
        return {
          method,
          plan: {
            ...planned(method, job, settings),
            keptRows: keptRows || undefined,
            bytes: bytes + keptRows,
            reasons,
          },
        };
      }
      smallest = Math.min(smallest, bytes);
    }
  }
  throw tooLittle(job, smallest, maxMemory);
}

function planned(
  method: SpectrumMethod,
  job: Job,
  settings: Settings,
): Omit<Plan, 'keptRows' | 'bytes' | 'reasons'> {
  const { groupSize, ...rest } = settings;
  const count = Math.ceil(job.outputs.length / groupSize);
  return {
    method: method.name,
    ...rest,
    groups: Array.from({ length: count }, (_, index) =>
      job.outputs.slice(index * groupSize, (index + 1) * groupSize),
    ),
    passes: method.passes(job, settings),
    threads: Math.min(job.threads, groupSize),
    parts: job.parts,
  };
}

/** The reasons for the method of a plan, one sentence each, for people. */
function reasonsFor(method: SpectrumMethod, job: Job, passedOver: readonly SpectrumMethod[]): string[] {
  const { network, dIn, narrowed, accuracy, accurateFor, asked } = job;
  const width = network.dIn;
  const own = asked ? 'the method was asked for' : method.reason?.(job);
  return [
    `${method.name}: ${method.description}`,
    ...(narrowed
      ? [
          `the network depends on its ${dIn} inputs through ${width} values that are linear in them: rows have that width, and at most ${width} singular values are not zero`,
        ]
      : []),
    ...(bestAccuracy(method, job) > accuracy && accurateFor !== undefined
      ? [`${accurateFor} asks for an accuracy of ${accuracy}, which it does not have`]
      : []),
    ...(own === undefined ? [] : [own]),
    ...(passedOver.length > 0
      ? [
          `preferred methods do not fit the memory, or would compute more rows: ${passedOver.map(({ name }) => name).join(', ')}`,
        ]
      : []),
    ...(network.precision === 'float32'
      ? ['the engine computes rows in float32, about 1e-7 of their size; error bounds are for these rows']
      : []),
  ];
}

const MEGABYTE = 1e6;

function tooLittle({ network, n, wantsAll }: Job, needed: number, limit: number): EdjmError {
  // Rounded apart, so that the amount named suffices and differs from the limit.
  return new EdjmError(
    'MEMORY_LIMIT',
    `${network.name}: expected at least ${Math.ceil(needed / MEGABYTE)} MB of working memory for ${n} rows of ${network.dIn} values, ` +
      `got ${Math.floor(limit / MEGABYTE)} MB. Raise the memory limit${wantsAll ? ', or ask for the largest values alone' : ''}.`,
  );
}

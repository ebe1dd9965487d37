import { EdjmError } from '../contracts/errors.ts';
import type { Job, SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { spectrumMethods } from '../methods/index.ts';
import type { PlanRequest } from './planRequest.ts';

/**
 * The methods that can do the job as accurately as it asks, best first. A method that the request names need not meet the
 * accuracy of the metrics.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if there is no such method, it cannot do the job, or none is so accurate.
 */
export function suitableMethods(
  job: Job,
  { method: name, methods = spectrumMethods }: Pick<PlanRequest, 'method' | 'methods'>,
): readonly SpectrumMethod[] {
  if (name === undefined) return accurateMethods(job, methods);
  const wanted = methods.find((method) => method.name === name);
  if (wanted !== undefined) {
    checkWanted(wanted, job);
    return [wanted];
  }
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected a method among ${methods.map((method) => method.name).join(', ')}, got "${name}". Take one of these, or none for the best.`,
  );
}

/** The accuracy of a method with as many samples in a batch as the network prefers. */
export function bestAccuracy(method: SpectrumMethod, job: Job): number {
  return method.accuracy(job, Math.min(job.n, job.network.preferredBatchSize));
}

function refusalOf(method: SpectrumMethod, job: Job): string | undefined {
  if (method.onlyLargest === true && job.wantsAll) {
    return 'a number of largest values, or metrics that read these alone, got all values';
  }
  return method.refusal(job);
}

function checkWanted(wanted: SpectrumMethod, job: Job): void {
  const { network, n, askedAccuracy } = job;
  const name = `${network.name}: method ${wanted.name}`;
  const expected = refusalOf(wanted, job);
  if (expected !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name} expected ${expected}. Take another method, or none for the best.`,
    );
  }
  if (askedAccuracy === undefined) return;
  const exact = bestAccuracy(wanted, job);
  if (exact >= 1) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name} expected no accuracy, because its errors are known at the end alone, got ${askedAccuracy}. Leave the accuracy out, or take another method.`,
    );
  }
  if (exact > askedAccuracy) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name} expected an accuracy of ${exact.toExponential(1)} or more for ${n} × ${network.dIn} rows, got ${askedAccuracy}. Take another method, or none for the best.`,
    );
  }
}

function accurateMethods(job: Job, methods: readonly SpectrumMethod[]): readonly SpectrumMethod[] {
  const { network, n, accuracy, askedAccuracy } = job;
  const possible = methods.filter(
    (method) => (method.offers?.(job) ?? true) && refusalOf(method, job) === undefined,
  );
  const exact = (method: SpectrumMethod): number => bestAccuracy(method, job);
  const accurate = possible.filter((method) => exact(method) <= accuracy);
  if (accurate.length > 0) return accurate;
  const best = Math.min(...possible.map(exact));
  if (best <= (askedAccuracy ?? Infinity)) return possible.filter((method) => exact(method) === best);
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${network.name}: expected an accuracy of ${best.toExponential(1)} or more for ${n} × ${network.dIn} rows, got ${askedAccuracy}. Float64 has no more digits.`,
  );
}

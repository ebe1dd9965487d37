import { EdjmError } from '../contracts/errors.ts';
import type { Metric } from '../contracts/metric.ts';
import { isSpectrumMetric } from '../contracts/networkMetric.ts';
import type { Job } from '../contracts/spectrumMethod.ts';
import { allOutputs, checkOutputs } from '../derivatives/outputs.ts';
import { halvings } from '../methods/settings.ts';
import type { PlanRequest } from './planRequest.ts';

/** The largest error of spectra, relative to the largest value, if nothing else is asked for. */
const DEFAULT_ACCURACY = 1e-4;

/**
 * The demands of the request and its metrics, with all defaults.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for outputs that do not exist, for numbers out of their range, and for a metric that reads
 * more values than are to be computed.
 */
export function jobOf(request: PlanRequest): Job {
  const { network, n, dIn = network.dIn, outputs = allOutputs(network), values } = request;
  const metrics = (request.metrics ?? []).filter(isSpectrumMetric);
  checkOutputs(network, outputs);
  checkNumbers(request);
  const total = Math.min(n, dIn);
  const parts = partsOf(request);
  const needed = neededValues(metrics, total, values);
  const wanted = request.accuracy ?? DEFAULT_ACCURACY;
  const strictest = metrics.reduce<Metric | undefined>(
    (strict, metric) => ((metric.accuracy ?? wanted) < (strict?.accuracy ?? wanted) ? metric : strict),
    undefined,
  );
  return {
    network,
    n,
    dIn,
    narrowed: network.dIn < dIn,
    outputs,
    stacked: request.stacked ?? false,
    values: Math.min(values ?? total, total),
    needed: Math.min(values ?? (needed || total), total),
    wantsAll: values === undefined && (needed === 0 || needed === total),
    wantsGram: metrics.some(({ needs }) => needs.includes('gram') || needs.includes('rightSingularVectors')),
    accuracy: strictest?.accuracy ?? wanted,
    askedAccuracy: request.accuracy,
    accurateFor: strictest?.name,
    asked: request.method !== undefined,
    batchSizes:
      request.batchSize === undefined
        ? halvings(Math.min(network.preferredBatchSize, Math.ceil(n / Math.min(parts, FEW_PARTS))))
        : [Math.min(request.batchSize, n)],
    threads: request.threads ?? 1,
    parts,
  };
}

/** The most groups of samples, and the fewest that an interval is made of if there are as many samples. */
const MOST_PARTS = 50;
const FEW_PARTS = 20;

/** How many groups of samples are kept apart. */
function partsOf({ confidence, n }: PlanRequest): number {
  if (confidence === undefined) return 1;
  if (!(confidence > 0 && confidence < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a confidence between 0 and 1, got ${confidence}. Give a probability, such as 0.95.`,
    );
  }
  if (n >= 2) return Math.min(MOST_PARTS, n);
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected 2 or more samples for an interval, got ${n}. Give more data, or leave the confidence out.`,
  );
}

/** How many of the `total` singular values the metrics read. */
function neededValues(metrics: readonly Metric[], total: number, computed = total): number {
  const counts = metrics
    .filter(({ needs }) => needs.includes('singularValues') || needs.includes('rightSingularVectors'))
    .map((metric) => ({ name: metric.name, count: metric.largest?.(total) ?? total }));
  const short = counts.find(({ count }) => count > computed);
  if (short === undefined) return Math.max(0, ...counts.map(({ count }) => count));
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `metric ${short.name}: expected at least ${short.count} of the ${total} singular values, got ${computed}. Compute more of them, or leave the metric out.`,
  );
}

function checkNumbers({ n, maxMemory, batchSize, values, accuracy }: PlanRequest): void {
  checkCount(n, 'number of samples');
  checkCount(batchSize, 'batch size');
  checkCount(values, 'number of singular values');
  if (maxMemory !== undefined && !(maxMemory > 0)) {
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

function checkCount(value: number | undefined, what: string): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected a ${what} of 1 or more, got ${value}. Give a whole number.`,
  );
}

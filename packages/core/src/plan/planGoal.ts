import { EdjmError } from '../contracts/errors.ts';
import type { Metric } from '../contracts/metric.ts';
import type { PlanRequest } from './plan.ts';

/** The error relative to the largest value that spectra have at most where nothing else is asked for. */
const DEFAULT_ACCURACY = 1e-4;

/** What the request and its metrics come to. */
export interface Goal {
  /** How many values are computed where all can be. */
  readonly values: number;
  /** How many values suffice. */
  readonly needed: number;
  readonly wantsAll: boolean;
  readonly wantsGram: boolean;
  readonly stacked: boolean;
  /** Whether the network is a function of fewer values than its input. */
  readonly narrowed: boolean;
  readonly accuracy: number;
  /** What the request itself names, without its metrics. */
  readonly askedAccuracy: number | undefined;
  /** The metric that asks for the accuracy, if one does. */
  readonly accurateFor: string | undefined;
}

/**
 * What is asked for, by the request or by one of its metrics.
 *
 * @throws EdjmError `INVALID_ARGUMENT` where a metric reads more values than are to be computed.
 */
export function goalOf({ network, n, metrics = [], values, stacked = false, ...request }: PlanRequest): Goal {
  const total = Math.min(n, request.dIn ?? network.dIn);
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
    narrowed: network.dIn < (request.dIn ?? network.dIn),
    askedAccuracy: request.accuracy,
    accuracy: strictest?.accuracy ?? wanted,
    accurateFor: strictest?.name,
  };
}

import type { DenseMatrix } from '@edjm/linalg';
import type { Metric, MetricReading } from './metric.ts';
import type { ActivationPatterns, DifferentiableNetwork } from './network.ts';

/** The quantities of one batch that a metric of a whole network may read, in float64. They are the metric's own: it may keep them. */
export interface BatchQuantities {
  /** n_b × sampleSize. */
  readonly samples: DenseMatrix;
  /** The values of the network, n_b × d_out. */
  readonly outputs: DenseMatrix;
  /** For each of the analyzed outputs k the n_b × d_in matrix whose row i is ∂f_k(x_i)/∂x. */
  readonly rows: readonly DenseMatrix[];
  /** The linear piece that every unit is on, for every sample. */
  readonly activationPatterns: ActivationPatterns;
}

/** The quantities of a network that do not come a batch at a time. */
export interface NetworkQuantities {
  /** The network itself, to be run at points of the metric's own choosing. Do not dispose of it. */
  readonly network: DifferentiableNetwork;
}

/** The quantities that a metric of a whole network may need. */
export type NetworkNeed = keyof BatchQuantities | keyof NetworkQuantities;

/** The origin of the quantities. */
export interface NetworkMetricContext {
  /** Number of samples. */
  readonly n: number;
  /** d_in: the length of a row. */
  readonly dIn: number;
  /** Indices of the analyzed outputs, in the order of `rows`. */
  readonly outputs: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** What a metric has seen of a data set so far. */
export interface Observation<N extends NetworkNeed = NetworkNeed> {
  /** Reads the next batch. A metric that needs no batches gets none. */
  add?(batch: Pick<BatchQuantities, N & keyof BatchQuantities>): void;
  /** A finite number, or one for each of the analyzed outputs. It is asked for once, after the last batch. */
  value(): number | readonly number[] | Promise<number | readonly number[]>;
}

/**
 * One number made of a whole network on a data set, from a stream of batches or from the network itself: nothing has to hold all rows.
 *
 * @example
 * ```ts
 * import type { NetworkMetric } from '@edjm/core';
 *
 * // The largest output in absolute value.
 * export const largestOutput: NetworkMetric<'outputs'> = {
 *   name: 'largest-output',
 *   description: 'largest output in absolute value',
 *   needs: ['outputs'],
 *   observe: () => {
 *     let largest = 0;
 *     return {
 *       add: ({ outputs }) => {
 *         for (const value of outputs.data) largest = Math.max(largest, Math.abs(value));
 *       },
 *       value: () => largest,
 *     };
 *   },
 * };
 * ```
 */
export interface NetworkMetric<N extends NetworkNeed = NetworkNeed> {
  /** Kebab case and unique in a report. */
  readonly name: string;
  /** One line for tables and `--help`. */
  readonly description: string;
  /** How its value is read. Defaults to none. */
  readonly reading?: MetricReading | undefined;
  /** The quantities that it reads. */
  readonly needs: readonly N[];
  /** The options that the value depends on, for the report. */
  readonly options?: Metric['options'];
  /** Begins a pass over the data. The same data gives the same value. */
  observe(
    quantities: Pick<NetworkQuantities, N & keyof NetworkQuantities>,
    context: NetworkMetricContext,
  ): Observation<N>;
}

/** A metric of either kind. */
export type AnyMetric = Metric | NetworkMetric;

/** Whether a metric is one of a whole network. */
export function isNetworkMetric(metric: AnyMetric): metric is NetworkMetric {
  return 'observe' in metric;
}

/** Whether a metric is one of an output's spectrum. */
export function isSpectrumMetric(metric: AnyMetric): metric is Metric {
  return !isNetworkMetric(metric);
}

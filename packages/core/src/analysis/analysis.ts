import type { Head } from '../contracts/head.ts';
import type { Metric, MetricReading } from '../contracts/metric.ts';
import type { Interval } from '../evidence/jackknife.ts';
import type { OutputKind, Step } from '../contracts/network.ts';
import type { Plan } from '../contracts/plan.ts';
import type { NearKinks } from './nearKinks.ts';

/** The values of a metric. */
export interface MetricResult {
  /** The mean over the outputs, or the one number of a metric of the whole network. */
  readonly value: number;
  /** In the order of the outputs; absent if the metric is one number of the whole network. */
  readonly perOutput?: readonly number[];
  /** How sure the value is, if a confidence was asked for and the metric reads singular values alone. */
  readonly interval?: Interval;
  /** Why the value says little, if it does: too few samples for the metric, or a wide interval. */
  readonly caution?: string;
  /** One line about the metric. */
  readonly description: string;
  /** How the value is read, if the metric says so. */
  readonly reading?: MetricReading;
  /** The metric's options, if it has any. */
  readonly options?: Metric['options'];
}

/** The singular values of an EDJM. */
export interface EdjmSpectrum {
  /** Descending: all min(n, d_in) of them, or the largest that were asked for. */
  readonly singularValues: Float64Array;
  /** For each a bound of its absolute error, for rows as the engine gives them. */
  readonly errorBounds: Float64Array;
}

/** The singular values of the rows of all outputs as one matrix. */
export interface StackedSpectrum extends EdjmSpectrum {
  /** By the metric's name. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** The result of {@link analyze}. */
export interface Analysis {
  /** Name of the network. */
  readonly network: string;
  /** What the rows are gradients of. */
  readonly outputKind: OutputKind;
  /** What the network ends in, if it says that. */
  readonly head?: Head;
  /** Name and number of the data points: the score depends on it. */
  readonly data: { readonly name: string; readonly n: number };
  /** d_in: the number of values that the outputs were differentiated with respect to. */
  readonly dIn: number;
  /** Name of the method that computed the singular values; see {@link spectrumMethods}. */
  readonly method: string;
  readonly precision: 'float32' | 'float64';
  readonly batchSize: number;
  /** Wall time. */
  readonly seconds: number;
  /** The samples whose rows rounding may have switched; absent if the network cannot tell, or computes in float64. */
  readonly nearKinks?: NearKinks;
  /** The spectra, in the order in which the outputs were asked for. */
  readonly outputs: readonly (EdjmSpectrum & { readonly index: number })[];
  /** Spectra divided by their largest value, averaged over the outputs, index by index. */
  readonly normalizedSpectrum: Float64Array;
  /** By the metric's name. */
  readonly metrics: Readonly<Record<string, MetricResult>>;
  /** The results for the stacked rows of all outputs, on request. */
  readonly stacked?: StackedSpectrum;
}

/** The plan of an analysis. */
export interface Explanation {
  readonly plan: Plan;
  /** The steps of a batch in the engine; empty if the network does not list them. */
  readonly steps: readonly Step[];
}

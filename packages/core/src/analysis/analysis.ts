import type { Metric } from '../contracts/metric.ts';
import type { OutputKind, Step } from '../contracts/network.ts';
import type { Plan } from '../plan/plan.ts';
import type { Progress } from '../run/progress.ts';
import type { SpectrumMethod } from '../methods/spectrumMethod.ts';

/** Options of {@link analyze}. */
export interface AnalyzeOptions {
  /** What to make of the spectra. Defaults to none. */
  readonly metrics?: readonly Metric[];
  /** Indices of the outputs. Defaults to all. */
  readonly outputs?: readonly number[];
  /** Defaults to the kind that the network was loaded with. */
  readonly outputKind?: OutputKind;
  /** Samples in one run of the engine. Defaults to what the network prefers and the memory allows. */
  readonly batchSize?: number;
  /**
   * The largest error of a singular value, relative to the largest one, for rows as the engine gives them. Defaults to 1e-4;
   * below some 1e-6 spectra come from a QR decomposition of the rows instead of their products, which is slower.
   */
  readonly accuracy?: number;
  /** How the singular values are computed. Defaults to the fastest way that is accurate enough and fits the memory. */
  readonly method?: SpectrumMethod;
  /**
   * How many singular values of each output to compute, the largest. Defaults to all; where only the largest can be computed, to
   * as many as the metrics read.
   */
  readonly values?: number;
  /** Whether the rows of all outputs, one below the other, are analyzed as one matrix too. Defaults to false. */
  readonly stacked?: boolean;
  /** Spectra that are computed at once, each on a thread, 1024 at most. Defaults to the number of processors. */
  readonly threads?: number;
  /**
   * Bytes that the run may hold, over and above the loaded network. Defaults to 2 GiB. The batch, and how many outputs are
   * computed in one pass over the data, follow from it.
   */
  readonly maxMemory?: number;
  /**
   * The derivative of the network's input with respect to the raw data, one factor for all or one for each of the d_in
   * values: the EDJM is then that of the raw data. Defaults to 1, the Jacobian of what the network is fed.
   */
  readonly inputScale?: number | ArrayLike<number>;
  /** Cancels the run between two batches or spectra. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a metric makes of the spectra. */
export interface MetricResult {
  /** The mean over the outputs. */
  readonly value: number;
  /** In the order of the outputs. */
  readonly perOutput: readonly number[];
  /** The metric's options, where it has any. */
  readonly options?: NonNullable<Metric['options']>;
}

/** The singular values of an EDJM. */
export interface EdjmSpectrum {
  /** Descending: all min(n, d_in) of them, or the largest that were asked for. */
  readonly singularValues: Float64Array;
  /** For each a bound of its absolute error, for rows as the engine gives them. */
  readonly errorBounds: Float64Array;
}

/** What {@link analyze} finds. */
export interface Analysis {
  /** Name of the network. */
  readonly network: string;
  readonly outputKind: OutputKind;
  /** Name and number of the data points: the score depends on it. */
  readonly data: { readonly name: string; readonly n: number };
  /** d_in: the number of values that the outputs were differentiated with respect to. */
  readonly dIn: number;
  /** How the singular values were computed; see {@link SpectrumMethod}. */
  readonly method: SpectrumMethod;
  readonly precision: 'float32' | 'float64';
  readonly batchSize: number;
  /** Wall time. */
  readonly seconds: number;
  /** The spectra, in the order in which the outputs were asked for. */
  readonly outputs: readonly (EdjmSpectrum & { readonly index: number })[];
  /** Spectra divided by their largest value, averaged over the outputs, index by index. */
  readonly normalizedSpectrum: Float64Array;
  /** By the metric's name. */
  readonly metrics: Readonly<Record<string, MetricResult>>;
  /** Of the rows of all outputs, one below the other, where it was asked for; metrics by name. */
  readonly stacked?: EdjmSpectrum & { readonly metrics: Readonly<Record<string, number>> };
}

/** What an analysis would do. */
export interface Explanation {
  readonly plan: Plan;
  /** What a batch goes through in the engine, step by step; empty where the network does not say. */
  readonly steps: readonly Step[];
}

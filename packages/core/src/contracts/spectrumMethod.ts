import type { DenseMatrix, SpectrumSolver } from '@edjm/linalg';
import type { Dataset } from './dataset.ts';
import type { DifferentiableNetwork } from './network.ts';
import type { Plan, Settings } from './plan.ts';
import type { Target } from './target.ts';

/** The job of a run: the request and its metrics, with their defaults. A method decides from it whether it can do the job. */
export interface Job {
  /** The network whose rows are computed: `dIn` of it is the width of a row. */
  readonly network: DifferentiableNetwork;
  /** Samples: rows of the EDJM of each output. */
  readonly n: number;
  /** d_in: columns of the EDJM. */
  readonly dIn: number;
  /** Whether rows are narrower than the EDJM: the network depends on its input through fewer values, linear in it. */
  readonly narrowed: boolean;
  /** Indices of the outputs. */
  readonly outputs: readonly number[];
  /** Whether the rows of all outputs, one below the other, are analyzed as one matrix too. */
  readonly stacked: boolean;
  /** How many singular values of each output are computed by a method that can compute all. */
  readonly values: number;
  /** How many of the largest values the request and its metrics need. */
  readonly needed: number;
  /** Whether all singular values are wanted. */
  readonly wantsAll: boolean;
  /** Whether a metric reads JᵀJ. */
  readonly wantsGram: boolean;
  /** The largest error relative to the largest value that is asked for, by the request or by a metric. */
  readonly accuracy: number;
  /** The accuracy that the request itself names. A stricter metric gets the best there is. */
  readonly askedAccuracy: number | undefined;
  /** Name of the metric that asks for the accuracy, if one does. */
  readonly accurateFor: string | undefined;
  /** Whether the request names the method. */
  readonly asked: boolean;
  /** Sizes of a batch to choose from, the preferred ones first. */
  readonly batchSizes: readonly number[];
  /** Spectra that may be computed at once. */
  readonly threads: number;
  /** Groups of samples whose sums are kept apart, to see how much the spectra depend on the sample; 1 for none. */
  readonly parts: number;
}

/** The input of a method. */
export interface MethodRun {
  readonly target: Target;
  readonly data: Dataset;
  readonly plan: Plan;
  /** Whether the rows of all outputs together are wanted too. */
  readonly stacked: boolean;
  /** How many singular values were asked for; infinite if all. */
  readonly values: number;
  /** Solves eigenvalue problems, on threads if that is faster. */
  readonly solver: SpectrumSolver;
  readonly signal: AbortSignal | undefined;
  /** To be called after each batch, with the number of its samples. */
  readonly onRows: (count: number) => void;
}

/** The spectrum of one output, as a method finds it. */
export interface FoundSpectrum {
  /** Index of the output; −1 if the rows of all outputs make one matrix. */
  readonly output: number;
  /** The number of rows of its matrix. */
  readonly n: number;
  /** Descending. Missing values are those of a matrix of lower rank: exact zeros. */
  readonly singularValues: Float64Array;
  /** A bound of the absolute error of each value, for rows as the engine gives them. */
  readonly errorBounds: Float64Array;
  /** Makes JᵀJ. Required if the method takes a job with `wantsGram`. */
  readonly gram?: (() => DenseMatrix) | undefined;
  /** The spectra without each of the groups of samples. Required if the method takes a job with several `parts`. */
  readonly without?: readonly DeletedSpectrum[] | undefined;
}

/** The singular values that are left without a group of samples. */
export interface DeletedSpectrum {
  /** The number of rows that are left. */
  readonly n: number;
  /** Descending. */
  readonly singularValues: Float64Array;
  /** How many of the largest are right to second order in the size of the group, which an estimate of bias needs; of the others only the sum of squares is. */
  readonly followed: number;
}

/**
 * A way to compute the singular values of the EDJM, in float64 from the rows of the engine. A method from outside is a value of
 * this shape in the option `methods` of an analysis; nothing is registered.
 */
export interface SpectrumMethod {
  /** Kebab case and unique in a list, such as `'gram-of-rows'`. */
  readonly name: string;
  /** The computation, in a few words for people, such as `'QR decomposition of the rows'`. */
  readonly description: string;
  /** The purpose, in a few words for people, such as `'the small end of a spectrum'`. */
  readonly use: string;
  /** The values that it takes from the engine. Defaults to rows. */
  readonly takes?: 'rows' | 'gram';
  /** Whether it finds the largest values alone. It then gets no job that wants all. Defaults to false. */
  readonly onlyLargest?: boolean;

  /** Whether a plan may choose it without being asked for it. Defaults to yes. */
  offers?(job: Job): boolean;
  /** The expectation and the actual value, if it cannot do the job: `'few samples, got 10000'`. Undefined if it can. */
  refusal(job: Job): string | undefined;
  /** A bound of |computed − true| / σ₁ for every value, for rows as the engine gives them, in batches of that size. */
  accuracy(job: Pick<Job, 'network' | 'n'>, batchSize: number): number;
  /** Settings to choose from, the preferred ones first. The first that fits the memory is taken. */
  settings(job: Job): Iterable<Settings>;
  /** Bytes that it holds at its peak, beside the network, a batch on its way and the results. */
  bytes(job: Job, settings: Settings): number;
  /** How often it reads the data, about. */
  passes(job: Job, settings: Settings): number;
  /** Bytes of rows that it would keep from one pass to the next, if the memory has room for them. Defaults to none. */
  worthKeeping?(job: Job): number;
  /** The reason that a plan states if it chooses the method without being asked. */
  reason?(job: Job): string | undefined;

  /** The spectra of the plan's outputs in their order, and at the end that of all rows together, if `stacked`. */
  spectra(run: MethodRun): AsyncIterable<FoundSpectrum>;
}

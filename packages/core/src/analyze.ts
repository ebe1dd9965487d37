import {
  availableThreads,
  inThisThread,
  threadedSolver,
  type SpectrumAccumulator,
  type SpectrumSolver,
} from '@edjm/linalg';
import { accumulate, emptyAccumulator } from './accumulate.ts';
import { averageNormalizedSpectrum } from './averageSpectrum.ts';
import { nextTask, throwIfAborted } from './cancellation.ts';
import { checkDataset } from './checkedBatches.ts';
import type { Dataset } from './dataset.ts';
import { dualBlocksResult } from './dualBlocksResult.ts';
import { krylovResult } from './krylovResult.ts';
import { checkMetrics, type Metric } from './metric.ts';
import type { DifferentiableNetwork, OutputKind, Step } from './network.ts';
import { outputResult, STACKED, type OutputResult } from './outputResult.ts';
import { allOutputs } from './outputs.ts';
import { planRun, type Plan, type PlanRequest } from './plan.ts';
import { ProgressCounter, type Progress } from './progress.ts';
import type { SpectrumMethod } from './spectrumMethod.ts';
import { targetOf, type Target } from './target.ts';

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
  /** Whether the rows of all outputs, one below the other, are analysed as one matrix too. Defaults to false. */
  readonly stacked?: boolean;
  /** Spectra that are computed at once, each on a thread. Defaults to the number of processors. */
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
  readonly inputSize: number;
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

const DEFAULT_MEMORY = 2 ** 31;

/** Up to this order an eigenvalue problem takes less time than to send it to another thread. */
const SMALL_ORDER = 128;

/**
 * Computes the singular values of the EDJM of a network on a data set, one spectrum an output, and metrics of them.
 *
 * Row i of the EDJM of output k is ∂f_k(x_i)/∂x (Wang et al. 2016, section 3). Rows are a stream: what is kept follows from
 * the method, see {@link SpectrumMethod}. Where the outputs depend on x through fewer values that are linear in x, rows are
 * computed with respect to these.
 *
 * @throws EdjmError `SHAPE_MISMATCH` where the data does not fit the network; `INVALID_ARGUMENT` for outputs that
 * do not exist and other options out of their range; `UNSUPPORTED` for a metric that needs what is not computed;
 * `MEMORY_LIMIT`; `INVALID_DATA` where data, gradients or a metric are not finite, or samples are not as many as the
 * data set says; `ABORTED`.
 *
 * @example
 * ```ts
 * import { analyze } from '@edjm/core';
 * import { onnxBackend } from '@edjm/backend-onnx';
 * import { openDataset } from '@edjm/datasets';
 * import { edjmScore } from '@edjm/metrics';
 *
 * const network = await onnxBackend().load('model.onnx');
 * const data = await openDataset('images.npy');
 * const { metrics } = await analyze(network, data, { metrics: [edjmScore()] });
 * console.log(metrics['edjm-score']?.value);
 * ```
 */
export async function analyze(
  network: DifferentiableNetwork,
  data: Dataset,
  options: AnalyzeOptions = {},
): Promise<Analysis> {
  const started = performance.now();
  const { metrics = [], signal, stacked = false, values = Infinity } = options;
  throwIfAborted(signal);
  checkDataset(network, data);
  checkMetrics(metrics);
  await using target = await targetFor(network, data, options);
  const plan = planRun(requestFor(target, data, options));
  await using solver = solverFor(target, data, options);
  const progress = progressOf(plan, data, options);
  const onRows = (count: number): void => {
    progress.add('jacobian', count);
  };
  const run: Run = { target, data, plan, metrics, signal, solver, stacked, values, onRows };

  const found: OutputResult[] = [];
  for await (const result of resultsBy(run)) {
    found.push(result);
    progress.add('spectrum', 1);
  }
  const results = found.filter(({ index }) => index !== STACKED);
  const together = found.find(({ index }) => index === STACKED);
  return {
    network: network.name,
    outputKind: target.network.outputKind,
    data: { name: data.name, n: data.n },
    inputSize: target.inputSize,
    method: plan.method,
    precision: target.network.precision,
    batchSize: plan.batchSize,
    seconds: (performance.now() - started) / 1000,
    outputs: results.map(({ index, singularValues, errorBounds }) => ({
      index,
      singularValues,
      errorBounds,
    })),
    normalizedSpectrum: averageNormalizedSpectrum(results.map(({ singularValues }) => singularValues)),
    metrics: Object.fromEntries(
      metrics.map((metric, index) => [metric.name, metricResult(metric, index, results)]),
    ),
    ...(together && { stacked: stackedSpectrum(together, metrics) }),
  };
}

/** What an analysis would do. */
export interface Explanation {
  readonly plan: Plan;
  /** What a batch goes through in the engine, step by step; empty where the network does not say. */
  readonly steps: readonly Step[];
}

/**
 * What {@link analyze} would do with the same arguments, decided without reading the data.
 *
 * @throws EdjmError as `analyze` does before it starts.
 */
export async function explainAnalysis(
  network: DifferentiableNetwork,
  data: Dataset,
  options: AnalyzeOptions = {},
): Promise<Explanation> {
  checkDataset(network, data);
  checkMetrics(options.metrics ?? []);
  await using target = await targetFor(network, data, options);
  const plan = planRun(requestFor(target, data, options));
  const steps = target.network.explain?.(plan.batchSize, plan.groups[0]?.length ?? 0) ?? [];
  return { plan, steps: plan.method === 'gram' ? steps : steps.filter(({ pass }) => pass !== 'gram') };
}

function targetFor(network: DifferentiableNetwork, { n }: Dataset, options: AnalyzeOptions): Promise<Target> {
  const { outputKind = network.outputKind, inputScale } = options;
  return targetOf(network, { outputKind, inputScale, n });
}

function requestFor(target: Target, data: Dataset, options: AnalyzeOptions): PlanRequest {
  const { maxMemory = DEFAULT_MEMORY, outputs = allOutputs(target.network) } = options;
  const { metrics, batchSize, accuracy, method, values, stacked } = options;
  return {
    network: target.network,
    inputSize: target.inputSize,
    n: data.n,
    outputs,
    maxMemory,
    threads: threadsFor(target, data, options),
    ...(metrics && { metrics }),
    ...(batchSize !== undefined && { batchSize }),
    ...(accuracy !== undefined && { accuracy }),
    ...(method && { method }),
    ...(values !== undefined && { values }),
    ...(stacked !== undefined && { stacked }),
  };
}

/** How many spectra are computed at once. */
function threadsFor(target: Target, data: Dataset, options: AnalyzeOptions): number {
  const { threads = availableThreads(), outputs = allOutputs(target.network) } = options;
  return isSmall(target, data) ? 1 : Math.min(threads, outputs.length);
}

/** A large matrix may have several threads for itself. */
function solverFor(target: Target, data: Dataset, { threads }: AnalyzeOptions): SpectrumSolver {
  if (isSmall(target, data)) return inThisThread;
  return threadedSolver(threads === undefined ? {} : { threads });
}

function isSmall({ network }: Target, { n }: Dataset): boolean {
  return Math.min(n, network.rowSize) <= SMALL_ORDER;
}

function progressOf(
  plan: Plan,
  data: Dataset,
  { onProgress, stacked = false }: AnalyzeOptions,
): ProgressCounter {
  const outputs = plan.groups.reduce((sum, group) => sum + group.length, 0);
  return new ProgressCounter(onProgress, {
    jacobian: data.n * plan.passes,
    spectrum: outputs + (stacked ? 1 : 0),
  });
}

/** What all outputs of a run have in common. */
interface Run {
  readonly target: Target;
  readonly data: Dataset;
  readonly plan: Plan;
  readonly metrics: readonly Metric[];
  readonly signal: AbortSignal | undefined;
  readonly solver: SpectrumSolver;
  readonly stacked: boolean;
  /** How many singular values are wanted of a spectrum, if it has so many. */
  readonly values: number;
  readonly onRows: (count: number) => void;
}

/** Groups of outputs, one pass over the data each; in the end all of them together, if that is wanted. */
async function* accumulatedResults(run: Run): AsyncGenerator<OutputResult, undefined> {
  const { target, data, plan, signal, stacked } = run;
  const { rowSize } = target.network;
  const outputs = plan.groups.flat().length;
  const together = stacked ? stackedAccumulator(plan, rowSize, data.n * outputs) : undefined;
  for (const group of plan.groups) {
    const accumulators = await accumulate(target.network, data, { plan, group, signal, onRows: run.onRows });
    for (const accumulator of accumulators) together?.merge(accumulator);
    yield* resultsOf(accumulators, group, run);
  }
  if (together) yield* resultsOf([together], [STACKED], run);
}

/** J Jᵀ of all rows is larger than JᵀJ from some number of outputs on. */
function stackedAccumulator(plan: Plan, columns: number, rows: number): SpectrumAccumulator {
  return emptyAccumulator(
    plan.method === 'dual' && rows > columns ? { method: 'gram' } : plan,
    columns,
    rows,
  );
}

/** As many spectra at once as there are threads. The accumulators are gone before the next group begins. */
async function* resultsOf(
  accumulators: readonly SpectrumAccumulator[],
  indices: readonly number[],
  run: Run,
): AsyncGenerator<OutputResult, undefined> {
  const { target, plan, metrics, solver, signal, values } = run;
  for (let first = 0; first < accumulators.length; first += plan.threads) {
    throwIfAborted(signal);
    const part = accumulators.slice(first, first + plan.threads);
    yield* await Promise.all(
      part.map((accumulator, at) => {
        const request = {
          values: Math.min(values, accumulator.rows, target.inputSize),
          n: accumulator.rows,
          inputSize: target.inputSize,
          metrics,
          solver,
        };
        return outputResult(target.finished(accumulator), indices[first + at] as number, request);
      }),
    );
    await nextTask();
  }
}

/** One output after the other, each with as many passes over the data as it takes. */
async function* singleResults(
  run: Run,
  resultOf: (output: number, run: Run) => Promise<OutputResult>,
): AsyncGenerator<OutputResult, undefined> {
  for (const output of run.plan.groups.flat()) {
    throwIfAborted(run.signal);
    yield await resultOf(output, run);
  }
}

function resultsBy(run: Run): AsyncGenerator<OutputResult, undefined> {
  switch (run.plan.method) {
    case 'krylov':
      return singleResults(run, krylovResult);
    case 'dual-blocks':
      return singleResults(run, dualBlocksResult);
    case 'dual':
    case 'gram':
    case 'gram-of-rows':
    case 'tsqr':
    case 'frequent-directions':
      return accumulatedResults(run);
  }
}

function metricResult({ options }: Metric, index: number, found: readonly OutputResult[]): MetricResult {
  const perOutput = found.map(({ values }) => values[index] as number);
  const value = perOutput.reduce((sum, one) => sum + one, 0) / perOutput.length;
  return { value, perOutput, ...(options && { options }) };
}

function stackedSpectrum(
  { singularValues, errorBounds, values }: OutputResult,
  metrics: readonly Metric[],
): NonNullable<Analysis['stacked']> {
  const named = metrics.map(({ name }, index) => [name, values[index] as number] as const);
  return { singularValues, errorBounds, metrics: Object.fromEntries(named) };
}

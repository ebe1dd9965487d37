import { accumulate, type Pass } from './accumulate.ts';
import { averageNormalizedSpectrum } from './averageSpectrum.ts';
import { throwIfAborted, nextTask } from './cancellation.ts';
import { checkDataset } from './checkedBatches.ts';
import type { Dataset } from './dataset.ts';
import { columnFactors } from './inputScale.ts';
import { checkMetrics, type Metric } from './metric.ts';
import type { DifferentiableNetwork, OutputKind } from './network.ts';
import { withOutputKind } from './outputKind.ts';
import { outputResult, type OutputResult } from './outputResult.ts';
import { allOutputs } from './outputs.ts';
import { planRun } from './plan.ts';
import { ProgressCounter, type Progress } from './progress.ts';
import type { SpectrumMethod } from './spectrumMethod.ts';

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
  /** For each output, in the order asked for, all min(n, d_in) singular values of its EDJM, descending. */
  readonly outputs: readonly { readonly index: number; readonly singularValues: Float64Array }[];
  /** Spectra divided by their largest value, averaged over the outputs, index by index. */
  readonly normalizedSpectrum: Float64Array;
  /** By the metric's name. */
  readonly metrics: Readonly<Record<string, MetricResult>>;
}

const DEFAULT_MEMORY = 2 ** 31;

/**
 * Computes the singular values of the EDJM of a network on a data set, one spectrum an output, and metrics of them.
 *
 * Row i of the EDJM of output k is ∂f_k(x_i)/∂x (Wang et al. 2016, section 3). Rows are a stream: what is kept are their
 * products, d_in × d_in an output, or the rows themselves where there are fewer of them than d_in.
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
  const { metrics = [], signal, batchSize, maxMemory = DEFAULT_MEMORY } = options;
  throwIfAborted(signal);
  const target = withOutputKind(network, options.outputKind ?? network.outputKind);
  checkDataset(target, data);
  checkMetrics(metrics);
  const scale = columnFactors(target, options.inputScale);
  const outputs = options.outputs ?? allOutputs(target);
  const plan = planRun({
    network: target,
    n: data.n,
    outputs,
    maxMemory,
    needs: metrics.flatMap(({ needs }) => needs),
    ...(batchSize !== undefined && { batchSize }),
  });
  const progress = new ProgressCounter(options.onProgress, {
    jacobian: data.n * plan.groups.length,
    spectrum: outputs.length,
  });
  const found: OutputResult[] = [];
  for (const group of plan.groups) {
    const onRows = (count: number): void => {
      progress.add('jacobian', count);
    };
    const results = analyzeGroup(target, data, { plan, group, signal, onRows, scale, metrics });
    for await (const result of results) {
      found.push(result);
      progress.add('spectrum', 1);
    }
  }
  return {
    network: network.name,
    outputKind: target.outputKind,
    data: { name: data.name, n: data.n },
    inputSize: target.rowSize,
    method: plan.method,
    precision: target.precision,
    batchSize: plan.batchSize,
    seconds: (performance.now() - started) / 1000,
    outputs: found.map(({ index, singularValues }) => ({ index, singularValues })),
    normalizedSpectrum: averageNormalizedSpectrum(found.map(({ singularValues }) => singularValues)),
    metrics: Object.fromEntries(
      metrics.map((metric, index) => [metric.name, metricResult(metric, index, found)]),
    ),
  };
}

/** The outputs of one pass over the data. Its accumulators are gone before the next pass begins. */
async function* analyzeGroup(
  network: DifferentiableNetwork,
  data: Dataset,
  pass: Pass & {
    readonly scale: ArrayLike<number> | undefined;
    readonly metrics: readonly Metric[];
  },
): AsyncGenerator<OutputResult, undefined> {
  const { group, signal, scale, metrics } = pass;
  const accumulators = await accumulate(network, data, pass);
  for (const [index, accumulator] of accumulators.entries()) {
    throwIfAborted(signal);
    if (scale) accumulator.scaleColumns(scale);
    yield outputResult(accumulator, group[index] as number, metrics);
    await nextTask();
  }
}

function metricResult({ options }: Metric, index: number, found: readonly OutputResult[]): MetricResult {
  const perOutput = found.map(({ values }) => values[index] as number);
  const value = perOutput.reduce((sum, one) => sum + one, 0) / perOutput.length;
  return { value, perOutput, ...(options && { options }) };
}

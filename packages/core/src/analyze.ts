import { gramAccumulator, rowsAccumulator, type DenseMatrix, type SpectrumAccumulator } from '@edjm/linalg';
import { averageNormalizedSpectrum } from './averageSpectrum.ts';
import type { Dataset } from './dataset.ts';
import { jacobianRows } from './derivedJacobian.ts';
import { EdjmError } from './errors.ts';
import type { Metric, Quantities } from './metric.ts';
import type { DifferentiableNetwork, OutputKind } from './network.ts';
import { withOutputKind } from './outputKind.ts';
import { planRun, type Plan, type SpectrumMethod } from './plan.ts';

/** How far a run has come. */
export interface Progress {
  /** `'jacobian'`: rows of the EDJM; `'spectrum'`: singular values of the outputs. */
  readonly phase: 'jacobian' | 'spectrum';
  readonly done: number;
  readonly total: number;
}

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
  /** Bytes of working memory, the loaded network not counted. Defaults to 2 GiB. */
  readonly maxMemory?: number;
  /**
   * The derivative of the network's input with respect to the raw data, one factor for all or one for each of the d_in
   * values: the EDJM is then that of the raw data. Defaults to 1, the Jacobian of what the network is fed.
   */
  readonly inputScale?: number | ArrayLike<number>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** One number an output, and their mean. */
export interface MetricResult {
  readonly value: number;
  readonly perOutput: readonly number[];
}

/** What {@link analyze} finds. */
export interface Analysis {
  /** Name of the network. */
  readonly network: string;
  readonly outputKind: OutputKind;
  /** Name and number of the data points: the score depends on it. */
  readonly data: { readonly name: string; readonly n: number };
  /** d_in. */
  readonly inputSize: number;
  /** How the singular values were computed; see {@link SpectrumMethod}. */
  readonly method: SpectrumMethod;
  readonly precision: 'float32' | 'float64';
  readonly batchSize: number;
  /** Wall time. */
  readonly seconds: number;
  /** For each output all min(n, d_in) singular values of its EDJM, descending. */
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
 * @throws EdjmError `SHAPE_MISMATCH` where the data does not fit the network, `INVALID_ARGUMENT` for an output
 * that does not exist, `MEMORY_LIMIT`, `INVALID_DATA` where data or gradients are not finite, `ABORTED`.
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
  const { metrics = [], signal } = options;
  const target = withOutputKind(network, options.outputKind ?? network.outputKind);
  checkWidth(target, data);
  const outputs = checkedOutputs(target, options.outputs);
  checkMetrics(metrics);
  const plan = planRun({
    network: target,
    n: data.n,
    outputs,
    maxMemory: options.maxMemory ?? DEFAULT_MEMORY,
    ...(options.batchSize !== undefined && { batchSize: checkedBatchSize(options.batchSize) }),
  });
  const progress = new ProgressCounter(options, {
    rows: data.n * plan.groups.length,
    spectra: outputs.length,
  });
  const scale = inputScale(target, options.inputScale);
  const found: OutputResult[] = [];
  for (const group of plan.groups) {
    const accumulators = await accumulate(target, data, { plan, group, progress, signal });
    for (const [index, accumulator] of accumulators.entries()) {
      throwIfAborted(signal);
      if (scale) accumulator.scaleColumns(scale);
      found.push(finishOutput(accumulator, group[index] ?? 0, metrics));
      progress.spectrumDone();
      await nextTask();
    }
  }
  return {
    network: network.name,
    outputKind: target.outputKind,
    data: { name: data.name, n: data.n },
    inputSize: target.inputSize,
    method: plan.method,
    precision: target.precision,
    batchSize: plan.batchSize,
    seconds: (performance.now() - started) / 1000,
    outputs: found.map(({ index, singularValues }) => ({ index, singularValues })),
    normalizedSpectrum: averageNormalizedSpectrum(found.map(({ singularValues }) => singularValues)),
    metrics: Object.fromEntries(
      metrics.map(({ name }, index) => [name, metricResult(found.map(({ values }) => values[index] ?? NaN))]),
    ),
  };
}

interface OutputResult {
  readonly index: number;
  readonly singularValues: Float64Array;
  /** One for each metric. */
  readonly values: readonly number[];
}

/** Lets the program answer a signal between two long computations. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

async function accumulate(
  network: DifferentiableNetwork,
  data: Dataset,
  run: {
    readonly plan: Plan;
    readonly group: readonly number[];
    readonly progress: ProgressCounter;
    readonly signal: AbortSignal | undefined;
  },
): Promise<readonly SpectrumAccumulator[]> {
  const { plan, group, progress, signal } = run;
  const { method, batchSize } = plan;
  const grams = group.map(() => (method === 'dual' ? undefined : gramAccumulator(network.inputSize)));
  const accumulators = grams.map((gram) => gram ?? rowsAccumulator(network.inputSize, data.n));
  for await (const batch of data.batches(batchSize, signal ? { signal } : {})) {
    throwIfAborted(signal);
    if (method === 'gram' && network.gram) {
      const partials = await network.gram(batch, group);
      finite(network, () => {
        partials.forEach((partial, index) => grams[index]?.addGram(partial, batch.rows));
      });
    } else {
      const blocks = await jacobianRows(network, batch, group);
      finite(network, () => {
        blocks.forEach((block, index) => accumulators[index]?.add(block));
      });
    }
    progress.rowsDone(batch.rows);
  }
  return accumulators;
}

/** Runs a computation that refuses NaN and infinities with a RangeError. */
function finite<T>(network: DifferentiableNetwork, compute: () => T): T {
  try {
    return compute();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new EdjmError(
      'INVALID_DATA',
      `${network.name}: expected finite gradients, got numbers that are not (${cause.message}). The network overflows on this data, or has no derivative at a sample.`,
      { cause },
    );
  }
}

function finishOutput(
  accumulator: SpectrumAccumulator,
  index: number,
  metrics: readonly Metric[],
): OutputResult {
  const { singularValues } = accumulator.finish();
  const needsGram = metrics.some(({ needs }) => needs.includes('gram'));
  const none: DenseMatrix = { rows: 0, columns: 0, data: new Float64Array() };
  const quantities: Quantities = { singularValues, gram: needsGram ? accumulator.gram() : none };
  const context = { output: index, n: accumulator.rows, dIn: accumulator.columns };
  return { index, singularValues, values: metrics.map((metric) => metric.compute(quantities, context)) };
}

function metricResult(perOutput: readonly number[]): MetricResult {
  return { value: perOutput.reduce((sum, value) => sum + value, 0) / perOutput.length, perOutput };
}

function checkWidth(network: DifferentiableNetwork, data: Dataset): void {
  const width = data.sampleShape.reduce((product, size) => product * size, 1);
  if (data.n < 1) {
    throw new EdjmError('INVALID_DATA', `${data.name}: expected at least one sample, got none.`);
  }
  if (width !== network.inputSize) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${data.name}: expected samples of ${String(network.inputSize)} values for ${network.name} (shape [${network.inputShape.join(', ')}]), got ${String(width)} (shape [${data.sampleShape.join(', ')}]). Give data of that width.`,
    );
  }
}

function checkedOutputs(
  network: DifferentiableNetwork,
  outputs: readonly number[] | undefined,
): readonly number[] {
  const all = outputs ?? Array.from({ length: network.outputSize }, (_, index) => index);
  const wrong = all.find((output) => !Number.isInteger(output) || output < 0 || output >= network.outputSize);
  if (wrong === undefined && all.length > 0 && new Set(all).size === all.length) return all;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${network.name}: expected different outputs from 0 to ${String(network.outputSize - 1)}, got ${all.length === 0 ? 'none' : all.join(', ')}.`,
  );
}

function checkMetrics(metrics: readonly Metric[]): void {
  const names = metrics.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new EdjmError('INVALID_ARGUMENT', `expected metrics of different names, got "${repeated}" twice.`);
}

function checkedBatchSize(batchSize: number): number {
  if (Number.isInteger(batchSize) && batchSize >= 1) return batchSize;
  throw new EdjmError('INVALID_ARGUMENT', `expected a batch size of 1 or more, got ${String(batchSize)}.`);
}

function inputScale(
  network: DifferentiableNetwork,
  scale: number | ArrayLike<number> | undefined,
): ArrayLike<number> | undefined {
  if (scale === undefined || scale === 1) return undefined;
  const factors = typeof scale === 'number' ? new Float64Array(network.inputSize).fill(scale) : scale;
  if (factors.length === network.inputSize && Array.from(factors).every(Number.isFinite)) return factors;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${network.name}: expected one finite factor, or one for each of ${String(network.inputSize)} inputs, got ${typeof scale === 'number' ? String(scale) : String(factors.length)}.`,
  );
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new EdjmError('ABORTED', 'expected the run to finish, but it was cancelled.', {
      cause: signal.reason,
    });
}

/** Counts rows and spectra, and tells whoever wants to know. */
class ProgressCounter {
  readonly #listener: ((progress: Progress) => void) | undefined;
  readonly #totals: { readonly rows: number; readonly spectra: number };
  #rows = 0;
  #spectra = 0;

  constructor(options: AnalyzeOptions, totals: { readonly rows: number; readonly spectra: number }) {
    this.#listener = options.onProgress;
    this.#totals = totals;
  }

  rowsDone(count: number): void {
    this.#rows += count;
    this.#listener?.({ phase: 'jacobian', done: this.#rows, total: this.#totals.rows });
  }

  spectrumDone(): void {
    this.#spectra += 1;
    this.#listener?.({ phase: 'spectrum', done: this.#spectra, total: this.#totals.spectra });
  }
}

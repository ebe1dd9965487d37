import { availableThreads, inThisThread, threadedSolver, type SpectrumSolver } from '@edjm/linalg';
import type { Analysis, AnalyzeOptions, Explanation, MetricResult } from './analysis.ts';
import { averageNormalizedSpectrum } from './averageSpectrum.ts';
import { throwIfAborted } from '../run/cancellation.ts';
import { checkDataset } from '../rows/checkedBatches.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { checkMetrics, type Metric } from '../contracts/metric.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { STACKED, type OutputResult } from '../methods/outputResult.ts';
import { outputResults } from '../methods/outputResults.ts';
import { allOutputs } from '../derivatives/outputs.ts';
import { planRun, type Plan, type PlanRequest } from '../plan/plan.ts';
import { ProgressCounter } from '../run/progress.ts';
import { targetOf, type Target } from './target.ts';
import { checkThreads } from '../run/threads.ts';

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
  checkRequest(network, data, options);
  await using target = await targetFor(network, data, options);
  const plan = planRun(requestFor(target, data, options));
  await using solver = solverFor(target, data, options);
  const progress = progressOf(plan, data, options);
  const onRows = (count: number): void => {
    progress.add('jacobian', count);
  };
  const run = { target, data, plan, metrics, signal, solver, stacked, values, onRows };

  const found: OutputResult[] = [];
  for await (const result of outputResults(run)) {
    found.push(result);
    progress.add('spectrum', 1);
  }
  const results = found.filter(({ index }) => index !== STACKED);
  const together = found.find(({ index }) => index === STACKED);
  return {
    network: network.name,
    outputKind: target.network.outputKind,
    data: { name: data.name, n: data.n },
    dIn: target.dIn,
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
  checkRequest(network, data, options);
  await using target = await targetFor(network, data, options);
  const plan = planRun(requestFor(target, data, options));
  const steps = target.network.explain?.(plan.batchSize, plan.groups[0]?.length ?? 0) ?? [];
  return { plan, steps: plan.method === 'gram' ? steps : steps.filter(({ pass }) => pass !== 'gram') };
}

function checkRequest(
  network: DifferentiableNetwork,
  data: Dataset,
  { metrics = [], threads }: AnalyzeOptions,
): void {
  checkDataset(network, data);
  checkMetrics(metrics);
  checkThreads(threads);
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
    dIn: target.dIn,
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
  return Math.min(n, network.dIn) <= SMALL_ORDER;
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

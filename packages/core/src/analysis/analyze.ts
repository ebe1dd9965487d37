import { availableThreads, inThisThread, threadedSolver, type SpectrumSolver } from '@edjm/linalg';
import type { Dataset } from '../contracts/dataset.ts';
import { checkMetrics } from '../contracts/checkMetrics.ts';
import { type Metric, STACKED } from '../contracts/metric.ts';
import { isNetworkMetric, isSpectrumMetric } from '../contracts/networkMetric.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import type { Target } from '../contracts/target.ts';
import type { AnalyzeOptions } from '../plan/analyzeOptions.ts';
import { planMethod, type PlannedMethod } from '../plan/plan.ts';
import { arrangedDataset } from '../rows/arrangedDataset.ts';
import { targetOf } from '../rows/target.ts';
import { throwIfAborted } from '../run/cancellation.ts';
import { ProgressCounter } from '../run/progress.ts';
import { checkThreads } from '../run/threads.ts';
import type { Analysis, Explanation, MetricResult, StackedSpectrum } from './analysis.ts';
import { averageNormalizedSpectrum } from './averageSpectrum.ts';
import { type Interval, jackknifeInterval } from '../evidence/jackknife.ts';
import { watchedForKinks } from './nearKinks.ts';
import { aboutMetric, checkNetworkMetrics, networkMetricResults, readsBatches } from './networkMetrics.ts';
import { outputResult, type OutputResult } from './outputResult.ts';

/** Up to this order an eigenvalue problem takes less time than to send it to another thread. */
const SMALL_ORDER = 128;

/**
 * Computes the singular values of the EDJM of a network on a data set, one spectrum an output, and metrics of them.
 *
 * Row i of the EDJM of output k is ∂f_k(x_i)/∂x (Wang et al. 2016, section 3). Rows are a stream; the method decides
 * what is kept of them, see {@link spectrumMethods}. If the outputs depend on x through fewer values that are linear in x, rows are
 * computed with respect to these.
 *
 * @throws EdjmError `SHAPE_MISMATCH` if the data does not fit the network; `INVALID_ARGUMENT` for outputs and methods that
 * do not exist and other options out of their range; `UNSUPPORTED` for a metric that needs what is not computed;
 * `MEMORY_LIMIT`; `INVALID_DATA` if data, gradients or a metric are not finite, or samples are not as many as the
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
  dataset: Dataset,
  options: AnalyzeOptions = {},
): Promise<Analysis> {
  const started = performance.now();
  const { metrics: asked = [], signal, stacked = false, values = Infinity, confidence } = options;
  const metrics = asked.filter(isSpectrumMetric);
  const networkMetrics = asked.filter(isNetworkMetric);
  throwIfAborted(signal);
  const data = arrangedDataset(network, dataset);
  await using target = await checkedTarget(network, data, options);
  const { method, plan } = planFor(target, data, options);
  await using solver = solverFor(target, data, options);
  const progress = new ProgressCounter(options.onProgress, {
    jacobian: data.n * (plan.passes + (readsBatches(networkMetrics) ? 1 : 0)),
    spectrum: plan.groups.flat().length + (stacked ? 1 : 0),
  });
  const onRows = (count: number): void => {
    progress.add('jacobian', count);
  };
  const watched = watchedForKinks(options.nearKinks === false ? undefined : network, data);
  const run = { target, data: watched.data, plan, signal, solver, stacked, values, onRows };

  const found: OutputResult[] = [];
  for await (const spectrum of method.spectra(run)) {
    found.push(outputResult(spectrum, run, metrics));
    progress.add('spectrum', 1);
  }
  const nearKinks = watched.found();
  const ofNetwork = await networkMetricResults({ network, data, metrics: networkMetrics, options }, onRows);
  const results = found.filter(({ index }) => index !== STACKED);
  const together = found.find(({ index }) => index === STACKED);
  return {
    network: network.name,
    outputKind: target.network.outputKind,
    ...(network.head && { head: network.head }),
    data: { name: data.name, n: data.n },
    dIn: target.dIn,
    method: plan.method,
    precision: target.network.precision,
    batchSize: plan.batchSize,
    seconds: (performance.now() - started) / 1000,
    ...(nearKinks && { nearKinks }),
    outputs: results.map(({ index, singularValues, errorBounds }) => ({
      index,
      singularValues,
      errorBounds,
    })),
    normalizedSpectrum: averageNormalizedSpectrum(results.map(({ singularValues }) => singularValues)),
    metrics: Object.fromEntries(
      asked.map((metric) => [
        metric.name,
        isNetworkMetric(metric)
          ? (ofNetwork[networkMetrics.indexOf(metric)] as MetricResult)
          : metricResult(metric, {
              index: metrics.indexOf(metric),
              found: results,
              confidence,
              n: data.n,
              dIn: target.dIn,
            }),
      ]),
    ),
    ...(together && { stacked: stackedSpectrum(together, metrics) }),
  };
}

/**
 * The plan of {@link analyze} for the same arguments, made without reading the data.
 *
 * @throws EdjmError as `analyze` does before it starts.
 */
export async function explainAnalysis(
  network: DifferentiableNetwork,
  dataset: Dataset,
  options: AnalyzeOptions = {},
): Promise<Explanation> {
  const data = arrangedDataset(network, dataset);
  await using target = await checkedTarget(network, data, options);
  const { method, plan } = planFor(target, data, options);
  const steps = target.network.explain?.(plan.batchSize, plan.groups[0]?.length ?? 0) ?? [];
  return { plan, steps: method.takes === 'gram' ? steps : steps.filter(({ pass }) => pass !== 'gram') };
}

/** Checks what can be checked before rows are asked for. */
async function checkedTarget(
  network: DifferentiableNetwork,
  data: Dataset,
  { metrics = [], threads, outputKind, inputScale }: AnalyzeOptions,
): Promise<Target> {
  checkMetrics(metrics);
  checkNetworkMetrics(network, metrics.filter(isNetworkMetric));
  checkThreads(threads);
  return targetOf(network, { outputKind, inputScale, n: data.n });
}

function planFor({ network, dIn }: Target, data: Dataset, options: AnalyzeOptions): PlannedMethod {
  const { threads = availableThreads() } = options;
  return planMethod({ ...options, network, dIn, n: data.n, threads: isSmall(network, data) ? 1 : threads });
}

/** A large matrix may have several threads for itself. */
function solverFor({ network }: Target, data: Dataset, { threads }: AnalyzeOptions): SpectrumSolver {
  return isSmall(network, data) ? inThisThread : threadedSolver({ threads });
}

function isSmall({ dIn }: DifferentiableNetwork, { n }: Dataset): boolean {
  return Math.min(n, dIn) <= SMALL_ORDER;
}

/** The results of all outputs, and the place of a metric in them. */
interface Found {
  readonly index: number;
  readonly found: readonly OutputResult[];
  readonly confidence: number | undefined;
  readonly n: number;
  readonly dIn: number;
}

/** An interval that is wider than this share of its value says so. */
const WIDE = 0.5;

function metricResult(metric: Metric, { index, found, confidence, n, dIn }: Found): MetricResult {
  const perOutput = found.map(({ values }) => values[index] as number);
  const value = mean(perOutput);
  const interval = confidence === undefined ? undefined : intervalOf(value, index, { found, confidence });
  const caution = metric.caution?.({ output: found[0]?.index ?? 0, n, dIn }) ?? cautionOf(value, interval);
  return {
    value,
    perOutput,
    ...(interval && { interval }),
    ...(caution !== undefined && { caution }),
    ...aboutMetric(metric),
  };
}

function cautionOf(value: number, interval: Interval | undefined): string | undefined {
  if (interval === undefined || interval.high - interval.low <= WIDE * Math.abs(value)) return undefined;
  return 'its interval is wider than half of the value: take more samples';
}

/** The interval of a metric's mean over the outputs, if it is known without each of the groups of samples. */
function intervalOf(
  value: number,
  index: number,
  { found, confidence }: { readonly found: readonly OutputResult[]; readonly confidence: number },
): Interval | undefined {
  const perOutput = found.map(({ without }) => without[index]);
  const [first] = perOutput;
  if (first === undefined) return undefined;
  const means = first.values.map((_, group) => mean(perOutput.map((one) => one?.values[group] ?? 0)));
  const { bias, ...interval } = jackknifeInterval(value, means, confidence);
  return { ...interval, ...(first.areSecondOrder && { bias }) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function stackedSpectrum(
  { singularValues, errorBounds, values }: OutputResult,
  metrics: readonly Metric[],
): StackedSpectrum {
  const named = metrics.map(({ name }, index) => [name, values[index] as number] as const);
  return { singularValues, errorBounds, metrics: Object.fromEntries(named) };
}

import type { Dataset } from '../contracts/dataset.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import type {
  AnyMetric,
  BatchQuantities,
  NetworkMetric,
  NetworkMetricContext,
  NetworkQuantities,
  Observation,
} from '../contracts/networkMetric.ts';
import { jacobianRows } from '../derivatives/derivedJacobian.ts';
import { columnFactors } from '../derivatives/inputScale.ts';
import { withOutputKind } from '../derivatives/outputKind.ts';
import { allOutputs } from '../derivatives/outputs.ts';
import type { AnalyzeOptions } from '../plan/analyzeOptions.ts';
import { type Batch, checkedBatches } from '../rows/checkedBatches.ts';
import { checkRows } from '../rows/checkedResults.ts';
import { batchSizeOf, scaledCopy } from '../rows/rowBatches.ts';
import { nextTask } from '../run/cancellation.ts';
import type { MetricResult } from './analysis.ts';

/** What metrics of a whole network are made of. */
export interface NetworkMetricsRequest {
  readonly network: DifferentiableNetwork;
  readonly data: Dataset;
  readonly metrics: readonly NetworkMetric[];
  readonly options: Pick<
    AnalyzeOptions,
    'outputs' | 'outputKind' | 'inputScale' | 'batchSize' | 'maxMemory' | 'signal'
  >;
}

/** Whether the metrics read batches, so that the data is read once for all of them together. */
export function readsBatches(metrics: readonly NetworkMetric[]): boolean {
  return metrics.some(({ needs }) => needs.some((need) => need !== 'network'));
}

/**
 * Refuses metrics that read what the network cannot give.
 *
 * @throws EdjmError `UNSUPPORTED`.
 */
export function checkNetworkMetrics(network: DifferentiableNetwork, metrics: readonly NetworkMetric[]): void {
  if (network.activationPatterns) return;
  const reader = metrics.find(({ needs }) => needs.includes('activationPatterns'));
  if (reader === undefined) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `metric ${reader.name}: expected a piecewise linear network in an engine that tells the pieces, got ${network.name}, which is curved, or whose engine does not. Leave the metric out.`,
  );
}

/**
 * The values of metrics of a whole network, in their order: one pass over the data serves all of them, if one reads it.
 *
 * @param onRows - called after each batch with the number of its samples.
 * @throws EdjmError `MEMORY_LIMIT`; `INVALID_DATA` if data, gradients or a metric are not finite; `ABORTED`.
 */
export async function networkMetricResults(
  { network: whole, data, metrics, options }: NetworkMetricsRequest,
  onRows: (count: number) => void,
): Promise<readonly MetricResult[]> {
  if (metrics.length === 0) return [];
  const { signal } = options;
  const network = withOutputKind(whole, options.outputKind ?? whole.outputKind);
  const outputs = options.outputs ?? allOutputs(network);
  const context: NetworkMetricContext = { n: data.n, dIn: network.dIn, outputs, signal };
  const observations = metrics.map((metric) => ({
    metric,
    observation: metric.observe(declared<NetworkQuantities>(metric, { network }), context),
  }));
  if (readsBatches(metrics)) {
    const request = { sources: [{ network, outputs }] as const, data, held: 0 };
    const batchSize = batchSizeOf(request, options);
    const needs = new Set<string>(metrics.flatMap((metric) => metric.needs));
    const scale = columnFactors(network, options.inputScale);
    for await (const batch of checkedBatches(data, { network, batchSize, signal })) {
      const read = await quantitiesOf(batch, { network, outputs, needs, scale });
      for (const { metric, observation } of observations)
        observation.add?.(declared<BatchQuantities>(metric, read));
      onRows(batch.samples.rows);
      await nextTask();
    }
  }
  const results: MetricResult[] = [];
  for (const { metric, observation } of observations)
    results.push(await resultOf(metric, observation, context));
  return results;
}

interface Reading {
  readonly network: DifferentiableNetwork;
  readonly outputs: readonly number[];
  readonly needs: ReadonlySet<string>;
  readonly scale: ArrayLike<number> | undefined;
}

/** The quantities of a batch that some metric reads, copied: metrics may keep them. */
async function quantitiesOf(
  batch: Batch,
  { network, outputs, needs, scale }: Reading,
): Promise<Partial<BatchQuantities>> {
  const samples = scaledCopy(batch.samples, undefined);
  const read: { -readonly [K in keyof BatchQuantities]?: BatchQuantities[K] } = {};
  if (needs.has('samples')) read.samples = samples;
  if (needs.has('outputs')) read.outputs = scaledCopy(await network.forward(samples), undefined);
  if (needs.has('rows')) {
    const blocks = await jacobianRows(network, samples, outputs);
    checkRows(network, blocks, { batch, group: outputs });
    read.rows = blocks.map((block) => scaledCopy(block, scale));
  }
  const patterns = needs.has('activationPatterns') ? await network.activationPatterns?.(samples) : undefined;
  if (patterns) read.activationPatterns = patterns;
  return read;
}

/** The quantities among those that are there which a metric declares. */
function declared<Q extends object>({ needs }: NetworkMetric, there: Partial<Q>): Q {
  const names = new Set<string>(needs);
  const read: Partial<Q> = Object.fromEntries(
    Object.entries(there).filter(([name]) => names.has(name)),
  ) as Partial<Q>;
  // The type of a metric keeps it from reading quantities that it does not declare.
  return read as Q;
}

/** What a report says about a metric beside its value. */
export function aboutMetric({
  description,
  reading,
  options,
}: AnyMetric): Pick<MetricResult, 'description' | 'reading' | 'options'> {
  return { description, ...(reading && { reading }), ...(options && { options }) };
}

async function resultOf(
  metric: NetworkMetric,
  observation: Observation,
  { outputs }: NetworkMetricContext,
): Promise<MetricResult> {
  const found = await observation.value();
  const perOutput = typeof found === 'number' ? undefined : found;
  const values = perOutput ?? [found as number];
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined || (perOutput && perOutput.length !== outputs.length)) {
    const expected = perOutput ? `${outputs.length} finite numbers, one for each output` : 'a finite number';
    throw new EdjmError(
      'INVALID_DATA',
      `metric ${metric.name}: expected ${expected}, got ${values.join(', ')}. Correct the metric, or leave it out.`,
    );
  }
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  return { value, ...(perOutput && { perOutput }), ...aboutMetric(metric) };
}

import {
  analyze,
  type AnalyzeOptions,
  type AnyMetric,
  createReport,
  type Dataset,
  type DifferentiableNetwork,
  EdjmError,
  isNetworkMetric,
  type NullModel,
  type Report,
  type ReportModel,
  spectrumMethods,
} from '@edjm/core';
import { reportOptions, type SpectrumOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { version } from '../version.ts';
import { megabytes, workingMemory } from './memory.ts';
import { nullModel } from './nullModels.ts';
import { showProgress } from './progress.ts';

/** How often a null model is drawn if nothing else is asked for. */
const NULL_SEEDS = 3;

/** What an analysis is asked for. */
export interface ReportRequest {
  readonly data: Dataset;
  readonly metrics: readonly AnyMetric[];
  readonly options: SpectrumOptions;
  /** Defaults to `'fed'`. */
  readonly jacobianOf?: 'fed' | 'raw';
}

/** What a report says about the source of its rows. */
export interface ReportSource {
  readonly name: string;
  /** SHA-256 of what it is read from. */
  hashes(): Promise<Omit<ReportModel, 'name'>>;
  readonly engine: string;
  readonly shell: Pick<Shell, 'stderr'>;
}

/**
 * The metrics. If none is named, these are the usual ones. With `--values`, or a method that finds the largest values
 * alone, metrics that need more values are left out.
 */
function metricsFor(
  network: DifferentiableNetwork,
  { data, metrics, options }: ReportRequest,
): readonly AnyMetric[] {
  const { metric: named, values = Infinity, method } = options;
  if (named !== undefined) return metrics;
  const total = Math.min(data.n, network.dIn);
  const { onlyLargest = false } = spectrumMethods.find(({ name }) => name === method) ?? {};
  const most = onlyLargest ? Math.min(values, total - 1) : values;
  return metrics.filter((metric) => isNetworkMetric(metric) || (metric.largest?.(total) ?? total) <= most);
}

/** The options of the command that the analysis takes. */
export function analyzeOptions(network: DifferentiableNetwork, request: ReportRequest): AnalyzeOptions {
  const { data, options, jacobianOf } = request;
  const { outputs, batchSize, accuracy, method, values, stacked, threads, confidence } = options;
  return {
    metrics: metricsFor(network, request),
    outputs,
    batchSize,
    accuracy,
    method,
    values,
    stacked,
    threads,
    confidence,
    inputScale: jacobianOf === 'raw' ? data.inputScale : undefined,
  };
}

/** Analyzes a network, or rows in the place of one, with the null models that are asked for. */
export async function reportOn(
  network: DifferentiableNetwork,
  request: ReportRequest,
  { engine, shell, ...source }: ReportSource,
): Promise<Report> {
  const { data, options } = request;
  using progress = showProgress(source.name, options, shell.stderr);
  const maxMemory = workingMemory(options);
  const asked = { ...analyzeOptions(network, request), maxMemory };
  const analysis = await analyze(network, data, { ...asked, onProgress: progress.update }).catch(
    (error: unknown) => {
      if (!EdjmError.is(error, 'MEMORY_LIMIT') || options.maxMemory === undefined) throw error;
      const own = megabytes(options.maxMemory - maxMemory);
      throw new EdjmError(
        'MEMORY_LIMIT',
        `${error.message} The program and the network take ${own} of --max-memory.`,
        { cause: error },
      );
    },
  );
  const nullModels: NullModel[] = [];
  for (const kind of options.null ?? []) {
    nullModels.push(
      await nullModel(kind, { network, data, options: asked, seeds: options.nullSeeds ?? NULL_SEEDS }),
    );
  }
  return createReport(analysis, {
    model: { name: source.name, ...(await source.hashes()) },
    data: { name: data.name, sha256: await data.sha256(), transform: data.transform },
    environment: {
      edjm: version(),
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      engine,
    },
    jacobianOf: request.jacobianOf,
    options: reportOptions(options),
    nullModels,
  });
}

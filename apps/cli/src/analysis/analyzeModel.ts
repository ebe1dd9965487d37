import { totalmem } from 'node:os';
import {
  analyze,
  type AnyMetric,
  type AnalyzeOptions,
  createReport,
  type Dataset,
  type DifferentiableNetwork,
  EdjmError,
  isNetworkMetric,
  type NullModel,
  type Report,
  spectrumMethods,
} from '@edjm/core';
import { reportOptions, type RunOptions } from '../commandLine/runOptions.ts';
import { nullModel } from './nullModels.ts';
import { problemText, type Ready } from '../engines/engine.ts';
import type { Model } from '../model/resolveModel.ts';
import { showProgress } from './progress.ts';
import type { Run } from './run.ts';
import { version } from '../version.ts';

/** How often a null model is drawn if nothing else is asked for. */
const NULL_SEEDS = 3;

/** The share of the memory that a run may take if no limit is given. The rest is for other programs. */
const MEMORY_SHARE = 0.5;

/** Bytes that the program grows by beside its working memory: compiled code, threads, the plotting library. */
const OWN_GROWTH = 75e6;

/** The share of the limit that uncollected garbage may take. */
const GARBAGE_SHARE = 0.1;

/** Working memory for the analysis: the limit of the process, less the memory that it holds already and will need for itself. */
export function workingMemory({ maxMemory }: RunOptions): number {
  const limit = maxMemory ?? Math.min(MEMORY_SHARE * totalmem(), 2 ** 32);
  const own = process.memoryUsage().rss + OWN_GROWTH + GARBAGE_SHARE * limit;
  if (limit > own) return limit - own;
  throw new EdjmError(
    'MEMORY_LIMIT',
    `expected a memory limit above the ${megabytes(own)} that the program and the network take, got ${megabytes(limit)}. Raise --max-memory.`,
  );
}

function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1e6))} MB`;
}

/**
 * The metrics. If none is named, these are the usual ones. With `--values`, or a method that finds the largest values
 * alone, metrics that need more values are left out.
 */
function metricsFor(network: DifferentiableNetwork, data: Dataset, run: Run): readonly AnyMetric[] {
  const { metrics, options } = run;
  const { metric: named, values = Infinity, method } = options;
  if (named !== undefined) return metrics;
  const total = Math.min(data.n, network.dIn);
  const { onlyLargest = false } = spectrumMethods.find(({ name }) => name === method) ?? {};
  const most = onlyLargest ? Math.min(values, total - 1) : values;
  return metrics.filter((metric) => isNetworkMetric(metric) || (metric.largest?.(total) ?? total) <= most);
}

/** The options of the command that the analysis takes. */
export function analyzeOptions(network: DifferentiableNetwork, data: Dataset, run: Run): AnalyzeOptions {
  const { options } = run;
  const { outputs, batchSize, accuracy, method, values, stacked, threads, jacobianOf, confidence } = options;
  return {
    metrics: metricsFor(network, data, run),
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

/** Loads a model, and reports preferred engines that could not be used. */
export async function loadModel(
  model: Model,
  { dataShape, options, shell }: Run,
): Promise<Pick<Ready<DifferentiableNetwork>, 'network' | 'engine'>> {
  const { network, engine, passedOver } = await model.load(dataShape);
  if (options.progress && passedOver.length > 0) {
    shell.stderr.write(
      `${model.name} runs in ${engine}. Passed over: ${passedOver.map(problemText).join('; ')}\n`,
    );
  }
  return { network, engine };
}

/** Analyzes one model file. */
export async function analyzeModel(model: Model, run: Run): Promise<Report> {
  const { options, shell } = run;
  const { network: loaded, engine } = await loadModel(model, run);
  await using network = loaded;
  const data = await run.dataFor(network);
  using progress = showProgress(model.name, options, shell.stderr);
  const maxMemory = workingMemory(options);
  const analysis = await analyze(network, data, {
    ...analyzeOptions(network, data, run),
    maxMemory,
    onProgress: progress.update,
  }).catch((error: unknown) => {
    if (!EdjmError.is(error, 'MEMORY_LIMIT') || options.maxMemory === undefined) throw error;
    const own = megabytes(options.maxMemory - maxMemory);
    throw new EdjmError(
      'MEMORY_LIMIT',
      `${error.message} The program and the network take ${own} of --max-memory.`,
      {
        cause: error,
      },
    );
  });
  const nullModels: NullModel[] = [];
  for (const kind of options.null ?? []) {
    const request = { ...analyzeOptions(network, data, run), maxMemory };
    nullModels.push(
      await nullModel(kind, { network, data, options: request, seeds: options.nullSeeds ?? NULL_SEEDS }),
    );
  }
  return createReport(analysis, {
    model: { name: model.name, sha256: await model.sha256() },
    data: {
      name: data.name,
      sha256: await data.sha256(),
      transform: data.transform,
    },
    environment: {
      edjm: version(),
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      engine,
    },
    jacobianOf: options.jacobianOf,
    options: reportOptions(options),
    nullModels,
  });
}

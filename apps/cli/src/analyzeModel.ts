import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { totalmem } from 'node:os';
import {
  analyze,
  type AnalyzeOptions,
  createReport,
  type Dataset,
  EdjmError,
  type Metric,
  type Report,
} from '@edjm/core';
import { openDataset } from '@edjm/datasets';
import { loadModel } from './loadModel.ts';
import type { RunOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { version } from './version.ts';

/** What is analysed, beside the model. */
export interface Run {
  readonly data: Dataset;
  readonly metrics: readonly Metric[];
  readonly options: RunOptions;
  readonly signal: AbortSignal;
}

/** Opens the data that the options name. */
export async function openData(options: RunOptions): Promise<Dataset> {
  const { data, array, limit, scale, mean, std } = options;
  return openDataset(data, {
    ...(array !== undefined && { array }),
    ...(limit !== undefined && { limit }),
    ...(scale !== undefined && { scale }),
    ...(mean !== undefined && { mean }),
    ...(std !== undefined && { std }),
  });
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** What of the memory a run may take where no limit is given: the rest belongs to other programs. */
const MEMORY_SHARE = 0.5;

/** What the program grows by beside its working memory: compiled code, the plotting library, garbage not yet collected. */
const OWN_GROWTH = 60e6;

/** Working memory for the analysis: the limit of the process less what it holds already and will need for itself. */
export function workingMemory({ maxMemory }: RunOptions): number {
  const limit = maxMemory ?? Math.min(MEMORY_SHARE * totalmem(), 2 ** 32);
  const own = process.memoryUsage().rss + OWN_GROWTH;
  if (limit > own) return limit - own;
  throw new EdjmError(
    'MEMORY_LIMIT',
    `expected a memory limit above the ${megabytes(own)} that the program and the network take, got ${megabytes(limit)}. Raise --max-memory.`,
  );
}

function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1e6))} MB`;
}

/** What of the command's options the analysis takes. */
export function analyzeOptions({ data, metrics, options, signal }: Run): AnalyzeOptions {
  const { outputs, batchSize, accuracy, method, values, stacked, threads, jacobianOf } = options;
  return {
    metrics,
    signal,
    ...(outputs !== undefined && { outputs }),
    ...(batchSize !== undefined && { batchSize }),
    ...(accuracy !== undefined && { accuracy }),
    ...(method !== undefined && { method }),
    ...(values !== undefined && { values }),
    ...(stacked !== undefined && { stacked }),
    ...(threads !== undefined && { threads }),
    ...(jacobianOf === 'raw' && data.inputScale !== undefined && { inputScale: data.inputScale }),
  };
}

/** Analyses one model file. */
export async function analyzeModel(path: string, run: Run): Promise<Report> {
  const { data, options } = run;
  await using network = await loadModel(path, options);
  using progress = showProgress(basename(path), options);
  const maxMemory = workingMemory(options);
  const analysis = await analyze(network, data, {
    ...analyzeOptions(run),
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
  return createReport(analysis, {
    model: { name: basename(path), sha256: await fileHash(path) },
    data: {
      name: data.name,
      sha256: await data.sha256(),
      ...(data.transform !== undefined && { transform: data.transform }),
    },
    environment: {
      edjm: version(),
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
    },
    jacobianOf: options.jacobianOf,
  });
}

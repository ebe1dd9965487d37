import { totalmem } from 'node:os';
import { EdjmError } from '@edjm/core';
import type { SpectrumOptions } from '../commandLine/runOptions.ts';

/** The share of the memory that a run may take if no limit is given. The rest is for other programs. */
const MEMORY_SHARE = 0.5;

/** Bytes that the program grows by beside its working memory: compiled code, threads, the plotting library. */
const OWN_GROWTH = 75e6;

/** The share of the limit that uncollected garbage may take. */
const GARBAGE_SHARE = 0.1;

/** Working memory for the analysis: the limit of the process, less the memory that it holds already and will need for itself. */
export function workingMemory({ maxMemory }: Pick<SpectrumOptions, 'maxMemory'>): number {
  const limit = maxMemory ?? Math.min(MEMORY_SHARE * totalmem(), 2 ** 32);
  const own = process.memoryUsage().rss + OWN_GROWTH + GARBAGE_SHARE * limit;
  if (limit > own) return limit - own;
  throw new EdjmError(
    'MEMORY_LIMIT',
    `expected a memory limit above the ${megabytes(own)} that the program and the network take, got ${megabytes(limit)}. Raise --max-memory.`,
  );
}

/** A number of bytes as text. */
export function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1e6))} MB`;
}

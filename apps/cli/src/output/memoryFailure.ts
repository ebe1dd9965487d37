import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { EdjmError } from '@edjm/core';

/** Node's flag without which each memory of WebAssembly takes 10 GB of addresses, though little of it is used. */
const FLAG = '--disable-wasm-trap-handler';

const GB = 1e9;

/** The least address space of a run without the flag. */
const UNGUARDED = 256 * GB;

/** The least address space of a run with the flag: for Node with an engine, and for each thread. */
const LEAST = { base: 3.7 * GB, thread: 0.15 * GB } as const;

/**
 * Refuses a run in too little address space (`ulimit -v`), which would end somewhere in the engine, without a word of use.
 *
 * @throws EdjmError `MEMORY_LIMIT`.
 */
export function checkAddressSpace(): void {
  const limit = addressSpace();
  const hasFlag = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ').includes(FLAG);
  const least = LEAST.base + LEAST.thread * availableParallelism();
  if (limit >= (hasFlag ? least : UNGUARDED)) return;
  const remedy = limit >= least ? `or set NODE_OPTIONS=${FLAG}` : 'and limit memory by --max-memory';
  throw new EdjmError(
    'MEMORY_LIMIT',
    `expected an address space of at least ${inGB(hasFlag || limit < least ? least : UNGUARDED)}, got a limit of ${inGB(limit)}. Raise it by ulimit -v unlimited, ${remedy}.`,
  );
}

/** The limit of this process; infinite where the system has none, or does not say. */
function addressSpace(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max address space +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

function inGB(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}

/** The error of a system that gives no more memory, as one that says what to do. Others stay. */
export function asMemoryLimit(error: unknown): unknown {
  if (!(error instanceof Error) || EdjmError.is(error) || !isOutOfMemory(error)) return error;
  return new EdjmError(
    'MEMORY_LIMIT',
    `expected memory from the system, got: ${error.message}. Give a smaller --max-memory, end other programs, or raise the limits of this shell (ulimit -a).`,
    { cause: error },
  );
}

/** By the messages and codes of V8 and Node. */
function isOutOfMemory({ message, ...error }: Error & { readonly code?: unknown }): boolean {
  return (
    error.code === 'ERR_WORKER_INIT_FAILED' ||
    error.code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    /could not allocate memory|allocation failed|out of memory/i.test(message)
  );
}

import type { Kernel } from './kernels.ts';

/** A memory's contents. */
export type MemoryBuffer = ArrayBuffer | SharedArrayBuffer;

/**
 * A problem that one call of a kernel's function solves, wherever the memory is: in this thread, shared with others, or
 * copied to one of them.
 */
export interface KernelProblem {
  readonly kernel: Kernel<object>;
  /** How large its memory must be. */
  readonly bytes: number;
  /** The number of bytes that `write` fills. The memory up to there must reach the thread that solves the problem. */
  readonly inputBytes: number;
  /** The exported function; it is called with `args`, the index of the thread, and the number of threads. */
  readonly call: string;
  readonly args: readonly number[];
  /** The most threads that can work on it together; above 1 the kernel has a shared memory. */
  readonly threads: number;
  /** The place of the result. */
  readonly output: { readonly at: number; readonly bytes: number };
  /** Writes the problem into a memory with arbitrary contents. */
  write(memory: MemoryBuffer): void;
  /** The result from the bytes of `output` and what the function returned, to thread 0 if there are several. */
  read(output: ArrayBuffer, returned: number): Float64Array;
}

/** Solves a problem in this thread. */
export function solveHere(problem: KernelProblem): Float64Array {
  const { kernel, bytes, call, args, output } = problem;
  return kernel.run(bytes, (exports, memory) => {
    problem.write(memory);
    const solve: unknown = Reflect.get(exports, call);
    if (typeof solve !== 'function') throw new RangeError(`expected a kernel with ${call}, got none.`);
    const returned = Number(Reflect.apply(solve, undefined, [...args, 0, 1]));
    return problem.read(new Uint8Array(memory, output.at, output.bytes).slice().buffer, returned);
  });
}

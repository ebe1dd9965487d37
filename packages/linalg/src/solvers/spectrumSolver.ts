import { checkCount } from '../matrix/checkMatrix.ts';
import { kernelThreads } from '../wasm/kernelThreads.ts';
import type { PackedTriangle } from '../matrix/packedTriangle.ts';
import { countOf, triangleEigenvalues } from './symmetricEigenvalues.ts';
import { symmetricProblem } from '../wasm/symmetricProblem.ts';
import { triangularProblem } from '../wasm/triangularProblem.ts';
import { triangularSingularValues } from './triangularSingularValues.ts';

/** Solves the eigenvalue and singular value problems of accumulators. */
export interface SpectrumSolver extends AsyncDisposable {
  /** Eigenvalues of a symmetric matrix, descending: all, or the `largest` alone. */
  symmetricEigenvalues(matrix: PackedTriangle, largest?: number): Promise<Float64Array>;
  /** Singular values of a triangular matrix L, packed, descending, each to about 2⁻⁵² of the largest. */
  triangularSingularValues(matrix: PackedTriangle, largest?: number): Promise<Float64Array>;
  dispose(): Promise<void>;
}

/** How {@link threadedSolver} works. */
export interface ThreadedSolverOptions {
  /** How many threads it may start, at least 1. Defaults to one for each processor that the program may use. */
  readonly threads?: number | undefined;
}

/** Solves each problem in the calling thread, at once. Disposing of it does nothing. */
export const inThisThread: SpectrumSolver = {
  symmetricEigenvalues: async (matrix, largest) => triangleEigenvalues(matrix, largest),
  triangularSingularValues: async (matrix, largest) => triangularSingularValues(matrix, largest),
  dispose: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

/**
 * Solves problems on threads, in Node (worker threads) and in browsers (Web Workers): as many at once as there are threads, and a
 * matrix of order 1000 or more by up to four of them together. Its results are those of {@link inThisThread} to the last bit.
 *
 * Threads are started when they are first needed, stay for the next problem, and do not keep a program from ending. In a
 * page that is not cross-origin isolated each problem is copied to one thread.
 *
 * @throws RangeError if `threads` is not a count. Its functions reject with a RangeError if a thread dies.
 *
 * @example
 * ```ts
 * import { gramAccumulator, threadedSolver } from '@edjm/linalg';
 *
 * await using solver = threadedSolver();
 * const accumulator = gramAccumulator(2);
 * accumulator.add({ rows: 2, columns: 2, data: Float64Array.of(3, 0, 0, 4) });
 * console.log((await accumulator.finish({ solver })).singularValues); // Float64Array [ 4, 3 ]
 * ```
 */
export function threadedSolver({ threads = availableThreads() }: ThreadedSolverOptions = {}): SpectrumSolver {
  checkCount(threads, 'the number of threads', 1);
  const workers = kernelThreads(threads);
  return {
    symmetricEigenvalues: async (matrix, largest) =>
      workers.solve(symmetricProblem(matrix, countOf(matrix, largest))),
    triangularSingularValues: async (matrix, largest) =>
      workers.solve(triangularProblem(matrix, countOf(matrix, largest))),
    dispose: () => workers.dispose(),
    [Symbol.asyncDispose]: () => workers.dispose(),
  };
}

/** How many processors the program may use: the default number of threads of a {@link threadedSolver}. */
export function availableThreads(): number {
  if (typeof process === 'object' && typeof process.getBuiltinModule === 'function') {
    return process.getBuiltinModule('node:os').availableParallelism();
  }
  const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? 1;
}

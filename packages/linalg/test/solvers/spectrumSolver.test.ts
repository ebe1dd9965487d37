import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { inThisThread, symmetricEigenvalues, threadedSolver } from '../../src/index.ts';
import type { KernelProblem } from '../../src/wasm/kernelProblem.ts';
import { kernelThreads } from '../../src/wasm/kernelThreads.ts';
import { type PackedTriangle, toDense, zeroTriangle } from '../../src/matrix/packedTriangle.ts';
import { symmetricProblem } from '../../src/wasm/symmetricProblem.ts';
import { randomNumbers } from '../matrices.ts';

function randomTriangle(order: number, seed: number): PackedTriangle {
  const triangle = zeroTriangle(order);
  const next = randomNumbers(seed);
  for (let at = 0; at < (order * (order + 1)) / 2; at++) triangle.entries[at] = next();
  return triangle;
}

describe('inThisThread', () => {
  it('is symmetricEigenvalues, and outlives its disposal', async () => {
    const triangle = randomTriangle(50, 1);
    await inThisThread.dispose();
    const values = await inThisThread.symmetricEigenvalues(triangle);
    expect(values).toEqual(symmetricEigenvalues(toDense(triangle)));
    expect(await inThisThread.symmetricEigenvalues(triangle, 7)).toEqual(
      symmetricEigenvalues(toDense(triangle), { largest: 7 }),
    );
  });

  it('rejects rather than throws', async () => {
    const triangle = { order: 1, entries: Float64Array.of(NaN) };
    await expect(inThisThread.symmetricEigenvalues(triangle)).rejects.toThrow(/^expected finite/);
    await expect(inThisThread.triangularSingularValues(triangle)).rejects.toThrow(/^expected finite/);
  });
});

describe('threadedSolver', () => {
  const solver = threadedSolver({ threads: 2 });
  afterAll(() => solver.dispose());
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('gives what this thread gives, to the last bit, for more matrices at once than it has threads', async () => {
    const triangles = [0, 1, 2, 40, 150, 33, 64].map((order, seed) => randomTriangle(order, seed));
    const threaded = await Promise.all(
      triangles.flatMap((triangle) => [
        solver.symmetricEigenvalues(triangle),
        solver.symmetricEigenvalues(triangle, 3),
        solver.triangularSingularValues(triangle),
        solver.triangularSingularValues(triangle, 3),
      ]),
    );
    const here = await Promise.all(
      triangles.flatMap((triangle) => [
        inThisThread.symmetricEigenvalues(triangle),
        inThisThread.symmetricEigenvalues(triangle, 3),
        inThisThread.triangularSingularValues(triangle),
        inThisThread.triangularSingularValues(triangle, 3),
      ]),
    );
    expect(threaded).toEqual(here);
    expect(here.map((values) => values.length)).toEqual(
      triangles.flatMap(({ order }) => [order, Math.min(3, order), order, Math.min(3, order)]),
    );
  });

  it.each([1, 2, 3, 4, 5])('gives the same bits with %i threads on one matrix', async (threads) => {
    await using some = threadedSolver({ threads });
    const triangle = randomTriangle(1011, 8);
    expect(await some.symmetricEigenvalues(triangle)).toEqual(
      await inThisThread.symmetricEigenvalues(triangle),
    );
    expect(await some.symmetricEigenvalues(triangle, 37)).toEqual(
      await inThisThread.symmetricEigenvalues(triangle, 37),
    );
  });

  it('copies matrices where memory cannot be shared', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    await using copying = threadedSolver({ threads: 2 });
    const triangles = [70, 1003, 20].map(randomTriangle);
    const values = await Promise.all(triangles.map((triangle) => copying.symmetricEigenvalues(triangle)));
    expect(values).toEqual(await Promise.all(triangles.map((one) => inThisThread.symmetricEigenvalues(one))));
  });

  it('leaves the matrix as it was', async () => {
    const triangle = randomTriangle(45, 6);
    const copy = triangle.entries.slice();
    await solver.symmetricEigenvalues(triangle);
    await solver.triangularSingularValues(triangle);
    expect(triangle.entries).toEqual(copy);
  });

  it('rejects what this thread rejects, and goes on', async () => {
    const infinite = randomTriangle(9, 2);
    infinite.entries[3] = Infinity;
    await expect(solver.symmetricEigenvalues(infinite)).rejects.toThrow(
      /^expected finite products of rows, got/,
    );
    await expect(solver.symmetricEigenvalues(randomTriangle(9, 2), 1.5)).rejects.toThrow(/whole number/);
    expect(await solver.symmetricEigenvalues(randomTriangle(9, 2), 0)).toEqual(new Float64Array(0));
  });

  it('refuses a number of threads that is no count, and problems after it was disposed', async () => {
    expect(() => threadedSolver({ threads: 0 })).toThrow(
      'expected the number of threads to be a whole number of at least 1, got 0',
    );
    const disposed = threadedSolver({ threads: 1 });
    await disposed.dispose();
    await expect(disposed.symmetricEigenvalues(randomTriangle(3, 1))).rejects.toThrow(
      new RangeError('expected a solver in use, got a disposed one. Make another.'),
    );
  });

  it('rejects the problems that it has when it is disposed', async () => {
    const disposed = threadedSolver({ threads: 1 });
    const pending = [1200, 1201].map((order) => disposed.symmetricEigenvalues(randomTriangle(order, 1)));
    const settled = Promise.allSettled(pending);
    await disposed.dispose();
    for (const result of await settled) {
      expect(result).toEqual({
        status: 'rejected',
        reason: new RangeError('expected a solver in use, got one that was disposed meanwhile.'),
      });
    }
  });
});

describe('kernelThreads', () => {
  it('says so where a thread fails, ends the threads that wait for it, and goes on with others', async () => {
    const threads = kernelThreads(2);
    try {
      const problem = symmetricProblem(randomTriangle(1100, 1), 1100);
      const failing: KernelProblem = { ...problem, call: 'nothing' };
      await expect(threads.solve(failing)).rejects.toThrow(
        /^expected a thread to solve a problem, got: TypeError: .* is not a function\. Use inThisThread\.$/,
      );
      // The first address is beyond the memory: the kernel traps in one thread or all.
      const trapping: KernelProblem = { ...problem, args: [2 ** 32 - 64] };
      await expect(threads.solve(trapping)).rejects.toThrow(/RuntimeError/);
      expect((await threads.solve(problem)).length).toBe(1100);
    } finally {
      await threads.dispose();
    }
  });
});

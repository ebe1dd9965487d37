import type { SpectrumSolver } from '../../src/index.ts';
import { zeroTriangle } from '../../src/packedTriangle.ts';
import { randomNumbers } from '../matrices.ts';

function randomTriangle(order: number, seed: number): ReturnType<typeof zeroTriangle> {
  const triangle = zeroTriangle(order);
  const next = randomNumbers(seed);
  for (let at = 0; at < (order * (order + 1)) / 2; at++) triangle.entries[at] = next();
  return triangle;
}

/** Problems that Node and browsers solve, and what they are. */
export const problems: readonly {
  readonly title: string;
  readonly solve: (solver: SpectrumSolver) => Promise<Float64Array>;
}[] = [
  ...[1, 7, 33, 100, 211].map((order) => ({
    title: `eigenvalues, order ${order}`,
    solve: (solver: SpectrumSolver) => solver.symmetricEigenvalues(randomTriangle(order, order)),
  })),
  {
    title: 'eigenvalues, order 1024, which threads share',
    solve: (solver) => solver.symmetricEigenvalues(randomTriangle(1024, 1)),
  },
  {
    title: 'the largest 20 eigenvalues, order 300',
    solve: (solver) => solver.symmetricEigenvalues(randomTriangle(300, 2), 20),
  },
  {
    title: 'singular values of a triangle, order 90',
    solve: (solver) => solver.triangularSingularValues(randomTriangle(90, 3)),
  },
];

import {
  dualAccumulator,
  frequentDirectionsAccumulator,
  gramAccumulator,
  largestSingularValues,
  logDeterminantFunction,
  multiply,
  spectralGradient,
  type SpectrumAccumulator,
  type SpectrumSolver,
  tsqrAccumulator,
} from '../../src/index.ts';
import { zeroTriangle } from '../../src/matrix/packedTriangle.ts';
import { symmetricEigen } from '../../src/decompositions/symmetricEigen.ts';
import { randomMatrix, randomNumbers, symmetricRandom } from '../matrices.ts';

function randomTriangle(order: number, seed: number): ReturnType<typeof zeroTriangle> {
  const triangle = zeroTriangle(order);
  const next = randomNumbers(seed);
  for (let at = 0; at < (order * (order + 1)) / 2; at++) triangle.entries[at] = next();
  return triangle;
}

/** Values, bounds, and values of the matrix times another, of rows that come in two blocks. */
async function spectraOf(
  empty: () => SpectrumAccumulator,
  rows: number,
  solver: SpectrumSolver,
): Promise<Float64Array> {
  const accumulator = empty();
  const { columns } = accumulator;
  accumulator.add(randomMatrix(rows, columns, 5));
  const others = randomMatrix(rows, columns, 6);
  accumulator.add({ ...others, data: Float32Array.from(others.data) });
  const { singularValues, errorBounds } = await accumulator.finish({ solver });
  const product = await accumulator.times(randomMatrix(columns, 20, 7)).finish({ solver });
  return Float64Array.of(...singularValues, ...errorBounds, ...product.singularValues);
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
  {
    title: 'gram, 200 × 70',
    solve: (solver) => spectraOf(() => gramAccumulator(70), 100, solver),
  },
  {
    title: 'dual, 60 × 130',
    solve: (solver) => spectraOf(() => dualAccumulator(130, 60), 30, solver),
  },
  {
    title: 'tsqr, 600 × 70',
    solve: (solver) => spectraOf(() => tsqrAccumulator(70), 300, solver),
  },
  {
    title: 'frequent directions, 200 × 90',
    solve: (solver) => spectraOf(() => frequentDirectionsAccumulator(90, { directions: 25 }), 100, solver),
  },
  {
    title: 'eigenvectors, order 50',
    solve: async () => Float64Array.from(symmetricEigen(symmetricRandom(50, 8)).vectors.data),
  },
  {
    title: 'the gradient of a log-determinant, 30 × 80',
    solve: async () =>
      Float64Array.from(spectralGradient(randomMatrix(30, 80, 9), logDeterminantFunction()).gradient.data),
  },
  {
    title: 'the largest 10 singular values by products, 300 × 200',
    solve: async () => {
      const matrix = randomMatrix(300, 200, 10);
      const operator = {
        rows: 300,
        columns: 200,
        multiply: async (z: Parameters<typeof multiply>[1]) => multiply(matrix, z),
        multiplyTransposed: async (x: Parameters<typeof multiply>[1]) =>
          multiply(matrix, x, { transposeA: true }),
      };
      return (await largestSingularValues(operator, { count: 10 })).singularValues;
    },
  },
];

import { type DenseMatrix, type SpectralFunction, spectralGradient } from '../src/index.ts';
import { matrixOf, randomMatrix } from './matrices.ts';

/** The product of two matrices, entry by entry. */
export function inner(a: DenseMatrix, b: DenseMatrix): number {
  return Array.from(a.data, (entry, at) => entry * b.data[at]!).reduce((x, y) => x + y, 0);
}

/**
 * How far the gradient is from slopes by central differences, in random directions of length 1, at the worst; relative to
 * the gradient, or to `least` where it is shorter.
 */
export function gradientError(
  matrix: DenseMatrix,
  f: SpectralFunction,
  { step, least = 1, directions = 4 }: { step: number; least?: number; directions?: number },
): number {
  const { gradient } = spectralGradient(matrix, f);
  const { rows, columns, data } = matrix;
  const valueAt = (direction: DenseMatrix, way: number): number =>
    spectralGradient(
      matrixOf(rows, columns, (i, j) => data[i * columns + j]! + way * direction.data[i * columns + j]!),
      f,
    ).value;
  const size = Math.max(least, Math.sqrt(inner(gradient, gradient)));
  const errors = Array.from({ length: directions }, (_, seed) => {
    const random = randomMatrix(rows, columns, seed + 1);
    const length = Math.sqrt(inner(random, random));
    const direction = { ...random, data: random.data.map((entry) => entry / length) };
    const slope = (valueAt(direction, step) - valueAt(direction, -step)) / (2 * step);
    return Math.abs(inner(gradient, direction) - slope) / size;
  });
  return Math.max(...errors);
}

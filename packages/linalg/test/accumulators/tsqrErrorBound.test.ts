import { describe, expect, it } from 'vitest';
import { tsqrAccumulator, tsqrErrorBound } from '../../src/index.ts';
import { matrixOf, randomMatrix } from '../matrices.ts';

describe('tsqrErrorBound', () => {
  it.each([
    [1, 1],
    [300, 96],
    [5000, 3],
    [40, 500],
    [700, 900],
    [2000, 150],
  ])('is above the bounds of %i × %i rows', async (rows, columns) => {
    // Rows of equal values have the largest norm for their largest value.
    const equal = matrixOf(rows, columns, (i, j) => (i % columns === j % rows ? 1 : 0));
    for (const matrix of [randomMatrix(rows, columns, 1), equal]) {
      const accumulator = tsqrAccumulator(columns);
      accumulator.add(matrix);
      const { singularValues, errorBounds } = await accumulator.finish();
      // Bounds are rounded up on their way.
      expect(errorBounds[0]! / singularValues[0]!).toBeLessThanOrEqual(
        tsqrErrorBound(rows, columns) * (1 + 1e-5),
      );
    }
  });

  it('grows with the blocks of rows, as documented', () => {
    // 20 blocks of 512 rows, and the values of a triangle of order 784.
    const expected = 2 ** -53 * (20 * 4 * Math.sqrt(784 + 512) * Math.sqrt(784) + 8 * 784);
    expect(Math.abs(tsqrErrorBound(10_000, 784) / expected - 1)).toBeLessThan(1e-12);
    expect(tsqrErrorBound(1_000_000, 784) / tsqrErrorBound(10_000, 784)).toBeGreaterThan(80);
  });
});

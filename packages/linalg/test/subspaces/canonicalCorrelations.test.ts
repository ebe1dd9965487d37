import { describe, expect, it } from 'vitest';
import {
  canonicalCorrelations,
  type DenseMatrix,
  dominantDirections,
  type DominantDirectionsOptions,
  multiply,
  principalAngles,
} from '../../src/index.ts';
import {
  matrixOf,
  randomMatrix,
  relativeDifference,
  scaled,
  transposed,
  withSingularValues,
} from '../matrices.ts';

function correlations(a: DenseMatrix, b: DenseMatrix, options?: DominantDirectionsOptions): Float64Array {
  const directions = (x: DenseMatrix) => dominantDirections(multiply(x, x, { transposeA: true }), options);
  return canonicalCorrelations(multiply(a, b, { transposeA: true }), directions(a), directions(b));
}

/** Cosines of the angles between the column spaces, from the matrices themselves. */
function expected(a: DenseMatrix, b: DenseMatrix): Float64Array {
  return principalAngles(transposed(a), transposed(b)).map(Math.cos);
}

describe('canonical correlations', () => {
  it('are the cosines of the angles between column spaces, of any widths', () => {
    for (const [widthA, widthB] of [
      [5, 5],
      [3, 8],
      [8, 3],
    ] as const) {
      const a = randomMatrix(30, widthA, 1);
      const b = randomMatrix(30, widthB, 2);
      expect(relativeDifference(correlations(a, b), expected(a, b))).toBeLessThan(1e-13);
    }
  });

  it('are 1 for a matrix and what is made of its columns', () => {
    const a = randomMatrix(30, 5, 1);
    const made = multiply(a, randomMatrix(5, 9, 3));
    const ones = new Array<number>(5).fill(1);
    expect(relativeDifference(correlations(a, made), ones)).toBeLessThan(1e-12);
    expect(Math.max(...correlations(a, made))).toBeLessThanOrEqual(1);
  });

  it('are 0 between orthogonal columns', () => {
    const a = matrixOf(6, 2, (i, j) => (i === j ? 1 + i : 0));
    const b = matrixOf(6, 3, (i, j) => (i === j + 2 ? 1 : 0));
    expect(correlations(a, b)).toEqual(Float64Array.of(0, 0));
  });

  it('leave out directions below the tolerance', () => {
    const values = [3, 2, 1e-3, 1e-7, 0];
    const a = withSingularValues(20, 5, values);
    expect(correlations(a, randomMatrix(20, 12, 1))).toHaveLength(3);
    expect(correlations(a, randomMatrix(20, 12, 1), { tolerance: 1e-2 })).toHaveLength(2);
  });

  it('are good to what squares keep where the small directions are kept', () => {
    const a = withSingularValues(20, 4, [3, 1, 1e-2, 1e-4]);
    const b = randomMatrix(20, 6, 2);
    expect(relativeDifference(correlations(a, b), expected(a, b))).toBeLessThan(1e-7);
  });

  it('compare the dominant directions alone', () => {
    // Columns along coordinates: the two largest of A and of B share the first alone.
    const a = matrixOf(6, 3, (i, j) => (i === j ? [5, 4, 1][j]! : 0));
    const b = matrixOf(6, 3, (i, j) => (i === [0, 4, 1][j] ? [5, 4, 1][j]! : 0));
    expect(relativeDifference(correlations(a, b), [1, 1, 0])).toBeLessThan(1e-15);
    expect(relativeDifference(correlations(a, b, { most: 2 }), [1, 0])).toBeLessThan(1e-15);
  });

  it('do not depend on scale, and are symmetric', () => {
    const a = randomMatrix(25, 4, 5);
    const b = randomMatrix(25, 6, 6);
    const found = correlations(a, b);
    expect(relativeDifference(correlations(scaled(a, 1e60), scaled(b, 1e-60)), found)).toBeLessThan(1e-13);
    expect(relativeDifference(correlations(b, a), found)).toBeLessThan(1e-13);
  });

  it('are none where a matrix is zero', () => {
    expect(
      correlations(
        matrixOf(5, 2, () => 0),
        randomMatrix(5, 2, 1),
      ),
    ).toHaveLength(0);
  });

  it('refuse products of another shape, and numbers that are not finite', () => {
    const ofA = dominantDirections(
      multiply(randomMatrix(9, 3, 1), randomMatrix(9, 3, 1), { transposeA: true }),
    );
    expect(() => canonicalCorrelations(randomMatrix(2, 3, 1), ofA, ofA)).toThrow(
      new RangeError('expected AᵀB with 3 rows, got 2. Give the product of the same two matrices.'),
    );
    expect(() => canonicalCorrelations(randomMatrix(3, 2, 1), ofA, ofA)).toThrow(/3 columns/);
    const broken = matrixOf(3, 3, () => NaN);
    expect(() => canonicalCorrelations(broken, ofA, ofA)).toThrow(/got NaN/);
  });

  it('end where one direction alone is common to both', () => {
    const order = 100;
    const identity = matrixOf(order, order, (i, j) => (i === j ? 1 : 0));
    const all = dominantDirections(identity);
    const found = canonicalCorrelations(
      matrixOf(order, order, () => 1 / order),
      all,
      all,
    );
    expect(relativeDifference(found, [1, ...new Array<number>(order - 1).fill(0)])).toBeLessThan(1e-14);
  });
});

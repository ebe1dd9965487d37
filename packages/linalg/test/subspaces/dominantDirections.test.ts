import { describe, expect, it } from 'vitest';
import { dominantDirections, multiply, principalAngles } from '../../src/index.ts';
import { matrixOf, randomMatrix, relativeDifference, withSingularValues } from '../matrices.ts';

describe('dominantDirections', () => {
  const values = [5, 4, 1, 1e-3, 0];
  const rows = withSingularValues(9, 5, values);
  const gram = multiply(rows, rows, { transposeA: true });

  it('are orthonormal eigenvectors of JᵀJ with the singular values of J', () => {
    const { singularValues, vectors } = dominantDirections(gram);
    expect(vectors).toMatchObject({ rows: 4, columns: 5 });
    expect(relativeDifference(singularValues, values.slice(0, 4))).toBeLessThan(1e-12);
    const images = multiply(vectors, gram);
    const stretched = matrixOf(4, 5, (i, j) => values[i]! ** 2 * vectors.data[5 * i + j]!);
    expect(relativeDifference(images.data, stretched.data)).toBeLessThan(1e-14);
    const identity = matrixOf(4, 4, (i, j) => (i === j ? 1 : 0));
    const products = multiply(vectors, vectors, { transposeB: true });
    expect(relativeDifference(products.data, identity.data)).toBeLessThan(1e-14);
  });

  it('are those of the largest values, as many as asked for and above the tolerance', () => {
    const all = dominantDirections(gram);
    const two = dominantDirections(gram, { most: 2 });
    expect(two.vectors.data).toEqual(all.vectors.data.subarray(0, 10));
    expect(dominantDirections(gram, { tolerance: 0.1 }).singularValues).toHaveLength(3);
    expect(dominantDirections(gram, { most: 99, tolerance: 0.1 }).singularValues).toHaveLength(3);
  });

  it('span the row space of J', () => {
    const wide = randomMatrix(3, 8, 1);
    const { vectors } = dominantDirections(multiply(wide, wide, { transposeA: true }));
    expect(vectors.rows).toBe(3);
    expect(Math.max(...principalAngles(vectors, wide))).toBeLessThan(1e-12);
  });

  it('are none of the zero matrix', () => {
    const zero = matrixOf(3, 3, () => 0);
    expect(dominantDirections(zero).vectors).toEqual({ rows: 0, columns: 3, data: new Float64Array(0) });
  });

  it('refuse what is not a finite square matrix, and options out of range', () => {
    expect(() => dominantDirections(rows)).toThrow(/square/);
    expect(() => dominantDirections(matrixOf(2, 2, () => NaN))).toThrow(/got NaN/);
    expect(() => dominantDirections(gram, { most: 0 })).toThrow(/number of directions/);
    expect(() => dominantDirections(gram, { tolerance: 1 })).toThrow(
      new RangeError(
        'expected a tolerance of at least 0 and below 1, got 1. Give a fraction of the largest value.',
      ),
    );
  });
});

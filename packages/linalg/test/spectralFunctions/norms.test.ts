import { describe, expect, it } from 'vitest';
import { multiply, nuclearNormFunction, spectralGradient, spectralNormFunction } from '../../src/index.ts';
import { inner } from '../centralDifference.ts';
import { randomMatrix, relativeDifference, withSingularValues } from '../matrices.ts';

describe('the nuclear norm', () => {
  it('is the sum of the values, and its gradient has singular values 1 if they are not zero', () => {
    const rows = withSingularValues(7, 5, [4, 3, 2, 0, 0]);
    const { value, gradient } = spectralGradient(rows, nuclearNormFunction());
    expect(value).toBeCloseTo(9, 13);
    expect(inner(gradient, rows)).toBeCloseTo(9, 13);
    expect(inner(gradient, gradient)).toBeCloseTo(3, 13);
    // U Vᵀ V Uᵀ U Vᵀ = U Vᵀ.
    const cube = multiply(multiply(gradient, gradient, { transposeB: true }), gradient);
    expect(relativeDifference(cube.data, gradient.data)).toBeLessThan(1e-13);
  });

  it('has a gradient in the subdifferential, of full rank or not', () => {
    for (const values of [
      [4, 3, 2, 1],
      [4, 3, 0, 0],
      [0, 0, 0, 0],
    ]) {
      const rows = withSingularValues(4, 6, values);
      const { value, gradient } = spectralGradient(rows, nuclearNormFunction());
      for (let seed = 0; seed < 20; seed++) {
        const other = randomMatrix(4, 6, seed);
        const difference = { ...other, data: other.data.map((entry, at) => entry - rows.data[at]!) };
        const least = value + inner(gradient, difference);
        expect(spectralGradient(other, nuclearNormFunction()).value).toBeGreaterThan(least - 1e-12);
      }
    }
  });

  it('keeps directions of small values apart from rounding', () => {
    const rows = withSingularValues(5, 8, [1, 1e-4, 1e-8, 1e-11, 0]);
    const { gradient } = spectralGradient(rows, nuclearNormFunction());
    expect(inner(gradient, gradient)).toBeCloseTo(4, 12);
  });
});

describe('the spectral norm', () => {
  it('is the largest value, and its gradient the product of its vectors', () => {
    const rows = { rows: 2, columns: 3, data: Float32Array.of(0, -5, 0, 3, 0, 0) };
    const { value, gradient } = spectralGradient(rows, spectralNormFunction());
    expect(value).toBeCloseTo(5, 15);
    expect(relativeDifference(gradient.data, [0, -1, 0, 0, 0, 0])).toBeLessThan(1e-15);
  });
});

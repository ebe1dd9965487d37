import { describe, expect, it } from 'vitest';
import { logDeterminantFunction, multiply, spectralGradient } from '../../src/index.ts';
import { gradientError } from '../centralDifference.ts';
import { matrixOf, randomMatrix, relativeDifference, scaled, withSingularValues } from '../matrices.ts';

const graded = (count: number, least: number): number[] =>
  Array.from({ length: count }, (_, i) => least ** (i / (count - 1)));

describe('the log-determinant', () => {
  it('is the sum of the logarithms of the values, with a floor of 0', () => {
    const values = Float64Array.of(4, 2, 0.5);
    const { value, slopes } = logDeterminantFunction({ floor: 0 }).evaluate(values);
    expect(value).toBeCloseTo(Math.log(4), 15);
    expect(slopes).toEqual(Float64Array.of(0.25, 0.5, 2));
  });

  it('is −∞ where a value is 0 and there is no floor, with a slope that counts for nothing', () => {
    const { value, slopes } = logDeterminantFunction({ floor: 0 }).evaluate(Float64Array.of(4, 0));
    expect(value).toBe(-Infinity);
    expect(slopes).toEqual(Float64Array.of(0.25, 0));
  });

  it('is half the logarithm of det(J Jᵀ + φ² I) with a floor φ', () => {
    const rows = matrixOf(2, 3, (i, j) => [1, 2, 0, 0, 3, 1][3 * i + j]!);
    const { value } = spectralGradient(rows, logDeterminantFunction({ floor: 0.5 }));
    expect(value).toBeCloseTo(Math.log(5.25 * 10.25 - 36) / 2, 14);
  });

  it.each([0.5, 0.01])('has (J Jᵀ + φ² I)⁻¹ J as its gradient, φ = %d, of any rank', (floor) => {
    for (const values of [graded(6, 1e-3), [3, 3, 2, 1, 0, 0]]) {
      const rows = withSingularValues(6, 9, values);
      const { gradient } = spectralGradient(rows, logDeterminantFunction({ floor }));
      const identity = matrixOf(6, 6, (i, j) => (i === j ? floor ** 2 : 0));
      const squares = multiply(rows, rows, { transposeB: true, addTo: identity });
      expect(relativeDifference(multiply(squares, gradient).data, rows.data)).toBeLessThan(1e-13);
    }
  });

  it.each([1e-4, 1e-8, 1e-12])('keeps values down to %d of the largest', (least) => {
    const values = graded(20, least);
    const rows = withSingularValues(20, 30, values);
    const { value, gradient } = spectralGradient(rows, logDeterminantFunction({ floor: 0 }));
    const sum = values.reduce((total, sigma) => total + Math.log(sigma), 0);
    // The smallest value is good to 2⁻⁵² of the largest or so, and the decades spread over twenty of them.
    expect(Math.abs(value - sum)).toBeLessThan(3e-15 / least);
    const products = multiply(gradient, rows, { transposeB: true });
    const expected = matrixOf(20, 20, (i, j) => (i === j ? 1 : 0));
    expect(relativeDifference(products.data, expected.data)).toBeLessThan(3e-15 / least);
  });

  it.each([
    ['the default', logDeterminantFunction()],
    ['a relative floor', logDeterminantFunction({ relativeFloor: 0.3 })],
  ])('is homogeneous with %s: scaling the rows adds as many logarithms as there are values', (_, f) => {
    const rows = withSingularValues(5, 7, [3, 2, 1, 0, 0]);
    const { value, gradient } = spectralGradient(rows, f);
    const larger = spectralGradient(scaled(rows, 10), f);
    expect(larger.value - value).toBeCloseTo(5 * Math.log(10), 12);
    expect(relativeDifference(larger.gradient.data, scaled(gradient, 0.1).data)).toBeLessThan(1e-12);
  });

  it('counts values well above the default floor as they are', () => {
    const values = Float64Array.of(1, 0.1);
    const { value } = logDeterminantFunction().evaluate(values);
    expect(Math.abs(value - Math.log(0.1))).toBeLessThan(0.5 * (2 ** -12 / 0.1) ** 2 * 1.1);
  });

  it('gives the rounding of float32 rows no more weight than the largest value', () => {
    const { slopes } = logDeterminantFunction().evaluate(Float64Array.of(1, 2 ** -24));
    expect(slopes[1]).toBeLessThanOrEqual(1);
  });

  it('has a gradient at the zero matrix, where the floor is fixed', () => {
    const zero = { rows: 3, columns: 4, data: new Float64Array(12) };
    const f = logDeterminantFunction({ floor: 0.5 });
    expect(spectralGradient(zero, f).value).toBeCloseTo(3 * Math.log(0.5), 14);
    expect(gradientError(zero, f, { step: 1e-4 })).toBeLessThan(1e-10);
    expect(spectralGradient(zero, logDeterminantFunction()).value).toBe(-Infinity);
  });

  it('agrees with differences across a zero row', () => {
    const rows = randomMatrix(4, 6, 1);
    rows.data.fill(0, 6, 12);
    expect(gradientError(rows, logDeterminantFunction({ floor: 0.1 }), { step: 1e-5 })).toBeLessThan(1e-8);
  });

  it('refuses floors that are negative, not finite or two', () => {
    expect(() => logDeterminantFunction({ floor: -1 })).toThrow(
      new RangeError('expected a floor of at least 0, got -1. Give a size.'),
    );
    expect(() => logDeterminantFunction({ relativeFloor: NaN })).toThrow(
      /relativeFloor of at least 0, got NaN/,
    );
    expect(() => logDeterminantFunction({ floor: Infinity })).toThrow(RangeError);
    expect(() => logDeterminantFunction({ floor: 1, relativeFloor: 1 })).toThrow(
      new RangeError('expected floor or relativeFloor, got both. Give one of them.'),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreFunction, spectralGradient } from '../../src/index.ts';
import { gradientError, inner } from '../centralDifference.ts';
import { descending, randomMatrix, scaled, withSingularValues } from '../matrices.ts';

const of = (values: readonly number[], percentile = 90) =>
  scoreFunction({ percentile }).evaluate(Float64Array.from(values));

describe('the score', () => {
  it.each([
    // ε = 3.5, between the two middle ones.
    [[8, 4, 3, 1], 50, 1.5],
    // ε = 4, one of the values, which is not above itself.
    [[8, 6, 4, 3, 1], 50, 1.75],
    // ε = 3 × 0.1 + 4 × 0.9 in place 2.7.
    [[4, 3, 2, 1], 90, 1],
    // ε is the smallest, or the largest.
    [[4, 3, 2, 1], 0, 2.25],
    [[4, 3, 2, 1], 100, 0],
    // Ties at ε do not count.
    [[4, 3, 3, 3, 1], 50, 1],
    [[2, 2, 2, 2], 90, 0],
    [[5, 0, 0, 0, 0], 50, 1],
    [[3], 90, 0],
    [[0, 0, 0], 90, 0],
  ])('of %j above percentile %d is %d', (values, percentile, expected) => {
    expect(of(values, percentile).value).toBeCloseTo(expected, 15);
  });

  it('has slopes that sum to zero along the values, as it does not change with their scale', () => {
    const value = fc.double({ min: 1e-3, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.nat(100), (values, percentile) => {
        const sorted = descending(values);
        const { slopes } = of(sorted, percentile);
        const along = sorted.reduce((sum, sigma, i) => sum + sigma * slopes[i]!, 0);
        expect(Math.abs(along)).toBeLessThan(1e-12);
      }),
    );
  });

  it('has the slopes of the values that count', () => {
    // (8 + 4) / 8: a rise of 4 counts an eighth, one of 8 takes 4 / 64 away.
    expect(of([8, 4, 3, 1], 50).slopes).toEqual(Float64Array.of(-1 / 16, 1 / 8, 0, 0));
  });

  it('shares the slopes of values that tie where the list is cut', () => {
    // Two of four count, and of the three that tie it is one. (Whether it does in the value is up to rounding.)
    const matrix = withSingularValues(4, 6, [8, 4, 4, 4]);
    const { gradient } = spectralGradient(matrix, scoreFunction({ percentile: 50 }));
    expect(inner(gradient, gradient)).toBeCloseTo((1 / 16) ** 2 + 3 * (1 / 24) ** 2, 14);
    expect(inner(gradient, matrix)).toBeCloseTo(0, 13);
  });

  it('has differences on both sides of a tie at the cut that agree in the mean', () => {
    const matrix = withSingularValues(5, 7, [8, 4, 4, 2, 1]);
    expect(gradientError(matrix, scoreFunction({ percentile: 70 }), { step: 1e-6 })).toBeLessThan(1e-5);
  });

  it('agrees with differences for a matrix of which four values count', () => {
    expect(gradientError(randomMatrix(40, 50, 1), scoreFunction(), { step: 1e-5 })).toBeLessThan(1e-8);
  });

  it('has a value that does not change with the scale of the rows', () => {
    const rows = randomMatrix(30, 20, 2);
    const { value } = spectralGradient(rows, scoreFunction());
    expect(spectralGradient(scaled(rows, 1e-30), scoreFunction()).value).toBeCloseTo(value, 13);
  });

  it('refuses percentiles outside 0 … 100', () => {
    expect(() => scoreFunction({ percentile: 101 })).toThrow(
      new RangeError('expected a percentile of 0 … 100, got 101. Give a percentage.'),
    );
    expect(() => scoreFunction({ percentile: NaN })).toThrow(RangeError);
  });
});

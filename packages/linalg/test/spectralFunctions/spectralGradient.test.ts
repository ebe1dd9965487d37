import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DenseMatrix,
  logDeterminantFunction,
  nuclearNormFunction,
  scoreFunction,
  type SpectralFunction,
  spectralGradient,
  spectralNormFunction,
} from '../../src/index.ts';
import { gradientError, inner } from '../centralDifference.ts';
import {
  randomMatrix,
  relativeDifference,
  rotated,
  scaled,
  transposed,
  withSingularValues,
} from '../matrices.ts';

const shapes = [
  [6, 9],
  [9, 6],
  [6, 6],
  [1, 7],
  [7, 1],
] as const;

const functions = [
  logDeterminantFunction(),
  logDeterminantFunction({ floor: 0.3 }),
  logDeterminantFunction({ relativeFloor: 0.2 }),
  nuclearNormFunction(),
  spectralNormFunction(),
  scoreFunction(),
  scoreFunction({ percentile: 40 }),
].map((f, index) => [`${f.name} (${index})`, f] as const);

/** Six values each. */
const spectra: Readonly<Record<string, readonly number[]>> = {
  'all different': [5, 4, 3, 2, 1.5, 1],
  'two equal at the top': [5, 5, 3, 2, 1.5, 1],
  'two equal in the middle': [5, 4, 3, 3, 1.5, 1],
  'a small one': [5, 4, 3, 2, 1, 1e-3],
  'two zeros': [5, 4, 3, 2, 0, 0],
  'one that is not zero': [5, 0, 0, 0, 0, 0],
};

describe('the gradient of a function of a spectrum', () => {
  describe.each(functions)('%s', (_, f) => {
    it.each(shapes)('agrees with differences at a random matrix, %d × %d', (rows, columns) => {
      expect(gradientError(randomMatrix(rows, columns, 1), f, { step: 1e-6 })).toBeLessThan(1e-7);
    });

    it.each(Object.entries(spectra))('agrees with differences at %s', (_name, values) => {
      for (const [rows, columns] of shapes.slice(0, 3)) {
        const matrix = withSingularValues(rows, columns, values);
        expect(gradientError(matrix, f, { step: 1e-7 })).toBeLessThan(2e-6);
      }
    });

    it('is turned along with the rows and the columns', () => {
      fc.assert(
        fc.property(fc.nat(1000), fc.nat(1000), (seed, turn) => {
          const rows = randomMatrix(5, 8, seed);
          const { value, gradient } = spectralGradient(rows, f);
          const turned = spectralGradient(rotated(rows, turn), f);
          expect(Math.abs(turned.value - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
          expect(relativeDifference(turned.gradient.data, rotated(gradient, turn).data)).toBeLessThan(1e-10);
          const other = spectralGradient(transposed(rows), f);
          expect(relativeDifference(other.gradient.data, transposed(gradient).data)).toBeLessThan(1e-10);
        }),
        { numRuns: 20 },
      );
    });

    it('is zero for the zero matrix', () => {
      const rows: DenseMatrix = { rows: 3, columns: 4, data: new Float32Array(12) };
      const { gradient } = spectralGradient(rows, f);
      expect(gradient).toEqual({ rows: 3, columns: 4, data: new Float64Array(12) });
    });

    it('is finite where a row is zero or rows are equal, and does not change the rows', () => {
      const data = Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4);
      const { value, gradient } = spectralGradient({ rows: 3, columns: 4, data }, f);
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.data.every(Number.isFinite)).toBe(true);
      expect(data).toEqual(Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4));
    });
  });
});

describe('where values nearly tie', () => {
  const values = [5, 5 - 1e-9, 3, 3 - 1e-9, 1, 1 - 1e-9];

  it.each([logDeterminantFunction(), nuclearNormFunction()])('$name: differences over the tie agree', (f) => {
    expect(gradientError(withSingularValues(6, 9, values), f, { step: 1e-6 })).toBeLessThan(1e-7);
  });

  it('they keep slopes of their own', () => {
    const matrix = withSingularValues(6, 9, values);
    const { gradient } = spectralGradient(matrix, spectralNormFunction());
    expect(inner(gradient, matrix)).toBeCloseTo(5, 12);
    expect(inner(gradient, gradient)).toBeCloseTo(1, 12);
  });
});

describe('where values tie', () => {
  it('they share the mean of their slopes, however many', () => {
    const matrix = withSingularValues(6, 8, [3, 3, 3, 3, 1, 1]);
    const { gradient } = spectralGradient(matrix, spectralNormFunction());
    // Σ uᵢ vᵢᵀ / 4 over the four: its product with J is Σ σᵢ / 4, and its square 1 / 4.
    expect(inner(gradient, matrix)).toBeCloseTo(3, 12);
    expect(inner(gradient, gradient)).toBeCloseTo(1 / 4, 12);
  });

  it('the gradient of the spectral norm lies in the subdifferential', () => {
    const matrix = withSingularValues(5, 5, [2, 2, 2, 1, 0]);
    const { value, gradient } = spectralGradient(matrix, spectralNormFunction());
    for (let seed = 0; seed < 50; seed++) {
      const other = randomMatrix(5, 5, seed);
      const difference = { ...other, data: other.data.map((entry, at) => entry - matrix.data[at]!) };
      const least = value + inner(gradient, difference);
      expect(spectralGradient(other, spectralNormFunction()).value).toBeGreaterThan(least - 1e-12);
    }
  });

  it('the gradient does not depend on rounding', () => {
    const matrix = withSingularValues(8, 12, [8, 4, 4, 4, 2, 1, 1, 1]);
    const { gradient } = spectralGradient(matrix, scoreFunction({ percentile: 75 }));
    const turned = rotated(rotated(matrix, 5), 5);
    const again = spectralGradient(turned, scoreFunction({ percentile: 75 })).gradient;
    expect(relativeDifference(again.data, gradient.data)).toBeLessThan(1e-12);
  });
});

describe('a function of one’s own', () => {
  const withSlopes = (slopes: Float64Array): SpectralFunction => ({
    name: 'own',
    evaluate: () => ({ value: 0, slopes }),
  });
  const matrix = withSingularValues(3, 4, [2, 1, 0]);

  it('may have any slope at zero, and its array is not changed', () => {
    const slopes = Float64Array.of(2, 3, Infinity);
    const { gradient } = spectralGradient(matrix, withSlopes(slopes));
    expect(inner(gradient, gradient)).toBeCloseTo(13, 12);
    expect(slopes).toEqual(Float64Array.of(2, 3, Infinity));
  });

  it('is refused if slopes are missing or not finite', () => {
    expect(() => spectralGradient(matrix, withSlopes(Float64Array.of(1, 2)))).toThrow(
      new RangeError(
        'own: expected 3 slopes, got 2. Correct the function to give one for each singular value.',
      ),
    );
    expect(() => spectralGradient(matrix, withSlopes(Float64Array.of(1, NaN, 0)))).toThrow(
      new RangeError(
        'own: expected finite slopes, got NaN for singular value 1 (counted from 0). Scale the rows, or correct the function.',
      ),
    );
  });

  it('is not asked about rows that are empty or not finite', () => {
    const empty = { rows: 0, columns: 3, data: new Float64Array(0) };
    expect(() => spectralGradient(empty, nuclearNormFunction())).toThrow(/number of rows/);
    const broken = { rows: 1, columns: 2, data: Float64Array.of(1, Infinity) };
    expect(() => spectralGradient(broken, nuclearNormFunction())).toThrow(/got Infinity in row 0, column 1/);
  });
});

describe('rows of extreme size', () => {
  it.each([1e150, 1e-150, 1e300])('%f: the gradient is that of the scaled rows', (factor) => {
    const rows = randomMatrix(4, 6, 3);
    const expected = spectralGradient(rows, nuclearNormFunction());
    const { value, gradient } = spectralGradient(scaled(rows, factor), nuclearNormFunction());
    expect(value / factor).toBeCloseTo(expected.value, 12);
    expect(relativeDifference(gradient.data, expected.gradient.data)).toBeLessThan(1e-13);
  });
});

import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, eigenvalueErrorBound, symmetricEigenvalues } from '../../src/index.ts';
import { hadamard } from '../exactMatrices.ts';
import {
  descending,
  matrixOf,
  randomNumbers,
  relativeDifference,
  scaled,
  symmetricRandom,
  withEigenvalues,
} from '../matrices.ts';

function secondDifference(order: number): DenseMatrix {
  return matrixOf(order, order, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
}

/** 2 - 2 cos(kπ / (n + 1)) for k = n … 1. */
function secondDifferenceEigenvalues(order: number): number[] {
  return Array.from({ length: order }, (_, k) => 2 - 2 * Math.cos(((order - k) * Math.PI) / (order + 1)));
}

function oracle({ rows, columns, data }: DenseMatrix): number[] {
  const matrix = Matrix.from1DArray(rows, columns, data);
  return descending(new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues);
}

describe('symmetricEigenvalues', () => {
  it('gives nothing for order 0, the entry for order 1, the roots of the quadratic for order 2', () => {
    expect(symmetricEigenvalues({ rows: 0, columns: 0, data: new Float64Array(0) })).toEqual(
      new Float64Array(0),
    );
    expect(symmetricEigenvalues({ rows: 1, columns: 1, data: Float32Array.of(-3) })).toEqual(
      Float64Array.of(-3),
    );
    const two = symmetricEigenvalues({ rows: 2, columns: 2, data: Float64Array.of(1, 2, 2, -2) });
    expect(relativeDifference(two, [2, -3])).toBeLessThan(1e-15);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 64, 131, 200])('agrees with ml-matrix at order %i', (order) => {
    const matrix = symmetricRandom(order, order);
    expect(relativeDifference(symmetricEigenvalues(matrix), oracle(matrix))).toBeLessThan(1e-13);
  });

  it.each([3, 32, 33, 50, 64, 65, 200, 1000])('knows the second-difference matrix of order %i', (order) => {
    const values = symmetricEigenvalues(secondDifference(order));
    expect(relativeDifference(values, secondDifferenceEigenvalues(order))).toBeLessThan(1e-14);
  });

  it("knows Wilkinson's W21+, whose largest two differ by 7e-14", () => {
    const matrix = matrixOf(21, 21, (i, j) => (i === j ? Math.abs(i - 10) : Math.abs(i - j) === 1 ? 1 : 0));
    const values = symmetricEigenvalues(matrix);
    expect(values[0]).toBeCloseTo(10.746194182903393, 13);
    expect(values[1]).toBeCloseTo(10.746194182903322, 13);
    expect(values[20]).toBeCloseTo(-1.1254415221199814, 13);
  });

  it.each([
    ['zeros', new Array<number>(40).fill(0)],
    ['equal values', new Array<number>(40).fill(-7)],
    ['rank one', [5, ...new Array<number>(59).fill(0)]],
    ['rank twenty of a hundred', Array.from({ length: 100 }, (_, i) => Math.max(0, 20 - i))],
    ['clusters', Array.from({ length: 120 }, (_, i) => Math.ceil((120 - i) / 30) + 1e-12 * (30 - (i % 30)))],
    ['a graded spectrum', Array.from({ length: 150 }, (_, i) => 10 ** (-14 * (i / 149)))],
    ['both signs', Array.from({ length: 81 }, (_, i) => 40 - i)],
  ])('finds %s', (_, values) => {
    expect(relativeDifference(symmetricEigenvalues(withEigenvalues(values)), values)).toBeLessThan(1e-13);
  });

  it('is exact for a diagonal matrix whose entries span three hundred orders of magnitude', () => {
    const values = Array.from({ length: 31 }, (_, i) => 10 ** (150 - 10 * i));
    const mixed = matrixOf(31, 31, (i, j) => (i === j ? values[(i * 12) % 31]! : 0));
    expect(symmetricEigenvalues(mixed)).toEqual(Float64Array.from(values));
  });

  it.each(['falling', 'rising'])('keeps the relative accuracy of D A D with %s D', (direction) => {
    // The leading minors of the second difference are 1, 2, 3, …, so the k-th value is d_k² (k + 1) / k
    // to within the squared ratio of neighboring d.
    const order = 12;
    const at = (i: number): number => (direction === 'falling' ? i : order - 1 - i);
    const matrix = matrixOf(order, order, (i, j) => {
      const entry = i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0;
      return entry * 1e-4 ** at(i) * 1e-4 ** at(j);
    });
    const values = symmetricEigenvalues(matrix);
    const ratios = Array.from(values, (value, k) => value / (1e-8 ** k * ((k + 2) / (k + 1))));
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(1e-7);
    // The determinant n + 1 needs every value to all its digits.
    const determinant = values.reduce((product, value, k) => product * (value / 1e-8 ** k), 1);
    expect(Math.abs(determinant / (order + 1) - 1)).toBeLessThan(1e-13);
  });

  it('finishes where graded rounding noise fills a block of low rank', () => {
    const [order, rank] = [300, 30];
    const next = randomNumbers(1);
    const factors = matrixOf(rank, order, (_, j) => next() * 10 ** ((-150 * j) / order));
    const matrix = matrixOf(order, order, (i, j) =>
      Array.from(
        { length: rank },
        (_, k) => factors.data[k * order + i]! * factors.data[k * order + j]!,
      ).reduce((sum, x) => sum + x, 0),
    );
    expect(relativeDifference(symmetricEigenvalues(matrix), oracle(matrix))).toBeLessThan(1e-13);
  });

  it('takes sparse, graded, anti-diagonal and nearly diagonal matrices of any scale', () => {
    type Place = { i: number; j: number; x: number; grade: number };
    const shapes: ((place: Place) => number)[] = [
      ({ i, j, x }) => (Math.abs(x) < 0.4 ? 0 : x * (i + j)),
      ({ i, j, x, grade }) => x * 10 ** (-grade * (i + j)),
      ({ x, grade }) => x * 10 ** (-grade * 80 * Math.abs(x)),
      ({ i, j, x }) => (i === j ? 1 : 1e-160 * x),
      ({ i, j, x }) => (i === j ? Math.round(2 * x) : x > 0.4 ? 1 : 0),
      ({ i, j, x }) => (Math.abs(i - j) < 2 ? x : 0),
      ({ i, j, x }) => ((i + j) % 7 === 3 ? 1 : 0) + (x > 0.45 ? 1e-12 : 0),
    ];
    const drawn = fc.record({
      shape: fc.constantFrom(...shapes),
      order: fc.integer({ min: 1, max: 40 }),
      seed: fc.integer(),
      grade: fc.double({ min: 0, max: 4, noNaN: true }),
      exponent: fc.integer({ min: -400, max: 400 }),
    });
    fc.assert(
      fc.property(drawn, ({ shape, order, seed, grade, exponent }) => {
        const random = symmetricRandom(order, seed);
        const matrix = matrixOf(order, order, (i, j) => {
          const x = random.data[i * order + j]!;
          return shape({ i, j, x, grade }) * 2 ** exponent;
        });
        expect(relativeDifference(symmetricEigenvalues(matrix), oracle(matrix))).toBeLessThan(1e-12);
      }),
    );
  });

  it.each([2 ** 500, 2 ** -500, 2 ** 1000, 2 ** -1060])('scales with the matrix: factor %f', (factor) => {
    const matrix = symmetricRandom(23, 5);
    const expected = symmetricEigenvalues(matrix).map((value) => value * factor);
    // 2^-1060 leaves the normal numbers, where only an absolute precision of 2^-1074 is left.
    const tolerance = Math.max(1e-14, 40 * (2 ** -1074 / factor));
    expect(relativeDifference(symmetricEigenvalues(scaled(matrix, factor)), expected)).toBeLessThan(
      tolerance,
    );
  });

  it('agrees with ml-matrix at random orders', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer(), (order, seed) => {
        const matrix = symmetricRandom(order, seed);
        expect(relativeDifference(symmetricEigenvalues(matrix), oracle(matrix))).toBeLessThan(1e-13);
      }),
      { numRuns: 30 },
    );
  });

  describe('eigenvalueErrorBound', () => {
    /** H D H with H a Hadamard matrix: its eigenvalues are m d, and its entries, which depend on i xor j, are exact. */
    function turned(diagonal: readonly number[]): DenseMatrix {
      const m = diagonal.length;
      const row = Array.from({ length: m }, (_, place) =>
        diagonal.reduce((sum, value, k) => sum + value * hadamard(place, k), 0),
      );
      return matrixOf(m, m, (i, j) => row[i ^ j]!);
    }
    const powers = (m: number, lowest: number): number[] =>
      Array.from({ length: m }, (_, i) => 2 ** Math.round((lowest * i) / (m - 1)));
    const next = randomNumbers(9);
    it.each<[string, number[]]>([
      ['falling to 2⁻⁴⁶, of order 16', powers(16, -46)],
      ['falling to 2⁻³⁴, of order 128', powers(128, -34)],
      ['falling to 2⁻³⁰, of order 256', powers(256, -30)],
      ['in clusters', Array.from({ length: 128 }, (_, i) => (i % 4) * 1e6 + Math.floor(i / 32))],
      [
        'in clusters, of order 1024',
        Array.from({ length: 1024 }, (_, i) => (i % 4) * 1e6 + Math.floor(i / 256)),
      ],
      ['all equal', new Array<number>(64).fill(5)],
      ['of rank five', Array.from({ length: 128 }, (_, i) => (i < 5 ? 2 ** i : 0))],
      ['of both signs', Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? i : -i))],
      ['at random', Array.from({ length: 256 }, () => Math.round(next() * 2 ** 30))],
      [
        'one and many zeros, where errors of sums add up',
        Array.from({ length: 512 }, (_, i) => (i === 0 ? 1 : 0)),
      ],
      ['one and some zeros', Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0))],
      ['zero', new Array<number>(32).fill(0)],
    ])('bounds the error of eigenvalues that are known, %s', (_, diagonal) => {
      const order = diagonal.length;
      const matrix = turned(diagonal);
      const norm = order * Math.max(...diagonal.map(Math.abs));
      const expected = descending(diagonal.map((value) => order * value));
      const denormal = diagonal.every(Number.isInteger) ? [2 ** -1074] : [];
      for (const factor of [1, 2 ** 480, 2 ** -480, ...denormal]) {
        const bound = eigenvalueErrorBound(order, norm * factor);
        for (const largest of [order, 5]) {
          const values = symmetricEigenvalues(scaled(matrix, factor), { largest });
          for (const [k, value] of values.entries()) {
            expect(Math.abs(value - expected[k]! * factor)).toBeLessThanOrEqual(bound);
          }
        }
      }
    });

    it('bounds the error for second differences and for random sums of reflections', () => {
      for (const order of [2, 10, 40, 100, 300]) {
        const values = symmetricEigenvalues(secondDifference(order));
        for (const [k, value] of secondDifferenceEigenvalues(order).entries()) {
          // 2 - 2 cos has a rounding error of its own.
          expect(Math.abs(values[k]! - value)).toBeLessThanOrEqual(eigenvalueErrorBound(order, 4) + 2 ** -51);
        }
      }
    });
  });

  it('reads the lower triangle and leaves its input as it was', () => {
    const matrix = symmetricRandom(17, 3);
    const lower = matrixOf(17, 17, (i, j) => (j > i ? 1e9 : matrix.data[i * 17 + j]!));
    const copy = lower.data.slice();
    expect(symmetricEigenvalues(lower)).toEqual(symmetricEigenvalues(matrix));
    expect(lower.data).toEqual(copy);
  });

  it('keeps trace and Frobenius norm, and moves with a shift', () => {
    const entries = fc.integer({ min: 1, max: 24 }).chain((order) =>
      fc.record({
        order: fc.constant(order),
        data: fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
          minLength: order * order,
          maxLength: order * order,
        }),
        shift: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(entries, ({ order, data, shift }) => {
        const lower = (i: number, j: number): number => data[Math.max(i, j) * order + Math.min(i, j)]!;
        const matrix = matrixOf(order, order, lower);
        const values = symmetricEigenvalues(matrix);
        const squares = matrix.data.reduce((sum, x) => sum + x * x, 0);
        const trace = Array.from({ length: order }, (_, i) => lower(i, i)).reduce((sum, x) => sum + x, 0);
        expect(Array.from(values)).toEqual(descending(Array.from(values)));
        expect(Math.abs(values.reduce((sum, x) => sum + x, 0) - trace)).toBeLessThan(1e-9);
        expect(Math.abs(values.reduce((sum, x) => sum + x * x, 0) - squares)).toBeLessThanOrEqual(
          1e-12 * squares,
        );

        const shifted = matrixOf(order, order, (i, j) => lower(i, j) + (i === j ? shift : 0));
        for (const [i, value] of symmetricEigenvalues(shifted).entries()) {
          expect(Math.abs(value - values[i]! - shift)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it('refuses values beyond float64', () => {
    expect(() => symmetricEigenvalues(matrixOf(2, 2, () => 1.7e308))).toThrow(
      new RangeError('expected eigenvalues within float64, got Infinity. Scale the matrix down.'),
    );
  });

  it('refuses what is not square, does not fit its array, or is not finite', () => {
    expect(() => symmetricEigenvalues({ rows: 2, columns: 3, data: new Float64Array(6) })).toThrow(
      new RangeError('expected a square matrix, got 2 × 3. Give as many rows as columns.'),
    );
    expect(() => symmetricEigenvalues({ rows: 2, columns: 2, data: new Float64Array(5) })).toThrow(/got 5/);
    for (const value of [NaN, Infinity, -Infinity]) {
      const matrix = { rows: 2, columns: 2, data: Float64Array.of(1, 0, value, 1) };
      expect(() => symmetricEigenvalues(matrix)).toThrow(`got ${value} in row 1, column 0`);
    }
  });
});

import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, eigenvalueErrorBound, symmetricEigenvalues } from '../src/index.ts';
import { addLowerTriangle, zeroTriangle } from '../src/packedTriangle.ts';
import { symmetricProblem } from '../src/symmetricProblem.ts';
import { hadamard } from './exactMatrices.ts';
import {
  descending,
  matrixOf,
  randomNumbers,
  relativeDifference,
  scaled,
  symmetricRandom,
  withEigenvalues,
} from './matrices.ts';

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
    // to within the squared ratio of neighbouring d.
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

  describe('the largest alone', () => {
    it('are the first of all, whatever the order', () => {
      const drawn = fc.integer({ min: 0, max: 150 }).chain((order) =>
        fc.record({
          order: fc.constant(order),
          largest: fc.integer({ min: 0, max: order + 1 }),
          seed: fc.integer(),
        }),
      );
      fc.assert(
        fc.property(drawn, ({ order, largest, seed }) => {
          const matrix = symmetricRandom(order, seed);
          const all = symmetricEigenvalues(matrix);
          const some = symmetricEigenvalues(matrix, { largest });
          const norm = Math.max(0, ...all.map(Math.abs));
          expect(some.length).toBe(Math.min(largest, order));
          for (const [k, value] of some.entries()) {
            // Both come from the same tridiagonal matrix, QL with its own rounding errors.
            expect(Math.abs(value - all[k]!)).toBeLessThanOrEqual(eigenvalueErrorBound(order, norm));
          }
          expect(Array.from(some)).toEqual(descending(Array.from(some)));
        }),
      );
    });

    it.each([
      ['clusters', Array.from({ length: 96 }, (_, i) => Math.ceil((96 - i) / 24) + 1e-13 * (24 - (i % 24)))],
      ['equal values', new Array<number>(70).fill(3)],
      ['zeros', new Array<number>(50).fill(0)],
      ['rank seven', Array.from({ length: 100 }, (_, i) => Math.max(0, 7 - i))],
      ['a graded spectrum', Array.from({ length: 100 }, (_, i) => 10 ** (-14 * (i / 99)))],
    ])('finds %s', (_, values) => {
      const matrix = withEigenvalues(values);
      for (const largest of [1, 8, 9, 40, values.length - 1]) {
        const found = symmetricEigenvalues(matrix, { largest });
        expect(relativeDifference(found, values.slice(0, largest))).toBeLessThan(1e-13);
      }
    });

    it('have passed a count that finds values missed, doubled or moved', () => {
      // Entries near 1, so that the kernel does not scale.
      const triangle = zeroTriangle(60);
      const { data } = symmetricRandom(60, 4);
      for (let i = 0, at = 0; i < 60; i++)
        for (let j = 0; j <= i; j++, at++) triangle.entries[at] = 4 * data[i * 60 + j]!;
      const problem = symmetricProblem(triangle, 10);
      problem.kernel.run(problem.bytes, (exports, memory) => {
        problem.write(memory);
        const { eigenvalues, certify } = exports as Record<string, (...args: number[]) => number>;
        expect(eigenvalues!(...problem.args, 0, 1)).toBe(10);
        const values = new Float64Array(memory, problem.output.at, 10);
        const right = Array.from(values);
        for (const [wrong, first] of [
          [right.filter((__, k) => k !== 3), 3],
          [right.flatMap((value, k) => (k === 3 ? [value, value] : value)), 4],
          [right.map((value, k) => (k === 9 ? value - 1e-12 : value)), 9],
          [right.map((value, k) => (k === 0 ? value + 1e-12 : value)), 0],
        ] as const) {
          values.set([...wrong, -10].slice(0, 10));
          expect(certify!(...problem.args)).toBe(first);
          expect(() => problem.read(new ArrayBuffer(480), first)).toThrow(
            `expected the 10 largest eigenvalues, got one that is not value ${first + 1} by the count`,
          );
        }
        values.set(right);
        expect(certify!(...problem.args)).toBe(10);
      });
      expect(() => symmetricProblem(triangle, 60).read(new ArrayBuffer(480), 7)).toThrow(
        'expected 60 eigenvalues within 30 QL steps each, got 7.',
      );
    });

    /** Solves a problem, and says whether its first columns sufficed. */
    function solve(matrix: DenseMatrix, largest: number): { values: Float64Array; early: boolean } {
      const triangle = zeroTriangle(matrix.rows);
      addLowerTriangle(triangle, matrix, 0);
      const problem = symmetricProblem(triangle, largest);
      return problem.kernel.run(problem.bytes, (exports, memory) => {
        problem.write(memory);
        const { eigenvalues } = exports as Record<string, (...args: number[]) => number>;
        const found = eigenvalues!(...problem.args, 0, 1);
        const output = new Uint8Array(memory, problem.output.at, problem.output.bytes).slice();
        // The last but one field of the layout points to the trial, whose last field says whether it has found the values.
        const trial = new Uint32Array(memory, problem.args[0], 28)[27]!;
        return {
          values: problem.read(output.buffer, found),
          early: new Int32Array(memory, trial, 8)[7] !== 0,
        };
      });
    }

    it.each([
      ['of order 300', 300, 20],
      ['of order 301', 301, 30],
      ['of order 1100, in parts', 1100, 60],
    ])('follow from the first columns of a matrix that decays, %s', (_, order, largest) => {
      const eigenvalues = Array.from({ length: order }, (__, i) => 10 ** ((-8 * i) / order));
      const matrix = withEigenvalues(eigenvalues);
      const { values, early } = solve(matrix, largest);
      expect(early).toBe(true);
      const bound = eigenvalueErrorBound(order, 1);
      for (const [k, value] of values.entries()) {
        expect(Math.abs(value - eigenvalues[k]!)).toBeLessThanOrEqual(bound);
      }
    });

    it.each<[string, (i: number, j: number) => number, number[]]>([
      // The largest diagonal entries come first, and know nothing of the pairs that have none.
      [
        'pairs without a diagonal',
        (i, j) => (i === j && i < 200 ? 2 + i / 200 : i >= 200 && j >= 200 && i + j === 599 ? 9 : 0),
        new Array<number>(40).fill(9),
      ],
      ['ones, apart', (i, j) => (i === j ? 1 : 0), new Array<number>(20).fill(1)],
      [
        'a few equal values among many smaller ones',
        (i, j) => (i === j ? (i % 40 === 7 ? 3 : 1) : 0),
        [...new Array<number>(10).fill(3), 1, 1],
      ],
      [
        'negative values of larger size',
        (i, j) => (i === j ? (i < 60 ? 1 + i / 1000 : -50) : 0),
        Array.from({ length: 12 }, (__, k) => 1 + (59 - k) / 1000),
      ],
      ['negative values alone', (i, j) => (i === j ? -1 - i : 0), [-1, -2, -3]],
    ])('are not missed where the first columns do not show them: %s', (_, entry, expected) => {
      const { values } = solve(matrixOf(400, 400, entry), expected.length);
      expect(relativeDifference(values, expected)).toBeLessThan(1e-14);
    });

    it('are the first of all where blocks hardly know of each other', () => {
      const drawn = fc.record({
        coupling: fc.constantFrom(0, 1e-160, 1e-16, 1e-12, 1e-8, 1e-4),
        sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 5 }),
        decay: fc.double({ min: 0, max: 0.3, noNaN: true }),
        seed: fc.integer(),
        share: fc.double({ min: 0.01, max: 0.37, noNaN: true }),
      });
      fc.assert(
        fc.property(drawn, ({ coupling, sizes, decay, seed, share }) => {
          const block = sizes.flatMap((size, at) => new Array<number>(size).fill(at));
          const order = block.length;
          const random = symmetricRandom(order, seed);
          const matrix = matrixOf(order, order, (i, j) => {
            const size = 10 ** (-decay * (block[i]! + block[j]!));
            return random.data[i * order + j]! * size * (block[i] === block[j] ? 1 : coupling);
          });
          const largest = Math.ceil(share * order);
          const all = symmetricEigenvalues(matrix);
          const norm = Math.max(...all.map(Math.abs));
          for (const [k, value] of symmetricEigenvalues(matrix, { largest }).entries()) {
            expect(Math.abs(value - all[k]!)).toBeLessThanOrEqual(eigenvalueErrorBound(order, norm));
          }
        }),
      );
    });

    it('refuse a number that is no count', () => {
      for (const largest of [-1, 1.5, NaN]) {
        expect(() => symmetricEigenvalues(symmetricRandom(3, 1), { largest })).toThrow(/largest values/);
      }
    });
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

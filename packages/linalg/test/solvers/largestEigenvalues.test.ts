import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, eigenvalueErrorBound, symmetricEigenvalues } from '../../src/index.ts';
import { addLowerTriangle, zeroTriangle } from '../../src/matrix/packedTriangle.ts';
import { symmetricProblem } from '../../src/wasm/symmetricProblem.ts';
import { descending, matrixOf, relativeDifference, symmetricRandom, withEigenvalues } from '../matrices.ts';

describe('the largest eigenvalues alone', () => {
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, multiply } from '../../src/index.ts';
import { zeroTriangle, type PackedTriangle } from '../../src/matrix/packedTriangle.ts';
import { inThisThread, threadedSolver } from '../../src/solvers/spectrumSolver.ts';
import {
  singularValueErrorBound,
  triangularSingularValues,
} from '../../src/solvers/triangularSingularValues.ts';
import { matrixOf, randomNumbers, relativeDifference } from '../matrices.ts';

function triangleOf(order: number, entry: (i: number, j: number) => number): PackedTriangle {
  const triangle = zeroTriangle(order);
  for (let i = 0, at = 0; i < order; i++) {
    for (let j = 0; j <= i; j++, at++) triangle.entries[at] = entry(i, j);
  }
  return triangle;
}

function randomTriangle(order: number, seed: number): PackedTriangle {
  const next = randomNumbers(seed);
  return triangleOf(order, next);
}

function dense({ order, entries }: PackedTriangle): DenseMatrix {
  return matrixOf(order, order, (i, j) => (j <= i ? entries[(i * (i + 1)) / 2 + j]! : 0));
}

/** Singular values of the 2 × 2 blocks [[a, 0], [b, c]], by their closed form. */
function valuesOfBlock(a: number, b: number, c: number): number[] {
  const sum = Math.hypot(a + c, b);
  const difference = Math.hypot(a - c, b);
  const larger = (sum + difference) / 2;
  return [larger, larger === 0 ? 0 : (Math.abs(a) / larger) * Math.abs(c)];
}

const ones = (length: number): number[] => new Array<number>(length).fill(1);

/** A triangle by its entries, and its singular values but for zeros. */
interface Known {
  readonly name: string;
  readonly order: number;
  readonly entry: (i: number, j: number) => number;
  readonly values: readonly number[];
}

function expectNear(found: Float64Array, expected: readonly number[]): void {
  const sorted = Float64Array.from(expected).sort().reverse();
  const spectral = sorted[0] ?? 0;
  const frobenius = Math.hypot(...sorted);
  expect(found).toHaveLength(sorted.length);
  const bound = singularValueErrorBound(sorted.length, { spectral, frobenius }) + 4 * 2 ** -53 * spectral;
  const wrong = Array.from(found).filter((value, i) => !(Math.abs(value - sorted[i]!) <= bound));
  expect(wrong).toEqual([]);
}

describe('triangularSingularValues', () => {
  it.each([1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 100, 130])(
    'has the traces of the triangle, for order %i',
    (order) => {
      const triangle = randomTriangle(order, order);
      const values = triangularSingularValues(triangle);
      const squares = triangle.entries.reduce((sum, entry) => sum + entry * entry, 0);
      expect(
        relativeDifference([values.reduce((sum, value) => sum + value * value, 0)], [squares]),
      ).toBeLessThan(1e-13);
      expect(values).toHaveLength(order);
      expect(Array.from(values)).toEqual(Array.from(values).sort((a, b) => b - a));
      // The product of all is the product of the diagonal; small orders only, so that the errors of small values stay small.
      if (order <= 5) {
        const diagonal = Array.from({ length: order }, (_, i) => triangle.entries[(i * (i + 3)) / 2]!);
        const determinant = Math.abs(diagonal.reduce((a, b) => a * b));
        expect(relativeDifference([values.reduce((a, b) => a * b)], [determinant])).toBeLessThan(1e-12);
      }
    },
  );

  it('finds those of blocks along the diagonal', () => {
    const entry = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.constantFrom(1e-14, 1e-200, 1e-310),
    );
    const blocks = fc.array(fc.tuple(entry, entry, entry), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(blocks, (list) => {
        const triangle = triangleOf(2 * list.length, (i, j) => {
          const [a, b, c] = list[i >> 1]!;
          if (i >> 1 !== j >> 1) return 0;
          return i === j ? (i % 2 === 0 ? a : c) : b;
        });
        expectNear(
          triangularSingularValues(triangle),
          list.flatMap((block) => valuesOfBlock(...block)),
        );
      }),
    );
  });

  it.each([
    { name: 'ones on the diagonal', order: 70, entry: (i, j) => (i === j ? 1 : 0), values: ones(70) },
    { name: 'zeros', order: 37, entry: () => 0, values: [] },
    { name: 'one full row', order: 64, entry: (i) => (i === 63 ? 1 : 0), values: [8] },
    { name: 'one full column', order: 64, entry: (_, j) => (j === 0 ? 1 : 0), values: [8] },
    {
      name: 'values graded from 1 to 1e-14',
      order: 48,
      entry: (i, j) => (i === j ? 2 ** -((7 * i) % 48) : 0),
      values: Array.from({ length: 48 }, (_, i) => 2 ** -i),
    },
    {
      name: 'all ones',
      order: 100,
      entry: () => 1,
      // Its inverse takes differences, the products of which are tridiagonal.
      values: Array.from({ length: 100 }, (_, i) => 0.5 / Math.sin(((2 * i + 1) * Math.PI) / 402)),
    },
  ] satisfies Known[])('is right for $name', ({ order, entry, values }: Known) => {
    const zeros = new Array<number>(order - values.length).fill(0);
    expectNear(triangularSingularValues(triangleOf(order, entry)), [...values, ...zeros]);
  });

  it.each([2 ** 900, 2 ** -900, 2 ** -1040])('scales entries of the size of %f', (factor) => {
    const triangle = triangleOf(40, (i, j) => Math.round(2 ** 20 * Math.sin(i * i + j)) / 2 ** 20);
    const small = triangleOf(40, (i, j) => triangle.entries[(i * (i + 1)) / 2 + j]! * factor);
    const expected = triangularSingularValues(triangle).map((value) => value * factor);
    expect(relativeDifference(triangularSingularValues(small), expected)).toBeLessThan(
      factor < 2 ** -1000 ? 1e-9 : 1e-15,
    );
  });

  it('has the sum of fourth powers of the triangle', () => {
    const triangle = randomTriangle(70, 1);
    const lower = dense(triangle);
    const gram = multiply(lower, lower, { transposeA: true }).data;
    const expected = gram.reduce((sum, entry) => sum + entry * entry, 0);
    const found = triangularSingularValues(triangle).reduce((sum, value) => sum + value ** 4, 0);
    expect(relativeDifference([found], [expected])).toBeLessThan(1e-13);
  });

  it('returns the largest ones, leaves the triangle alone, and gives the same on a thread', async () => {
    const triangle = randomTriangle(50, 3);
    const before = triangle.entries.slice();
    const all = triangularSingularValues(triangle);
    expect(triangularSingularValues(triangle, 7)).toEqual(all.slice(0, 7));
    expect(triangularSingularValues(triangle, 99)).toEqual(all);
    expect(triangle.entries).toEqual(before);
    await using solver = threadedSolver({ threads: 1 });
    expect(await solver.triangularSingularValues(triangle)).toEqual(all);
    expect(await solver.triangularSingularValues(triangle, 7)).toEqual(all.slice(0, 7));
    expect(await inThisThread.triangularSingularValues(triangle, 7)).toEqual(all.slice(0, 7));
  });

  it('has no values for order 0, and refuses what is not finite', () => {
    expect(triangularSingularValues(zeroTriangle(0))).toHaveLength(0);
    expect(() => triangularSingularValues(triangleOf(3, (i) => (i === 2 ? NaN : 1)))).toThrow(
      /expected finite numbers, got NaN/,
    );
    expect(() => triangularSingularValues(randomTriangle(3, 1), -1)).toThrow(/number of largest values/);
  });
});

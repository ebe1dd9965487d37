import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DenseMatrix,
  gramAccumulator,
  rowsAccumulator,
  singularValuesOfRows,
  type SpectrumAccumulator,
} from '../src/index.ts';
import {
  matrixOf,
  randomMatrix,
  randomNumbers,
  relativeDifference,
  rotated,
  rowsAt,
  scaled,
  squaredDifference,
  withSingularValues,
} from './matrices.ts';

/** A title, rows and columns, the singular values. */
type Case = [string, [number, number], number[]];

type Factory = (columns: number) => SpectrumAccumulator;

const kinds: [string, Factory][] = [
  ['gramAccumulator', gramAccumulator],
  ['rowsAccumulator', (columns) => rowsAccumulator(columns, 700)],
];

function spectrum(factory: Factory, matrix: DenseMatrix): Float64Array {
  const accumulator = factory(matrix.columns);
  accumulator.add(matrix);
  return accumulator.finish().singularValues;
}

/** A random matrix with 1 to 40 rows and columns, and a seed for what is done with it. */
const problems = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  columns: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer(),
});

describe.each(kinds)('%s', (_, factory) => {
  it.each([
    [3, 3],
    [5, 2],
    [2, 5],
    [1, 50],
    [50, 1],
    [64, 200],
    [200, 64],
    [199, 131],
    [17, 600],
    [600, 17],
  ])('agrees with the direct decomposition of %i × %i rows', (rows, columns) => {
    const matrix = randomMatrix(rows, columns, rows + columns);
    const accumulator = factory(columns);
    accumulator.add(matrix);
    const { singularValues, rows: n } = accumulator.finish();
    expect(n).toBe(rows);
    expect(singularValues).toHaveLength(Math.min(rows, columns));
    expect(squaredDifference(singularValues, singularValuesOfRows(matrix))).toBeLessThan(1e-13);
  });

  it.each([
    ['zeros', [8, 12], [0, 0, 0, 0, 0, 0, 0, 0]],
    ['equal values', [30, 30], new Array<number>(30).fill(3)],
    ['rank one', [90, 40], [2, ...new Array<number>(39).fill(0)]],
    ['rank twenty of sixty', [60, 90], Array.from({ length: 60 }, (_, i) => Math.max(0, 20 - i))],
    ['clusters', [60, 60], Array.from({ length: 60 }, (_, i) => Math.ceil((60 - i) / 20))],
    [
      'a spectrum graded from 1 to 1e-14',
      [70, 50],
      Array.from({ length: 50 }, (_, i) => 10 ** (-14 * (i / 49))),
    ],
  ] satisfies Case[])('finds %s to the accuracy of squares', (_, [rows, columns], values) => {
    const found = spectrum(factory, withSingularValues(rows, columns, values));
    expect(squaredDifference(found, values)).toBeLessThan(1e-13);
    expect(found.every((value) => value >= 0)).toBe(true);
  });

  it.each([1e150, 1e-150])('takes entries of the size of %f', (factor) => {
    const matrix = randomMatrix(12, 9, 1);
    const expected = singularValuesOfRows(matrix).map((value) => value * factor);
    expect(squaredDifference(spectrum(factory, scaled(matrix, factor)), expected)).toBeLessThan(1e-13);
  });

  it('gives the same spectrum for any split of the rows, merged in any order', () => {
    const cuts = fc.array(fc.nat(40), { maxLength: 6 });
    fc.assert(
      fc.property(problems, cuts, ({ rows, columns, seed }, cutsOfAnySize) => {
        const matrix = randomMatrix(rows, columns, seed);
        const bounds = [0, ...cutsOfAnySize.map((cut) => cut % rows).sort((a, b) => a - b), rows];
        const next = randomNumbers(seed);
        const parts = bounds.slice(1).map((end, part) => {
          const accumulator = factory(columns);
          const indices = Array.from({ length: end - bounds[part]! }, (_, i) => bounds[part]! + i);
          accumulator.add(rowsAt(matrix, indices));
          return { accumulator, turn: next() };
        });
        parts.sort((a, b) => a.turn - b.turn);
        const whole = factory(columns);
        for (const { accumulator } of parts) whole.merge(accumulator);
        const result = whole.finish();
        expect(result.rows).toBe(rows);
        expect(squaredDifference(result.singularValues, spectrum(factory, matrix))).toBeLessThan(1e-13);
      }),
    );
  });

  it('does not depend on the order of the rows, nor on a rotation; it scales with them', () => {
    fc.assert(
      fc.property(problems, ({ rows, columns, seed }) => {
        const matrix = randomMatrix(rows, columns, seed);
        const expected = spectrum(factory, matrix);
        const shuffled = Array.from({ length: rows }, (_, i) => rows - 1 - i);
        expect(squaredDifference(spectrum(factory, rowsAt(matrix, shuffled)), expected)).toBeLessThan(1e-13);
        expect(squaredDifference(spectrum(factory, rotated(matrix, seed + 1)), expected)).toBeLessThan(1e-12);
        const tripled = expected.map((value) => 3 * value);
        expect(squaredDifference(spectrum(factory, scaled(matrix, 3)), tripled)).toBeLessThan(1e-13);
      }),
    );
  });

  it('scales the columns of the rows seen so far', () => {
    const matrix = randomMatrix(20, 6, 7);
    const diagonal = [1, -2, 0, 1e-9, 3, 0.5];
    const accumulator = factory(6);
    accumulator.add(matrix);
    accumulator.scaleColumns(diagonal);
    const expected = matrixOf(20, 6, (i, j) => matrix.data[i * 6 + j]! * diagonal[j]!);
    expect(
      squaredDifference(accumulator.finish().singularValues, singularValuesOfRows(expected)),
    ).toBeLessThan(1e-14);
  });

  it('gives JᵀJ, both triangles, in an array of its own', () => {
    const matrix = randomMatrix(11, 5, 4);
    const accumulator = factory(5);
    accumulator.add(matrix);
    const gram = accumulator.gram();
    const expected = matrixOf(5, 5, (i, j) =>
      Array.from({ length: 11 }, (_, k) => matrix.data[k * 5 + i]! * matrix.data[k * 5 + j]!).reduce(
        (a, b) => a + b,
      ),
    );
    expect(gram).toMatchObject({ rows: 5, columns: 5 });
    expect(relativeDifference(gram.data, expected.data)).toBeLessThan(1e-15);
    gram.data.fill(0);
    expect(relativeDifference(accumulator.gram().data, expected.data)).toBeLessThan(1e-15);
  });

  it('takes float32 rows as the numbers they are, and more rows after a spectrum', () => {
    const wide = randomMatrix(9, 7, 8);
    const narrow = { ...wide, data: Float32Array.from(wide.data) };
    const accumulator = factory(7);
    accumulator.add(rowsAt(narrow, [0, 1, 2, 3]));
    accumulator.finish();
    accumulator.add({ rows: 5, columns: 7, data: narrow.data.subarray(28) });
    const exact = singularValuesOfRows({ ...wide, data: Float64Array.from(narrow.data) });
    expect(squaredDifference(accumulator.finish().singularValues, exact)).toBeLessThan(1e-14);
  });

  it('refuses a spectrum without rows, rows of another width, and numbers that are not finite', () => {
    const accumulator = factory(3);
    expect(() => accumulator.finish()).toThrow(
      new RangeError('expected at least one row, got none. Add rows before the spectrum is taken.'),
    );
    expect(() => {
      accumulator.add({ rows: 1, columns: 4, data: new Float64Array(4) });
    }).toThrow(/expected 3 columns, got 4/);
    for (const value of [NaN, Infinity]) {
      expect(() => {
        accumulator.add({ rows: 1, columns: 3, data: Float64Array.of(0, value, 0) });
      }).toThrow(`got ${value} in row 0, column 1`);
    }
    expect(() => {
      accumulator.scaleColumns([1, 2]);
    }).toThrow(/expected 3 factors, got 2/);
    expect(() => {
      accumulator.scaleColumns([1, NaN, 2]);
    }).toThrow(/got NaN for column 1/);
    expect(() => factory(0)).toThrow(/number of columns/);
    expect(accumulator.rows).toBe(0);
  });

  it('says so where the squares of the rows overflow', () => {
    const accumulator = factory(2);
    accumulator.add({ rows: 1, columns: 2, data: Float64Array.of(1e200, 1) });
    expect(() => accumulator.finish()).toThrow(/expected finite products of rows, got Infinity/);
  });
});

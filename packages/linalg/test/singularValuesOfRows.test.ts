import { describe, expect, it } from 'vitest';
import { singularValuesOfRows } from '../src/index.ts';
import { randomMatrix, relativeDifference, scaled, transposed, withSingularValues } from './matrices.ts';

/** A title, rows and columns, the singular values. */
type Case = [string, [number, number], number[]];

describe('singularValuesOfRows', () => {
  it.each([
    ['a tall matrix', [30, 12], Array.from({ length: 12 }, (_, i) => 12 - i)],
    ['a wide matrix', [12, 30], Array.from({ length: 12 }, (_, i) => 12 - i)],
    ['one row', [1, 9], [3]],
    ['one column', [9, 1], [3]],
    ['zeros', [6, 4], [0, 0, 0, 0]],
    ['equal values', [20, 20], new Array<number>(20).fill(2)],
    ['rank three of twenty', [20, 25], [3, 2, 1, ...new Array<number>(17).fill(0)]],
    ['a graded spectrum', [40, 60], Array.from({ length: 40 }, (_, i) => 10 ** (-14 * (i / 39)))],
  ] satisfies Case[])('finds all values of %s', (_, [rows, columns], values) => {
    const found = singularValuesOfRows(withSingularValues(rows, columns, values));
    expect(relativeDifference(found, values)).toBeLessThan(1e-14);
  });

  it.each([1e150, 1e-150])('takes entries of the size of %f', (factor) => {
    const matrix = randomMatrix(15, 11, 1);
    const expected = singularValuesOfRows(matrix).map((value) => value * factor);
    expect(relativeDifference(singularValuesOfRows(scaled(matrix, factor)), expected)).toBeLessThan(1e-14);
  });

  it('does not depend on which way round the matrix lies, and does not change it', () => {
    const matrix = randomMatrix(13, 40, 2);
    const copy = matrix.data.slice();
    const values = singularValuesOfRows(matrix);
    expect(relativeDifference(singularValuesOfRows(transposed(matrix)), values)).toBeLessThan(1e-14);
    expect(matrix.data).toEqual(copy);
  });

  it('refuses empty matrices, arrays of another length, and numbers that are not finite', () => {
    expect(() => singularValuesOfRows({ rows: 0, columns: 3, data: new Float64Array(0) })).toThrow(
      new RangeError('expected the number of rows to be a whole number of at least 1, got 0. Give a count.'),
    );
    expect(() => singularValuesOfRows({ rows: 3, columns: 0, data: new Float64Array(0) })).toThrow(/columns/);
    expect(() => singularValuesOfRows({ rows: 2, columns: 2, data: new Float64Array(3) })).toThrow(/got 3/);
    expect(() => singularValuesOfRows({ rows: 1, columns: 2, data: Float32Array.of(0, NaN) })).toThrow(
      /got NaN in row 0, column 1/,
    );
  });
});

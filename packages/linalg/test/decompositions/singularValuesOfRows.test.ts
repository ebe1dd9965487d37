import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { singularValuesOfRows } from '../../src/index.ts';
import {
  descending,
  matrixOf,
  randomMatrix,
  relativeDifference,
  scaled,
  transposed,
  withSingularValues,
} from '../matrices.ts';

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

  it.each([
    [7, 7],
    [30, 12],
    [12, 30],
    [70, 65],
  ])('agrees with ml-matrix for %i × %i numbers', (rows, columns) => {
    const matrix = randomMatrix(rows, columns, rows);
    const { diagonal } = new SingularValueDecomposition(Matrix.from1DArray(rows, columns, matrix.data), {
      autoTranspose: true,
    });
    const expected = descending(diagonal).slice(0, Math.min(rows, columns));
    expect(relativeDifference(singularValuesOfRows(matrix), expected)).toBeLessThan(1e-14);
  });

  it.each([
    ['64 × 64 ones', matrixOf(64, 64, () => 1)],
    ['100 × 34 ones', matrixOf(100, 34, () => 1)],
    ['multiples of a row', matrixOf(40, 30, (i) => i + 1)],
    ['multiples of a column', matrixOf(40, 64, (_, j) => j - 7)],
  ])('ends for %s', (_, matrix) => {
    const { rows, columns } = matrix;
    const largest = Math.sqrt(matrix.data.reduce((sum, x) => sum + x * x, 0));
    const expected = [largest, ...new Array<number>(Math.min(rows, columns) - 1).fill(0)];
    expect(relativeDifference(singularValuesOfRows(matrix), expected)).toBeLessThan(1e-14);
  });

  it('keeps the accuracy of denormal entries', () => {
    // Multiples of 2⁻¹⁰⁷⁴, exactly.
    const large = matrixOf(31, 31, (i, j) => ((i * 7919 + j * 104_729) % 4001) - 2000);
    const small = scaled(large, 2 ** -1074);
    const expected = singularValuesOfRows(large).map((value) => value * 2 ** -1074);
    singularValuesOfRows(small).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(2 ** -1073);
    });
  });

  it('refuses values beyond float64', () => {
    expect(() => singularValuesOfRows(matrixOf(2, 2, () => 1.7e308))).toThrow(
      new RangeError('expected singular values within float64, got Infinity. Scale the matrix down.'),
    );
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

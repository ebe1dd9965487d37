import { describe, expect, it } from 'vitest';
import { rowsAt, rowsBetween, scaledColumns, scaledRows, zeros } from '../../src/index.ts';
import { matrixOf } from '../matrices.ts';

const matrix = matrixOf(3, 2, (i, j) => 10 * i + j);

describe('rows of a matrix', () => {
  it('between two places share its array', () => {
    const view = rowsBetween(matrix, 1, 3);
    expect(view).toEqual({ rows: 2, columns: 2, data: Float64Array.of(10, 11, 20, 21) });
    expect(view.data.buffer).toBe(matrix.data.buffer);
    expect(rowsBetween(matrix, 1, 1)).toEqual(zeros(0, 2));
  });

  it('at indices are a copy of the same kind', () => {
    expect(rowsAt(matrix, [2, 0, 2]).data).toEqual(Float64Array.of(20, 21, 0, 1, 20, 21));
    const narrow = { ...matrix, data: Float32Array.from(matrix.data) };
    expect(rowsAt(narrow, Uint32Array.of(1)).data).toEqual(Float32Array.of(10, 11));
    expect(rowsAt(matrix, [])).toEqual(zeros(0, 2));
  });
});

describe('scaled', () => {
  it('rows and columns are products with a diagonal matrix', () => {
    expect(scaledRows(matrix, [1, 2, 3]).data).toEqual(Float64Array.of(0, 1, 20, 22, 60, 63));
    expect(scaledColumns(matrix, [1, 2]).data).toEqual(Float64Array.of(0, 2, 10, 22, 20, 42));
    expect(matrix.data[2]).toBe(10);
  });

  it('need as many factors', () => {
    expect(() => scaledRows(matrix, [1, 2])).toThrow(/expected 3 factors, one for each row, got 2/);
    expect(() => scaledColumns(matrix, [1, 2, 3])).toThrow(/expected 2 factors, one for each column, got 3/);
  });
});

import { describe, expect, it } from 'vitest';
import { marchenkoPasturEdge } from '@edjm/core';
import { permutedColumns } from '../../src/index.ts';

describe('permutedColumns', () => {
  const matrix = { rows: 50, columns: 3, data: Float64Array.from({ length: 150 }, (_, at) => at) };
  const column = ({ data }: { data: ArrayLike<number> }, j: number) =>
    Array.from({ length: 50 }, (_, i) => data[i * 3 + j]!);

  it('keeps the numbers of each column, in another order for each', () => {
    const permuted = permutedColumns(matrix, 5);
    for (const j of [0, 1, 2]) {
      expect(column(permuted, j)).not.toEqual(column(matrix, j));
      expect(column(permuted, j).toSorted((a, b) => a - b)).toEqual(column(matrix, j));
    }
    const places = (j: number) => column(permuted, j).map((value) => Math.floor(value / 3));
    expect(places(0)).not.toEqual(places(1));
    expect(matrix.data[0]).toBe(0);
  });

  it('depends on the seed alone', () => {
    expect(permutedColumns(matrix, 5)).toEqual(permutedColumns(matrix, 5));
    expect(permutedColumns(matrix, 5)).not.toEqual(permutedColumns(matrix, 6));
  });
});

describe('the edge of Marchenko and Pastur', () => {
  it('is that of numbers of the same mean square', () => {
    // The identity of order 4: entries of mean square 1/4.
    expect(marchenkoPasturEdge({ n: 4, dIn: 4 }, [1, 1, 1, 1])).toBeCloseTo(0.5 * 4, 12);
  });
});

import { describe, expect, it } from 'vitest';
import { type DenseMatrix, multiply, singularValuesOfRows, singularVectors } from '../../src/index.ts';
import {
  matrixOf,
  randomMatrix,
  relativeDifference,
  scaled,
  transposed,
  withSingularValues,
} from '../matrices.ts';

const graded = (count: number, least: number): number[] =>
  Array.from({ length: count }, (_, i) => least ** (i / (count - 1)));

/** A title, rows and columns, the singular values. */
type Case = [string, [number, number], number[]];

/** U diag(σ) Vᵀ of what was found. */
function joined({ singularValues, rank, left, right }: ReturnType<typeof singularVectors>): DenseMatrix {
  const weighted = matrixOf(
    rank,
    right.columns,
    (i, j) => singularValues[i]! * right.data[i * right.columns + j]!,
  );
  return multiply(left, weighted, { transposeA: true });
}

function expectOrthonormal(rows: DenseMatrix): void {
  const products = multiply(rows, rows, { transposeB: true });
  const identity = matrixOf(rows.rows, rows.rows, (i, j) => (i === j ? 1 : 0));
  expect(relativeDifference(products.data, identity.data)).toBeLessThan(5e-14);
}

describe('singularVectors', () => {
  it.each([
    ['a tall matrix', [30, 12], Array.from({ length: 12 }, (_, i) => 12 - i)],
    ['a wide matrix', [12, 30], Array.from({ length: 12 }, (_, i) => 12 - i)],
    ['one row', [1, 9], [3]],
    ['one column', [9, 1], [3]],
    ['zeros', [6, 4], [0, 0, 0, 0]],
    ['equal values', [20, 20], new Array<number>(20).fill(2)],
    ['two clusters', [20, 30], [1, 1, 1, ...new Array<number>(17).fill(1e-9)]],
    ['rank three of twenty', [20, 25], [3, 2, 1, ...new Array<number>(17).fill(0)]],
    ['a graded spectrum', [40, 60], graded(40, 1e-13)],
  ] satisfies Case[])('finds values and vectors of %s', (_, [rows, columns], values) => {
    const rank = values.filter((value) => value > 0).length;
    const matrix = withSingularValues(rows, columns, values);
    const found = singularVectors(matrix);
    expect(relativeDifference(found.singularValues, values)).toBeLessThan(5e-15);
    expect(found.rank).toBe(rank);
    expect(found.left).toMatchObject({ rows: rank, columns: rows });
    expect(found.right).toMatchObject({ rows: rank, columns });
    if (rank === 0) return;
    expectOrthonormal(found.left);
    expectOrthonormal(found.right);
    expect(relativeDifference(joined(found).data, matrix.data)).toBeLessThan(2e-14);
  });

  it('finds the values of the direct decomposition, whichever way round the matrix lies', () => {
    const matrix = randomMatrix(25, 70, 4);
    const values = singularValuesOfRows(matrix);
    expect(relativeDifference(singularVectors(matrix).singularValues, values)).toBeLessThan(1e-14);
    expect(relativeDifference(singularVectors(transposed(matrix)).singularValues, values)).toBeLessThan(
      1e-14,
    );
  });

  it.each([1e300, 1e150, 1e-150, 1e-300])('takes entries of the size of %f', (factor) => {
    const matrix = withSingularValues(5, 7, [4, 3, 2, 1, 0]);
    const { singularValues, rank, right } = singularVectors(scaled(matrix, factor));
    expect(relativeDifference(singularValues, [4 * factor, 3 * factor, 2 * factor, factor, 0])).toBeLessThan(
      1e-14,
    );
    expect(rank).toBe(4);
    expectOrthonormal(right);
  });

  it('takes float32 entries as the numbers that they are, and does not change them', () => {
    const data = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6);
    const narrow = singularVectors({ rows: 2, columns: 3, data });
    const wide = singularVectors({ rows: 2, columns: 3, data: Float64Array.from(data) });
    expect(narrow).toEqual(wide);
    expect(data).toEqual(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6));
  });

  it('refuses empty matrices, arrays of another length, and numbers that are not finite', () => {
    expect(() => singularVectors({ rows: 0, columns: 3, data: new Float64Array(0) })).toThrow(
      /number of rows/,
    );
    expect(() => singularVectors({ rows: 3, columns: 0, data: new Float64Array(0) })).toThrow(/columns/);
    expect(() => singularVectors({ rows: 2, columns: 2, data: new Float64Array(3) })).toThrow(/got 3/);
    expect(() => singularVectors({ rows: 1, columns: 2, data: Float32Array.of(0, NaN) })).toThrow(
      /got NaN in row 0, column 1/,
    );
  });
});

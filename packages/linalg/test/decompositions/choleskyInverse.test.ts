import { CholeskyDecomposition, inverse as invert, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { choleskyInverse, type DenseMatrix, multiply } from '../../src/index.ts';
import { matrixOf, randomMatrix, relativeDifference, scaled, withEigenvalues } from '../matrices.ts';

/** A Aᵀ + I for random A. */
function positiveDefinite(order: number, seed: number): DenseMatrix {
  const a = randomMatrix(order, order + 3, seed);
  return multiply(a, a, { transposeB: true, addTo: matrixOf(order, order, (i, j) => (i === j ? 1 : 0)) });
}

const oracleOf = ({ rows, data }: DenseMatrix): Matrix => Matrix.from1DArray(rows, rows, data);

describe('choleskyInverse', () => {
  it.each([1, 2, 3, 31, 32, 33, 64, 65, 130, 257])('agrees with the oracle for order %i', (order) => {
    const matrix = positiveDefinite(order, order);
    const { logDeterminant, inverse } = choleskyInverse(matrix);
    const oracle = oracleOf(matrix);
    const expected = invert(oracle).to1DArray();
    expect(relativeDifference(inverse.data, expected)).toBeLessThan(1e-12);
    const diagonal = new CholeskyDecomposition(oracle).lowerTriangularMatrix.diagonal();
    expect(logDeterminant).toBeCloseTo(2 * diagonal.reduce((sum, entry) => sum + Math.log(entry), 0), 9);
  });

  it('is accurate to the condition number', () => {
    const values = Array.from({ length: 80 }, (_, i) => 10 ** (-i / 10));
    const { logDeterminant, inverse } = choleskyInverse(withEigenvalues(values));
    expect(logDeterminant).toBeCloseTo(
      values.reduce((sum, value) => sum + Math.log(value), 0),
      6,
    );
    const expected = withEigenvalues(values.map((value) => 1 / value)).data;
    expect(relativeDifference(inverse.data, expected)).toBeLessThan(1e-7);
  });

  it('reads the lower triangle alone, and leaves it as it was', () => {
    const matrix = positiveDefinite(40, 1);
    const lower = matrixOf(40, 40, (i, j) => (j <= i ? matrix.data[i * 40 + j]! : 7));
    const before = lower.data.slice();
    expect(choleskyInverse(lower)).toEqual(choleskyInverse(matrix));
    expect(lower.data).toEqual(before);
  });

  it('takes float32, and matrices of any size', () => {
    const matrix = positiveDefinite(5, 2);
    const rounded = { ...matrix, data: Float32Array.from(matrix.data) };
    const doubled = { ...matrix, data: Float64Array.from(rounded.data) };
    expect(choleskyInverse(rounded)).toEqual(choleskyInverse(doubled));
    const large = choleskyInverse(scaled(matrix, 1e200));
    expect(large.logDeterminant - choleskyInverse(matrix).logDeterminant).toBeCloseTo(5 * Math.log(1e200), 9);
  });

  it.each([
    ['indefinite', Float64Array.of(1, 2, 2, 1), /positive definite matrix, got a pivot of -3/],
    ['singular', Float64Array.of(1, 1, 1, 1), /got a pivot of 0/],
    ['not finite', Float64Array.of(1, NaN, NaN, 1), /finite/],
  ])('refuses a matrix that is %s', (_, data, message) => {
    expect(() => choleskyInverse({ rows: 2, columns: 2, data })).toThrow(message);
  });

  it('refuses a large matrix that is not positive definite, and one that is not square', () => {
    const values = Array.from({ length: 70 }, (_, i) => i - 1);
    expect(() => choleskyInverse(withEigenvalues(values))).toThrow(/positive definite/);
    expect(() => choleskyInverse(randomMatrix(2, 3, 1))).toThrow(/square/);
  });
});

import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, multiply, symmetricEigen } from '../../src/index.ts';
import { turned } from '../exactMatrices.ts';
import { descending, matrixOf, relativeDifference, scaled, symmetricRandom } from '../matrices.ts';

const identity = (order: number): DenseMatrix => matrixOf(order, order, (i, j) => (i === j ? 1 : 0));

/** How far the vectors are from orthonormal, and A V from V Λ relative to A, entry by entry. */
function faults(matrix: DenseMatrix): { orthonormal: number; residual: number } {
  const order = matrix.rows;
  const { values, vectors } = symmetricEigen(matrix);
  expect(Array.from(values)).toEqual(descending(Array.from(values)));
  const unit = multiply(vectors, vectors, { transposeB: true }).data;
  const images = multiply(vectors, matrix).data;
  const size = Math.max(Math.abs(values[0]!), Math.abs(values[order - 1]!)) || 1;
  let orthonormal = 0;
  let residual = 0;
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      const at = i * order + j;
      orthonormal = Math.max(orthonormal, Math.abs(unit[at]! - (i === j ? 1 : 0)));
      residual = Math.max(residual, Math.abs(images[at]! - values[i]! * vectors.data[at]!) / size);
    }
  }
  return { orthonormal, residual };
}

const exact: [string, number[]][] = [
  ['a spectrum graded from 1 to 1e-14', Array.from({ length: 16 }, (_, i) => 2 ** (-3 * i))],
  ['values of both signs', Array.from({ length: 32 }, (_, i) => i - 16)],
  ['rank three of 64', [4, -2, 1, ...new Array<number>(61).fill(0)]],
  ['clusters', Array.from({ length: 32 }, (_, i) => 1 + (i % 3) + (i % 2) * 2 ** -40)],
  ['all equal', new Array<number>(16).fill(3)],
  ['zero', [0, 0, 0, 0]],
  ['one entry', [7]],
];

describe('symmetricEigen', () => {
  it.each(exact)('finds %s', (_, diagonal) => {
    const { matrix } = turned(diagonal);
    const values = descending(diagonal.map((value) => diagonal.length * value));
    expect(relativeDifference(symmetricEigen(matrix).values, values)).toBeLessThan(5e-15);
    const { orthonormal, residual } = faults(matrix);
    expect(orthonormal).toBeLessThan(1e-14);
    expect(residual).toBeLessThan(5e-15);
  });

  it.each([1, 2, 3, 4, 5, 7, 31, 32, 33, 64, 65, 130])('agrees with the oracle for order %i', (order) => {
    const matrix = symmetricRandom(order, order);
    const oracle = new EigenvalueDecomposition(Matrix.from1DArray(order, order, matrix.data), {
      assumeSymmetric: true,
    }).realEigenvalues;
    expect(relativeDifference(symmetricEigen(matrix).values, descending(oracle))).toBeLessThan(1e-13);
    const { orthonormal, residual } = faults(matrix);
    expect(orthonormal).toBeLessThan(1e-14);
    expect(residual).toBeLessThan(1e-14);
  });

  it('takes any symmetric matrix apart', () => {
    const problems = fc.record({
      order: fc.integer({ min: 1, max: 20 }),
      seed: fc.integer(),
      keep: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      exponent: fc.integer({ min: -1040, max: 1000 }),
    });
    fc.assert(
      fc.property(problems, ({ order, seed, keep, exponent }) => {
        // Zeros in places, as they are where values are equal or blocks fall apart.
        const full = symmetricRandom(order, seed);
        const sparse = { ...full, data: full.data.map((entry) => (entry > keep ? entry : 0)) };
        const { orthonormal, residual } = faults(sparse);
        expect(orthonormal).toBeLessThan(1e-14);
        expect(residual).toBeLessThan(1e-14);
        const { values, vectors } = symmetricEigen(scaled(sparse, 2 ** exponent));
        if (exponent > -960) {
          const expected = symmetricEigen(sparse);
          expect(vectors).toEqual(expected.vectors);
          expect(values).toEqual(expected.values.map((value) => value * 2 ** exponent));
        } else {
          expect(values.every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });

  it('keeps the small values of a graded matrix', () => {
    const order = 12;
    const scale = Array.from({ length: order }, (_, i) => 10 ** -(2 * ((5 * i) % order)));
    const matrix = matrixOf(order, order, (i, j) => (i === j ? 1 : 0.1) * scale[i]! * scale[j]!);
    const { values, vectors } = symmetricEigen(matrix);
    // The smallest eigenvalue is about the last pivot: 0.1-coupled ones, times the square of the smallest scale.
    const smallest = (0.9 * (1 + (order - 1) * 0.1 + 0)) / (1 + (order - 2) * 0.1);
    expect(values[order - 1]! / Math.min(...scale) ** 2).toBeCloseTo(smallest, 3);
    expect(faults(matrix).orthonormal).toBeLessThan(1e-14);
    expect(vectors.rows).toBe(order);
  });

  it('reads the lower triangle alone, takes float32, and changes nothing', () => {
    const matrix = symmetricRandom(9, 3);
    const lower = matrixOf(9, 9, (i, j) => (j <= i ? matrix.data[i * 9 + j]! : 99));
    const before = lower.data.slice();
    expect(symmetricEigen(lower)).toEqual(symmetricEigen(matrix));
    expect(lower.data).toEqual(before);
    const narrow = { ...matrix, data: Float32Array.from(matrix.data) };
    const wide = { ...matrix, data: Float64Array.from(narrow.data) };
    expect(symmetricEigen(narrow)).toEqual(symmetricEigen(wide));
  });

  it('of the unit matrix is the unit matrix, of nothing nothing', () => {
    expect(symmetricEigen(identity(6)).values).toEqual(new Float64Array(6).fill(1));
    expect(faults(identity(6)).orthonormal).toBe(0);
    expect(symmetricEigen(identity(0))).toEqual({
      values: new Float64Array(0),
      vectors: { rows: 0, columns: 0, data: new Float64Array(0) },
    });
  });

  it('refuses what is not square or not finite', () => {
    expect(() => symmetricEigen(matrixOf(2, 3, () => 1))).toThrow(/expected a square matrix, got 2 × 3/);
    expect(() => symmetricEigen(matrixOf(2, 2, () => NaN))).toThrow(/expected finite numbers, got NaN/);
  });

  it('refuses values beyond float64', () => {
    expect(() => symmetricEigen(matrixOf(2, 2, () => 1.7e308))).toThrow(
      new RangeError('expected eigenvalues within float64, got Infinity. Scale the matrix down.'),
    );
  });
});

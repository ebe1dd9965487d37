import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, multiply } from '../../src/index.ts';
import { toDense, zeroTriangle } from '../../src/matrix/packedTriangle.ts';
import { addProductsOfColumns, addProductsOfRows } from '../../src/matrix/rowProducts.ts';
import { matrixOf, randomMatrix, randomNumbers, transposed } from '../matrices.ts';

/** Small whole numbers, whose products and sums are exact in any order. */
function wholeNumbers(rows: number, columns: number, seed: number): DenseMatrix {
  const next = randomNumbers(seed);
  return matrixOf(rows, columns, () => Math.round(18 * next()));
}

const inFloat32 = (matrix: DenseMatrix): DenseMatrix => ({ ...matrix, data: Float32Array.from(matrix.data) });

/** By the definition. */
function product(a: DenseMatrix, b: DenseMatrix): DenseMatrix & { readonly data: Float64Array } {
  return matrixOf(a.rows, b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += a.data[i * a.columns + k]! * b.data[k * b.columns + j]!;
    return sum;
  });
}

const problems = fc.record({
  rows: fc.integer({ min: 0, max: 40 }),
  depth: fc.integer({ min: 0, max: 40 }),
  columns: fc.integer({ min: 0, max: 40 }),
  seed: fc.integer(),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  narrowA: fc.boolean(),
  narrowB: fc.boolean(),
});

describe('multiply', () => {
  it('is the sum of products, transposed or not, of float32 or float64', () => {
    fc.assert(
      fc.property(problems, ({ rows, depth, columns, seed, transposeA, transposeB, narrowA, narrowB }) => {
        const a = wholeNumbers(rows, depth, seed);
        const b = wholeNumbers(depth, columns, seed + 1);
        const left = transposeA ? transposed(a) : a;
        const right = transposeB ? transposed(b) : b;
        const found = multiply(narrowA ? inFloat32(left) : left, narrowB ? inFloat32(right) : right, {
          transposeA,
          transposeB,
        });
        expect(found).toEqual(product(a, b));
      }),
    );
  });

  it.each([
    [3, 700, 5],
    [300, 5, 4],
    [261, 258, 259],
    [2, 3, 1100],
    [1, 1030, 1027],
  ])('goes by blocks where %i × %i times %i columns are more than one', (rows, depth, columns) => {
    const a = wholeNumbers(rows, depth, 1);
    const b = wholeNumbers(depth, columns, 2);
    const expected = product(a, b);
    expect(multiply(a, b)).toEqual(expected);
    expect(multiply(transposed(a), inFloat32(b), { transposeA: true })).toEqual(expected);
    expect(multiply(inFloat32(a), transposed(b), { transposeB: true })).toEqual(expected);
  });

  it('adds to a matrix, and returns it', () => {
    const addTo = matrixOf(6, 7, (i, j) => i - j);
    const before = addTo.data.slice();
    const a = wholeNumbers(6, 300, 3);
    const b = wholeNumbers(300, 7, 4);
    expect(multiply(a, b, { addTo })).toBe(addTo);
    expect(addTo.data).toEqual(product(a, b).data.map((sum, at) => sum + before[at]!));
  });

  it('rounds as sums of products do', () => {
    const a = randomMatrix(20, 1000, 5);
    const b = randomMatrix(1000, 20, 6);
    const found = multiply(a, b).data;
    const sizes = product({ ...a, data: a.data.map(Math.abs) }, { ...b, data: b.data.map(Math.abs) }).data;
    const expected = product(a, b).data;
    const worst = found.map((sum, at) => Math.abs(sum - expected[at]!) / sizes[at]!);
    expect(Math.max(...worst)).toBeLessThan(1000 * 2 ** -52);
  });

  it('passes NaN and infinities on, and nowhere else', () => {
    const a = matrixOf(5, 3, (i, j) => (i === 2 && j === 1 ? NaN : i === 4 ? Infinity : 1));
    const found = multiply(
      a,
      matrixOf(3, 5, () => 1),
    ).data;
    expect(Array.from(found)).toEqual([
      ...new Array<number>(10).fill(3),
      ...new Array<number>(5).fill(NaN),
      ...new Array<number>(5).fill(3),
      ...new Array<number>(5).fill(Infinity),
    ]);
  });

  it('refuses shapes that do not fit', () => {
    const a = randomMatrix(2, 3, 1);
    expect(() => multiply(a, a)).toThrow(/expected as many rows of B as A has columns, 3, got 2/);
    expect(() => multiply(a, a, { transposeA: true, transposeB: true })).toThrow(/2, got 3/);
    expect(() => multiply({ ...a, rows: 4 }, a)).toThrow(/expected 4 × 3/);
    const addTo = matrixOf(3, 2, () => 0);
    expect(() => multiply(a, a, { transposeB: true, addTo })).toThrow(/expected 2 rows to add to, got 3/);
    expect(() => multiply(a, a, { transposeA: true, addTo })).toThrow(/expected 3 columns, got 2/);
  });
});

describe('products of rows and columns with each other', () => {
  const shapes = fc.record({
    rows: fc.integer({ min: 0, max: 90 }),
    columns: fc.integer({ min: 1, max: 90 }),
    seed: fc.integer(),
    narrow: fc.boolean(),
  });

  it('are added to the lower triangle', () => {
    fc.assert(
      fc.property(shapes, ({ rows, columns, seed, narrow }) => {
        const matrix = wholeNumbers(rows, columns, seed);
        const given = narrow ? inFloat32(matrix) : matrix;
        const ofColumns = zeroTriangle(columns);
        const ofRows = zeroTriangle(rows);
        for (let time = 0; time < 2; time++) {
          addProductsOfColumns(ofColumns, given);
          addProductsOfRows(ofRows, given);
        }
        const twice = { ...matrix, data: matrix.data.map((entry) => 2 * entry) };
        expect(toDense(ofColumns)).toEqual(product(transposed(twice), matrix));
        expect(toDense(ofRows)).toEqual(product(twice, transposed(matrix)));
      }),
    );
  });

  it.each([
    [600, 13],
    [13, 600],
    [270, 140],
  ])('go by panels for %i × %i', (rows, columns) => {
    const matrix = wholeNumbers(rows, columns, 7);
    const ofColumns = zeroTriangle(columns);
    const ofRows = zeroTriangle(rows);
    addProductsOfColumns(ofColumns, matrix);
    addProductsOfRows(ofRows, inFloat32(matrix));
    expect(toDense(ofColumns)).toEqual(product(transposed(matrix), matrix));
    expect(toDense(ofRows)).toEqual(product(matrix, transposed(matrix)));
  });

  it('leave the padding of the triangle zero', () => {
    const target = zeroTriangle(5);
    addProductsOfColumns(target, wholeNumbers(9, 5, 8));
    expect(target.entries.subarray(15).every((entry) => entry === 0)).toBe(true);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DenseMatrix,
  largestSingularValues,
  type LargestSingularValuesOptions,
  type LinearOperator,
  multiply,
  singularValuesOfRows,
} from '../../src/index.ts';
import {
  descending,
  randomMatrix,
  relativeDifference,
  scaled,
  transposed,
  withSingularValues,
} from '../matrices.ts';

/** A matrix that is asked for products alone, and overwrites each in the next one. */
function operatorOf(matrix: DenseMatrix): LinearOperator & { readonly widths: number[] } {
  const widths: number[] = [];
  let given: Float64Array = new Float64Array(0);
  const answer = (product: DenseMatrix & { readonly data: Float64Array }): DenseMatrix => {
    given.fill(NaN);
    given = product.data;
    widths.push(product.columns);
    return product;
  };
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    widths,
    multiply: async (z) => answer(multiply(matrix, z)),
    multiplyTransposed: async (x) => answer(multiply(matrix, x, { transposeA: true })),
  };
}

/** The same for diag(values) in n × d, without a matrix. */
function diagonalOperator(rows: number, columns: number, values: readonly number[]): LinearOperator {
  const product = (factor: DenseMatrix, height: number): DenseMatrix => {
    const data = new Float64Array(height * factor.columns);
    for (let at = 0; at < Math.min(data.length, factor.data.length); at++) {
      data[at] = factor.data[at]! * (values[Math.floor(at / factor.columns)] ?? 0);
    }
    return { rows: height, columns: factor.columns, data };
  };
  return {
    rows,
    columns,
    multiply: async (z) => product(z, rows),
    multiplyTransposed: async (x) => product(x, columns),
  };
}

const counted = (length: number, value: (i: number) => number): number[] =>
  Array.from({ length }, (_, i) => value(i));

/** A title, rows and columns, the singular values, options. */
type Listed = [string, [number, number], number[], LargestSingularValuesOptions];

/** The same with a name for each. */
interface Case {
  readonly shape: readonly [number, number];
  readonly values: readonly number[];
  readonly options: LargestSingularValuesOptions;
}

const listed: Listed[] = [
  ['a tall matrix', [90, 60], counted(60, (i) => 60 - i), { count: 5 }],
  ['a wide matrix', [60, 90], counted(60, (i) => 60 - i), { count: 5 }],
  ['a steep spectrum', [120, 150], counted(120, (i) => 0.8 ** i), { count: 10 }],
  ['a block of one vector', [80, 100], counted(80, (i) => 1 / (i + 1)), { count: 6, blockSize: 1 }],
  ['more values than there are', [12, 20], counted(12, (i) => 12 - i), { count: 50 }],
  ['a block larger than the matrix', [12, 20], counted(12, (i) => 12 - i), { count: 3, blockSize: 64 }],
  ['one row', [1, 30], [3], { count: 1 }],
  ['one column', [30, 1], [3], { count: 4 }],
  ['one number', [1, 1], [3], { count: 1 }],
  ['zeros', [40, 30], [], { count: 10 }],
  ['rank three', [40, 60], [3, 2, 1], { count: 10 }],
  ['rank three, with blocks of two', [40, 60], [3, 2, 1], { count: 10, blockSize: 2 }],
  ['a rank that no block size divides', [100, 140], counted(37, (i) => 1 / (i + 1)), { count: 50 }],
  ['equal values', [40, 60], counted(40, () => 2), { count: 10 }],
  ['all of equal values', [20, 30], counted(20, () => 2), { count: 20, blockSize: 3 }],
  ['eightfold values', [80, 70], counted(70, (i) => 10 - Math.floor(i / 8)), { count: 20 }],
  [
    'a cluster',
    [90, 80],
    [...counted(8, (i) => 1 - 1e-9 * i), ...counted(60, (i) => 0.5 * 0.9 ** i)],
    { count: 8 },
  ],
  [
    'a cluster at the end',
    [90, 80],
    [2, ...counted(7, () => 1), ...counted(40, (i) => 0.5 * 0.9 ** i)],
    { count: 4 },
  ],
  ['a graded spectrum', [60, 80], counted(60, (i) => 10 ** (-14 * (i / 59))), { count: 20 }],
  ['all of a graded spectrum', [60, 80], counted(60, (i) => 10 ** (-14 * (i / 59))), { count: 60 }],
  ['a flat spectrum', [150, 200], counted(150, (i) => 1 - i / 300), { count: 15 }],
];
const cases = listed.map(([title, shape, values, options]): [string, Case] => [
  title,
  { shape, values, options },
]);

describe('largestSingularValues', () => {
  it.each(cases)(
    'finds those of %s within true bounds',
    async (_, { shape: [rows, columns], values, options }) => {
      const operator = operatorOf(withSingularValues(rows, columns, values));
      const { singularValues, errorBounds, products, converged } = await largestSingularValues(
        operator,
        options,
      );
      const count = Math.min(options.count, rows, columns);
      const largest = values[0] ?? 0;
      expect(converged).toBe(true);
      expect(products).toBe(operator.widths.length);
      expect(singularValues).toHaveLength(count);
      expect(Array.from(singularValues)).toEqual(descending(Array.from(singularValues)));
      for (let i = 0; i < count; i++) {
        // The matrix itself has its values to some 1e-15 alone.
        const error = Math.abs(singularValues[i]! - (values[i] ?? 0)) - 1e-15 * largest;
        expect(error).toBeLessThanOrEqual(errorBounds[i]!);
        expect(errorBounds[i]).toBeLessThanOrEqual(1e-6 * largest);
      }
    },
  );

  it.each(cases)(
    'never claims too much for %s, however early it stops',
    async (_, { shape: [rows, columns], values, options }) => {
      const matrix = withSingularValues(rows, columns, values);
      for (const maxProducts of [2, 4, 6, 8]) {
        const found = await largestSingularValues(operatorOf(matrix), { ...options, maxProducts });
        expect(found.products).toBeLessThanOrEqual(maxProducts);
        for (const [i, value] of found.singularValues.entries()) {
          const distances = counted(Math.min(rows, columns), (j) => Math.abs(value - (values[j] ?? 0)));
          const error = Math.min(...distances) - 1e-15 * (values[0] ?? 0);
          expect(error).toBeLessThanOrEqual(found.errorBounds[i]!);
        }
      }
    },
  );

  it('bounds the error of random matrices', async () => {
    const shapes = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      columns: fc.integer({ min: 1, max: 40 }),
      count: fc.integer({ min: 1, max: 12 }),
      // Smaller ones may take two close values for one.
      blockSize: fc.integer({ min: 4, max: 12 }),
      decay: fc.double({ min: 0, max: 3, noNaN: true }),
      seed: fc.integer({ min: 1, max: 1000 }),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ rows, columns, decay, seed, ...options }) => {
        const noise = randomMatrix(rows, columns, seed);
        const data = noise.data.map((entry, at) => entry / (1 + (at % columns)) ** decay);
        const matrix = { rows, columns, data };
        const expected = singularValuesOfRows(matrix);
        const found = await largestSingularValues(operatorOf(matrix), { ...options, seed });
        expect(found.converged).toBe(true);
        expect(found.singularValues).toHaveLength(Math.min(options.count, rows, columns));
        for (const [i, value] of found.singularValues.entries()) {
          expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(found.errorBounds[i]!);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each([1e150, 1e-150, 1e-290])('takes entries of the size of %f', async (factor) => {
    const matrix = withSingularValues(
      50,
      70,
      counted(50, (i) => 0.7 ** i),
    );
    const { singularValues: expected } = await largestSingularValues(operatorOf(matrix), { count: 8 });
    const found = await largestSingularValues(operatorOf(scaled(matrix, factor)), { count: 8 });
    expect(found.converged).toBe(true);
    expect(
      relativeDifference(
        found.singularValues,
        expected.map((value) => value * factor),
      ),
    ).toBeLessThan(1e-12);
  });

  it('reaches any tolerance that rounding allows, with more products', async () => {
    const values = counted(300, (i) => 1 / (1 + i) ** 2);
    const operator = diagonalOperator(300, 5000, values);
    const rough = await largestSingularValues(operator, { count: 10, blockSize: 10, tolerance: 1e-2 });
    const fine = await largestSingularValues(operator, { count: 10, blockSize: 10, tolerance: 1e-10 });
    expect(rough.products).toBeLessThan(fine.products);
    expect(rough.converged && fine.converged).toBe(true);
    expect(relativeDifference(fine.singularValues, values.slice(0, 10))).toBeLessThan(1e-10);
  });

  it('takes few products where the values fall off: a width of 20,000 in passing', async () => {
    const values = counted(400, (i) => 0.9 ** i);
    const found = await largestSingularValues(diagonalOperator(400, 20_000, values), {
      count: 40,
      blockSize: 20,
    });
    expect(found.converged).toBe(true);
    expect(found.products).toBeLessThanOrEqual(12);
    expect(relativeDifference(found.singularValues, values.slice(0, 40))).toBeLessThan(1e-6);
  });

  it('stops at the most products, with what it has', async () => {
    const matrix = withSingularValues(
      60,
      80,
      counted(60, (i) => 60 - i),
    );
    const operator = operatorOf(matrix);
    const found = await largestSingularValues(operator, { count: 20, blockSize: 6, maxProducts: 5 });
    expect(found).toMatchObject({ products: 4, converged: false });
    expect(found.singularValues).toHaveLength(12);
    expect(operator.widths).toEqual([6, 6, 6, 6]);
  });

  it('gives the same numbers for the same seed, and others for another', async () => {
    const matrix = withSingularValues(
      60,
      80,
      counted(60, (i) => 60 - i),
    );
    const options = { count: 5, blockSize: 4, maxProducts: 6 };
    const first = await largestSingularValues(operatorOf(matrix), options);
    const again = await largestSingularValues(operatorOf(matrix), { ...options, seed: 1 });
    const other = await largestSingularValues(operatorOf(matrix), { ...options, seed: 2 });
    expect(again.singularValues).toEqual(first.singularValues);
    expect(other.singularValues).not.toEqual(first.singularValues);
  });

  it('does not depend on which way round the matrix lies', async () => {
    const matrix = withSingularValues(
      50,
      70,
      counted(50, (i) => 0.7 ** i),
    );
    const upright = await largestSingularValues(operatorOf(transposed(matrix)), { count: 6 });
    const lying = await largestSingularValues(operatorOf(matrix), { count: 6 });
    expect(relativeDifference(upright.singularValues, lying.singularValues)).toBeLessThan(1e-12);
  });

  it('ends with the reason of its signal, between two blocks', async () => {
    const controller = new AbortController();
    const operator = operatorOf(
      withSingularValues(
        60,
        80,
        counted(60, (i) => 60 - i),
      ),
    );
    const reason = new Error('enough');
    const stopping: LinearOperator = {
      ...operator,
      multiply: (z) => {
        controller.abort(reason);
        return operator.multiply(z);
      },
    };
    const run = largestSingularValues(stopping, { count: 20, blockSize: 4, signal: controller.signal });
    await expect(run).rejects.toBe(reason);
    expect(operator.widths).toEqual([4, 4]);
  });

  it('refuses options out of their range, and products of another shape or not finite', async () => {
    const operator = operatorOf(randomMatrix(4, 5, 1));
    for (const options of [
      { count: 0 },
      { count: 1, blockSize: 0 },
      { count: 1, maxProducts: 1 },
      { count: 1, tolerance: -1 },
      { count: 1, tolerance: NaN },
    ]) {
      await expect(largestSingularValues(operator, options)).rejects.toThrow(RangeError);
    }
    await expect(largestSingularValues({ ...operator, rows: 0 }, { count: 1 })).rejects.toThrow(/rows/);
    await expect(largestSingularValues({ ...operator, columns: 0.5 }, { count: 1 })).rejects.toThrow(
      /columns/,
    );
    expect(operator.widths).toEqual([]);
    await expect(largestSingularValues({ ...operator, columns: 6 }, { count: 1 })).rejects.toThrow(
      new RangeError('expected a product of 6 × 4, got 5 × 4. Correct the operator.'),
    );
    const broken = operatorOf({ rows: 1, columns: 2, data: Float64Array.of(1, NaN) });
    await expect(largestSingularValues(broken, { count: 1 })).rejects.toThrow(/got NaN/);
  });
});

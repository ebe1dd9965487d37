import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accumulatorFromBytes,
  gramAccumulator,
  type SpectrumAccumulator,
  threadedSolver,
  tsqrAccumulator,
} from '../../src/index.ts';
import { accumulatorOf, expectSame, expectWithinBounds } from './accumulators.ts';
import {
  blockMatrix,
  exactMatrices,
  scaledColumns,
  scaledExact,
  transposedExact,
  turned,
} from '../exactMatrices.ts';
import { matrixOf, randomMatrix, rowsAt } from '../matrices.ts';

const powers = (length: number, exponent: (i: number) => number): number[] =>
  Array.from({ length }, (_, i) => 2 ** exponent(i));

/** Values of n rows, blocks of `size` of them at a time. */
function inBlocks(matrix: ReturnType<typeof randomMatrix>, size: number): SpectrumAccumulator {
  const accumulator = tsqrAccumulator(matrix.columns);
  for (let row = 0; row < matrix.rows; row += size) {
    const indices = Array.from({ length: Math.min(size, matrix.rows - row) }, (_, i) => row + i);
    accumulator.add(rowsAt(matrix, indices));
  }
  return accumulator;
}

// The hard matrices of every accumulator are in spectrumAccumulator.test.ts; these are large enough for its blocks.
describe('tsqrAccumulator', () => {
  it.each([
    ['graded from 1 to 1e-14, of 256 columns', turned(powers(256, (i) => -Math.floor((47 * i) / 256)))],
    ['rank 5 of 256', turned([5, 4, 3, 2, 1, ...new Array<number>(251).fill(0)])],
    ['clusters', turned(Array.from({ length: 256 }, (_, i) => 1 + (i % 3) * 0.25))],
    ['all equal', scaledColumns(1024, new Array<number>(100).fill(3))],
    [
      'more rows than are taken at once',
      scaledColumns(
        4096,
        powers(40, (i) => -i),
      ),
    ],
    [
      'as many rows as are taken at once',
      scaledColumns(
        256,
        powers(200, (i) => -(i % 40)),
      ),
    ],
    [
      'fewer rows than columns, more than are taken at once',
      transposedExact(
        scaledColumns(
          1024,
          powers(600, (i) => -(i % 30)),
        ),
      ),
    ],
    [
      'blocks, the values of which are mixed up',
      blockMatrix(
        Array.from({ length: 20 }, (_, k) => turned(powers(16, (i) => -i - k))),
        { zeroRows: 100, zeroColumns: 3 },
      ),
    ],
  ])('is as near to the values as its bounds say for %s', async (_, { matrix, values }) => {
    expectWithinBounds(await accumulatorOf(tsqrAccumulator, matrix).finish(), values);
    expectWithinBounds(await inBlocks(matrix, 100).finish(), values);
  });

  it('has bounds that are worth having', async () => {
    const { matrix } = scaledColumns(
      4096,
      powers(100, (i) => -(i % 40)),
    );
    const { singularValues, errorBounds } = await accumulatorOf(tsqrAccumulator, matrix).finish();
    // Some 1e-14 for each of 32 blocks of 128 rows.
    expect(errorBounds[0]! / singularValues[0]!).toBeLessThan(5e-13);
  });

  it.each([
    [1, 1_000_000],
    [4, 640_000],
  ])('counts rows of width %i that are each too small to change the sum', async (columns, count) => {
    // One large row first; then, column by column, as many as there are of the same small entry.
    const small = 1.3e-9;
    const accumulator = tsqrAccumulator(columns);
    accumulator.add(matrixOf(64, columns, (i, j) => (i === j ? 1 : 0)));
    accumulator.add(matrixOf(count, columns, (i, j) => (i % columns === j ? small : 0)));
    const excess = (count / columns) * small ** 2;
    const { singularValues, errorBounds } = await accumulator.finish();
    for (const [i, value] of singularValues.entries()) {
      const error = value - 1 - excess / (1 + Math.sqrt(1 + excess));
      expect(Math.abs(error)).toBeLessThanOrEqual(errorBounds[i]!);
    }
  });

  it('takes rows of any size together: each counts for what it is', async () => {
    const large = scaledExact(turned([7, 3, 1, 0.5]), 2 ** 900);
    const small = scaledExact(turned([7, 3, 1, 0.5]), 2 ** -900);
    for (const blocks of [
      [large.matrix, small.matrix],
      [small.matrix, large.matrix],
    ]) {
      // Enough rows that the first ones are taken before the last ones come.
      const zeros = matrixOf(130, 4, () => 0);
      expectWithinBounds(
        await accumulatorOf(tsqrAccumulator, blocks[0]!, zeros, blocks[1]!).finish(),
        large.values,
      );
    }
    const first = accumulatorOf(
      tsqrAccumulator,
      small.matrix,
      matrixOf(130, 4, () => 0),
    );
    first.merge(accumulatorFromBytes(first.toBytes()));
    expectWithinBounds(
      await first.finish(),
      small.values.map((value) => value * Math.SQRT2),
    );
    await expect(
      accumulatorOf(
        tsqrAccumulator,
        matrixOf(9, 2, () => 1.7e308),
      ).finish(),
    ).rejects.toThrow(/expected singular values within float64, got Infinity/);
  });

  it('scales by factors whose squares leave float64', async () => {
    const { matrix, values } = scaledColumns(1024, [1, 1, 1]);
    const accumulator = inBlocks(matrix, 100);
    accumulator.scaleColumns([2 ** 600, 2 ** 590, 0]);
    const [largest = 0] = values;
    expectWithinBounds(await accumulator.finish(), [largest * 2 ** 600, largest * 2 ** 590, 0]);
    accumulator.scaleColumns([2 ** -1000, 2 ** -1000, 1]);
    expectWithinBounds(await accumulator.finish(), [largest * 2 ** -400, largest * 2 ** -410, 0]);
  });

  it('multiplies from the right by factors of any size, before and after rows are taken', async () => {
    const factor = scaledExact(turned([3, 2, 1, 1]), 2 ** 500);
    for (const rows of [4, 256]) {
      const { matrix } = scaledColumns(rows, [1, 1, 1, 1].slice(0, 4));
      const product = accumulatorOf(tsqrAccumulator, matrix).times(factor.matrix);
      expect(product.rows).toBe(rows);
      expectWithinBounds(
        await product.finish(),
        factor.values.map((value) => value * Math.sqrt(rows)),
      );
    }
    const nearTheEnd = accumulatorOf(
      tsqrAccumulator,
      matrixOf(1, 2, () => 1.7e308),
    ).times(matrixOf(2, 1, () => 1e-5));
    const found = await nearTheEnd.finish();
    expect(Math.abs(found.singularValues[0]! - 3.4e303)).toBeLessThanOrEqual(1e-15 * 3.4e303);
    const rows = matrixOf(2, 2, () => 1e300);
    expect(() => accumulatorOf(tsqrAccumulator, rows).times(matrixOf(2, 1, () => 1e300))).toThrow(
      /expected finite numbers, got Infinity/,
    );
  });

  it('gives the same however the rows were split, merged with itself twice the squares', async () => {
    const problem = fc.record({ exact: exactMatrices, size: fc.integer({ min: 1, max: 50 }) });
    await fc.assert(
      fc.asyncProperty(problem, async ({ exact: { matrix, values }, size }) => {
        const accumulator = inBlocks(matrix, size);
        expectSame(await accumulator.finish(), await accumulatorOf(tsqrAccumulator, matrix).finish());
        accumulator.merge(accumulator);
        const found = await accumulator.finish();
        expect(found.rows).toBe(2 * matrix.rows);
        const twice = [...values, ...new Array<number>(matrix.columns).fill(0)].map(
          (value) => value * Math.SQRT2,
        );
        const expected = twice.slice(0, Math.min(2 * matrix.rows, matrix.columns));
        const errorBounds = found.errorBounds.map((bound) => bound + 2 ** -51 * (values[0] ?? 0));
        expectWithinBounds({ ...found, errorBounds }, expected);
      }),
      { numRuns: 40 },
    );
  });

  it('finds the largest alone, on a thread too, whatever is added meanwhile', async () => {
    const matrix = randomMatrix(700, 60, 3);
    const accumulator = inBlocks(matrix, 90);
    const all = await accumulator.finish();
    await using solver = threadedSolver({ threads: 1 });
    const pending = [accumulator.finish({ largest: 5, solver }), accumulator.finish({ solver })];
    accumulator.add(matrix);
    accumulator.finish().catch(() => {});
    const [five, again] = await Promise.all(pending);
    expect(five!.singularValues).toEqual(all.singularValues.slice(0, 5));
    expect(again).toEqual(all);
  });

  it('gives JᵀJ as the sum of squares does', () => {
    for (const rows of [3, 50, 700]) {
      const matrix = randomMatrix(rows, 20, rows);
      const accumulator = inBlocks(matrix, 90);
      const sums = accumulatorOf(gramAccumulator, matrix);
      const found = accumulator.gram().data;
      const expected = sums.gram().data;
      const difference = Math.hypot(...found.map((entry, at) => entry - expected[at]!));
      expect(difference).toBeLessThanOrEqual(accumulator.gramErrorBound() + sums.gramErrorBound());
    }
    expect(() =>
      accumulatorOf(
        tsqrAccumulator,
        matrixOf(1, 1, () => 1e200),
      ).gram(),
    ).toThrow(/expected finite products of rows/);
  });

  it('refuses other methods, other widths, and bytes that it cannot have written', () => {
    const accumulator = tsqrAccumulator(3);
    expect(() => {
      accumulator.merge(gramAccumulator(3));
    }).toThrow(/expected an accumulator of tsqr, got one of gram/);
    expect(() => {
      accumulator.merge(tsqrAccumulator(2));
    }).toThrow(/expected 3 columns, got 2/);
    accumulator.add(randomMatrix(2, 3, 1));
    const bytes = accumulator.toBytes();
    expect(() => accumulatorFromBytes(bytes.subarray(0, bytes.length - 8))).toThrow(/cut off or damaged/);
    // The number of rows that wait is the first counter.
    const damaged = bytes.slice();
    new DataView(damaged.buffer).setFloat64(32, 1, true);
    expect(() => accumulatorFromBytes(damaged)).toThrow(/expected the triangle of 3 columns and 1 rows/);
  });

  it.each([1e7, -1e7, 1e15])('ends with an exponent of %f in its bytes', async (exponent) => {
    const bytes = accumulatorOf(tsqrAccumulator, randomMatrix(200, 5, 1)).toBytes();
    new DataView(bytes.buffer).setFloat64(48, exponent, true);
    const found = accumulatorFromBytes(bytes).finish();
    if (exponent > 0) await expect(found).rejects.toThrow(/expected singular values within float64/);
    // The rows that wait are left.
    else expect((await found).singularValues[0]).toBeGreaterThan(1);
  });
});

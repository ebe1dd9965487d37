import { describe, expect, it } from 'vitest';
import { accumulatorFromBytes, dualAccumulator, gramAccumulator } from '../../src/index.ts';
import { accumulatorOf, expectWithinBounds } from './accumulators.ts';
import { scaledColumns, transposedExact } from '../exactMatrices.ts';
import { randomMatrix } from '../matrices.ts';

describe('dualAccumulator', () => {
  it('keeps the rows in the order in which they came', () => {
    const rows = randomMatrix(5, 3, 1);
    const accumulator = dualAccumulator(3, 8);
    accumulator.add({ rows: 2, columns: 3, data: rows.data.subarray(0, 6) });
    accumulator.add({ rows: 3, columns: 3, data: rows.data.subarray(6) });
    expect(accumulator.matrix()).toEqual(rows);
    expect(accumulator).toMatchObject({ columns: 3, capacity: 8, rows: 5 });
  });

  it('refuses more rows than its capacity and stays as it was', () => {
    const accumulator = dualAccumulator(3, 4);
    accumulator.add(randomMatrix(3, 3, 1));
    expect(() => {
      accumulator.add(randomMatrix(2, 3, 2));
    }).toThrow(
      new RangeError(
        'expected at most 4 rows, got 5. Give a larger capacity, or use gramAccumulator, which has no limit.',
      ),
    );
    expect(accumulator.matrix()).toEqual(randomMatrix(3, 3, 1));
    expect(() => dualAccumulator(3, 0)).toThrow(/capacity/);
  });

  it('refuses to merge a sum of squares', () => {
    expect(() => {
      dualAccumulator(3, 4).merge(gramAccumulator(3));
    }).toThrow(/expected an accumulator that keeps its rows, got one of gram/);
  });

  it('keeps its capacity when it travels, and takes no room for it before it is needed', () => {
    const accumulator = dualAccumulator(3, 4);
    accumulator.add(randomMatrix(3, 3, 1));
    const bytes = accumulator.toBytes();
    // The first counter.
    new DataView(bytes.buffer).setFloat64(32, Number.MAX_SAFE_INTEGER, true);
    const large = accumulatorFromBytes(bytes);
    expect(large).toMatchObject({ capacity: Number.MAX_SAFE_INTEGER, rows: 3 });
    large.add(randomMatrix(2, 3, 2));
    large.add(randomMatrix(1, 3, 3));
    expect(large.rows).toBe(6);
    const copy = accumulatorFromBytes(accumulator.toBytes());
    copy.add(randomMatrix(1, 3, 2));
    expect(() => {
      copy.add(randomMatrix(1, 3, 2));
    }).toThrow(/expected at most 4 rows, got 5/);
  });

  it('finds rows that are far smaller than others to the last digits', async () => {
    const { matrix, values } = transposedExact(scaledColumns(16, [1e60, 1, 1e-60, 1e-80]));
    const { singularValues } = await accumulatorOf((columns) => dualAccumulator(columns, 4), matrix).finish();
    values.forEach((value, i) => {
      expect(singularValues[i]! / value).toBeCloseTo(1, 14);
    });
  });

  it('counts the rounding of its rows, scaled and multiplied many times', async () => {
    const { matrix } = scaledColumns(64, new Array<number>(8).fill(1));
    const accumulator = accumulatorOf((columns) => dualAccumulator(columns, 64), matrix);
    const factor = 1 / 3;
    let value = 8;
    for (let i = 0; i < 50; i++) {
      accumulator.scaleColumns(new Array<number>(8).fill(factor));
      value *= factor;
    }
    const found = await accumulator.finish();
    // The expected value is itself rounded fifty times.
    const errorBounds = found.errorBounds.map((bound) => bound + 50 * 2 ** -53 * value);
    expectWithinBounds({ ...found, errorBounds }, new Array<number>(8).fill(value));
    expect(found.errorBounds[0]!).toBeGreaterThan(50 * 2 ** -53 * value);
  });

  it('says so where the squares of the rows overflow', async () => {
    const row = { rows: 1, columns: 2, data: Float64Array.of(1e200, 1) };
    const accumulator = accumulatorOf((columns) => dualAccumulator(columns, 9), row);
    await expect(accumulator.finish()).rejects.toThrow(/expected finite products of rows, got Infinity/);
    accumulator.scaleColumns([1e-100, 1]);
    expect((await accumulator.finish()).singularValues[0]! / 1e100).toBeCloseTo(1, 14);
  });
});

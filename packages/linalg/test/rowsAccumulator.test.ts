import { describe, expect, it } from 'vitest';
import { gramAccumulator, rowsAccumulator } from '../src/index.ts';
import { randomMatrix } from './matrices.ts';

describe('rowsAccumulator', () => {
  it('keeps the rows in the order in which they came', () => {
    const rows = randomMatrix(5, 3, 1);
    const accumulator = rowsAccumulator(3, 8);
    accumulator.add({ rows: 2, columns: 3, data: rows.data.subarray(0, 6) });
    accumulator.add({ rows: 3, columns: 3, data: rows.data.subarray(6) });
    expect(accumulator.matrix()).toEqual(rows);
    expect(accumulator).toMatchObject({ columns: 3, capacity: 8, rows: 5 });
  });

  it('refuses more rows than its capacity and stays as it was', () => {
    const accumulator = rowsAccumulator(3, 4);
    accumulator.add(randomMatrix(3, 3, 1));
    expect(() => {
      accumulator.add(randomMatrix(2, 3, 2));
    }).toThrow(
      new RangeError(
        'expected at most 4 rows, got 5. Give a larger capacity, or use gramAccumulator, which has no limit.',
      ),
    );
    expect(accumulator.matrix()).toEqual(randomMatrix(3, 3, 1));
    expect(() => rowsAccumulator(3, 0)).toThrow(/capacity/);
  });

  it('refuses to merge a sum of squares', () => {
    expect(() => {
      rowsAccumulator(3, 4).merge(gramAccumulator(3));
    }).toThrow(/expected an accumulator that keeps its rows, got a sum/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossGramAccumulator, type DenseMatrix } from '../../src/index.ts';
import { matrixOf, randomMatrix, relativeDifference, rowsAt } from '../matrices.ts';

/** AᵀB, entry by entry. */
function product(a: DenseMatrix, b: DenseMatrix): DenseMatrix {
  return matrixOf(a.columns, b.columns, (j, k) =>
    Array.from({ length: a.rows }, (_, i) => a.data[i * a.columns + j]! * b.data[i * b.columns + k]!).reduce(
      (x, y) => x + y,
      0,
    ),
  );
}

describe('crossGramAccumulator', () => {
  it('sums the products of rows that belong together, however they are split and merged', () => {
    const a = randomMatrix(23, 7, 1);
    const b = randomMatrix(23, 5, 2);
    const expected = product(a, b);
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 23, maxLength: 23 }), (parts) => {
        const accumulators = [0, 1, 2, 3].map((part) => {
          const accumulator = crossGramAccumulator(7, 5);
          const indices = parts.flatMap((of, i) => (of === part ? [i] : []));
          accumulator.add(rowsAt(a, indices), rowsAt(b, indices));
          return accumulator;
        });
        const [first, ...others] = accumulators.reverse();
        for (const other of others) first!.merge(other);
        expect(first!.rows).toBe(23);
        expect(first!.crossGram()).toMatchObject({ rows: 7, columns: 5 });
        expect(relativeDifference(first!.crossGram().data, expected.data)).toBeLessThan(1e-14);
      }),
      { numRuns: 30 },
    );
  });

  it('takes float32 beside float64, and gives an array of its own', () => {
    const accumulator = crossGramAccumulator(2, 1);
    const float32 = { rows: 1, columns: 2, data: Float32Array.of(0.1, 2) };
    accumulator.add(float32, { rows: 1, columns: 1, data: Float64Array.of(3) });
    const found = accumulator.crossGram();
    expect(found.data).toEqual(Float64Array.of(3 * Math.fround(0.1), 6));
    found.data.fill(0);
    expect(accumulator.crossGram().data[1]).toBe(6);
  });

  it('refuses rows that do not fit, and is not changed by them', () => {
    const accumulator = crossGramAccumulator(2, 3);
    const row = (...entries: number[]): DenseMatrix => ({
      rows: 1,
      columns: entries.length,
      data: Float64Array.from(entries),
    });
    expect(() => {
      accumulator.add(row(1, 2, 3), row(1, 2, 3));
    }).toThrow(/expected 2 columns, got 3/);
    expect(() => {
      accumulator.add(row(1, 2), row(1, 2));
    }).toThrow(/expected 3 columns, got 2/);
    expect(() => {
      accumulator.add(row(1, 2), randomMatrix(2, 3, 1));
    }).toThrow(
      new RangeError('expected as many rows of B as of A, 1, got 2. Give rows that belong together.'),
    );
    expect(() => {
      accumulator.add(row(1, 2), row(1, Infinity, 3));
    }).toThrow(/got Infinity/);
    expect(() => {
      accumulator.add(row(NaN, 2), row(1, 2, 3));
    }).toThrow(/got NaN/);
    expect(() => {
      accumulator.merge(crossGramAccumulator(3, 2));
    }).toThrow(
      new RangeError('expected an accumulator of 2 × 3, got 3 × 2. Merge accumulators of the same widths.'),
    );
    expect(() => crossGramAccumulator(0, 2)).toThrow(/columns of A/);
    expect(() => crossGramAccumulator(2, 1.5)).toThrow(/columns of B/);
    expect(accumulator.rows).toBe(0);
    expect(accumulator.crossGram().data).toEqual(new Float64Array(6));
  });
});

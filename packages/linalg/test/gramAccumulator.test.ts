import { describe, expect, it } from 'vitest';
import { type DenseMatrix, gramAccumulator, rowsAccumulator, singularValuesOfRows } from '../src/index.ts';
import { matrixOf, randomMatrix, rowsAt, squaredDifference } from './matrices.ts';

function gramOf(rows: DenseMatrix): DenseMatrix {
  const accumulator = gramAccumulator(rows.columns);
  accumulator.add(rows);
  return accumulator.gram();
}

describe('gramAccumulator', () => {
  it.each(['float32', 'float64'] as const)('adds %s Gram matrices of batches', (precision) => {
    const rows = randomMatrix(30, 13, 1);
    const accumulator = gramAccumulator(13);
    for (const first of [0, 10, 20]) {
      const { data, ...shape } = gramOf(
        rowsAt(
          rows,
          Array.from({ length: 10 }, (_, i) => first + i),
        ),
      );
      accumulator.addGram([{ ...shape, data: precision === 'float32' ? Float32Array.from(data) : data }], 10);
    }
    const { singularValues, rows: n } = accumulator.finish();
    expect(n).toBe(30);
    const tolerance = precision === 'float32' ? 1e-6 : 1e-14;
    expect(squaredDifference(singularValues, singularValuesOfRows(rows))).toBeLessThan(tolerance);
  });

  it('gives as many values as there are rows where the matrix is larger', () => {
    const rows = randomMatrix(4, 9, 2);
    const accumulator = gramAccumulator(9);
    accumulator.addGram([gramOf(rows)], 4);
    const { singularValues } = accumulator.finish();
    expect(singularValues).toHaveLength(4);
    expect(squaredDifference(singularValues, singularValuesOfRows(rows))).toBeLessThan(1e-14);
  });

  it('reads the lower triangle alone', () => {
    const gram = gramOf(randomMatrix(8, 6, 3));
    const lower = matrixOf(6, 6, (i, j) => (j > i ? NaN : gram.data[i * 6 + j]!));
    const accumulator = gramAccumulator(6);
    accumulator.addGram([lower], 8);
    expect(accumulator.gram()).toEqual(gram);
  });

  it('takes block rows of the lower triangle', () => {
    const rows = randomMatrix(8, 7, 6);
    const whole = gramOf(rows);
    const block = (first: number, end: number) =>
      matrixOf(end - first, end, (i, j) => whole.data[(first + i) * 7 + j]!);
    const accumulator = gramAccumulator(7);
    accumulator.addGram([block(0, 2), block(2, 3), block(3, 7)], 8);
    expect(accumulator.gram()).toEqual(whole);
    expect(() => {
      accumulator.addGram(
        [block(0, 2), { ...block(3, 7), rows: 5, columns: 5, data: new Float64Array(25) }],
        8,
      );
    }).toThrow(/expected block rows up to the diagonal, 7 columns, got 5/);
  });

  it('merges an accumulator of rows too', () => {
    const rows = randomMatrix(10, 6, 4);
    const kept = rowsAccumulator(6, 4);
    kept.add(rowsAt(rows, [0, 1, 2, 3]));
    const accumulator = gramAccumulator(6);
    accumulator.add(rowsAt(rows, [4, 5, 6, 7, 8, 9]));
    accumulator.merge(kept);
    expect(accumulator.rows).toBe(10);
    expect(squaredDifference(accumulator.finish().singularValues, singularValuesOfRows(rows))).toBeLessThan(
      1e-14,
    );
  });

  it('keeps small values of rows whose columns differ in scale', () => {
    const diagonal = [1, 1e-5, 1e-10, 1e-15];
    const rows = randomMatrix(20, 4, 5);
    const accumulator = gramAccumulator(4);
    accumulator.add(rows);
    accumulator.scaleColumns(diagonal);
    const found = accumulator.finish().singularValues;
    // The product of the values is that of the unscaled ones times that of the factors.
    const product = (values: Iterable<number>): number => [...values].reduce((a, b) => a * b, 1);
    expect(product(found) / (product(singularValuesOfRows(rows)) * product(diagonal))).toBeCloseTo(1, 12);
  });

  it('refuses a Gram matrix of another size, one that is not finite, and a number of rows that is no count', () => {
    const accumulator = gramAccumulator(2);
    expect(() => {
      accumulator.addGram([{ rows: 3, columns: 3, data: new Float32Array(9) }], 1);
    }).toThrow(/expected the 2 rows of a square matrix, got 3/);
    expect(() => {
      accumulator.addGram([{ rows: 1, columns: 2, data: new Float32Array(2) }], 1);
    }).toThrow(/expected the 2 rows of a square matrix, got 1/);
    expect(() => {
      accumulator.addGram([{ rows: 2, columns: 2, data: Float32Array.of(1, 0, 0, Infinity) }], 1);
    }).toThrow(/got Infinity on its diagonal at 1/);
    for (const rows of [-1, 0.5, NaN]) {
      expect(() => {
        accumulator.addGram([{ rows: 2, columns: 2, data: new Float32Array(4) }], rows);
      }).toThrow(/expected the number of rows/);
    }
    expect(accumulator.rows).toBe(0);
  });
});

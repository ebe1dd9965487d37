import { describe, expect, it } from 'vitest';
import { type DenseMatrix, dualAccumulator, gramAccumulator, singularValuesOfRows } from '../../src/index.ts';
import { accumulatorOf, expectSame, expectWithinBounds, methods } from './accumulators.ts';
import { hardMatrices, scaledColumns } from '../exactMatrices.ts';
import { matrixOf, randomMatrix, rowsAt, squaredDifference } from '../matrices.ts';

function gramOf(rows: DenseMatrix): DenseMatrix {
  const accumulator = gramAccumulator(rows.columns);
  accumulator.add(rows);
  return accumulator.gram();
}

/** JᵀJ with every operation rounded to float32, one row after the other. */
function gramInFloat32({ rows, columns, data }: DenseMatrix): DenseMatrix {
  const sums = new Float32Array(columns * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0, at = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++, at++) {
        sums[at]! += Math.fround(data[row * columns + i]! * data[row * columns + j]!);
      }
    }
  }
  return { rows: columns, columns, data: sums };
}

describe('gramAccumulator', () => {
  it.each(['float32', 'float64'] as const)('adds %s Gram matrices of batches', async (precision) => {
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
    const { singularValues, rows: n } = await accumulator.finish();
    expect(n).toBe(30);
    const tolerance = precision === 'float32' ? 1e-6 : 1e-14;
    expect(squaredDifference(singularValues, singularValuesOfRows(rows))).toBeLessThan(tolerance);
  });

  describe.each([
    ['of one size', new Array<number>(60).fill(0.1)],
    ['falling to 1e-4', Array.from({ length: 60 }, (_, i) => 10 ** (-i / 15))],
    ['of size 1e-20', new Array<number>(8).fill(1e-20)],
  ])('of columns %s', (_, factors) => {
    const { matrix, values } = scaledColumns(64, factors.map(Math.fround));

    it('keeps to its bounds where engines sum in float32', async () => {
      const accumulator = gramAccumulator(matrix.columns);
      for (let repeat = 0; repeat < 4; repeat++) {
        accumulator.addGram([gramInFloat32(matrix)], matrix.rows, { precision: 'float32' });
      }
      const found = await accumulator.finish();
      expectWithinBounds(
        found,
        values.map((value) => 2 * value),
      );
      // They say something, except where squares leave the numbers of float32.
      if (factors[0]! > 1e-19) expect(found.errorBounds[0]! / found.singularValues[0]!).toBeLessThan(1e-3);
    });

    it('does not keep to the bounds of float64 there', async () => {
      const gram = gramInFloat32(matrix);
      const accumulator = gramAccumulator(matrix.columns);
      accumulator.addGram([gram], matrix.rows, { precision: 'float64' });
      const found = await accumulator.finish();
      const outside = values.filter(
        (value, i) => Math.abs(value - found.singularValues[i]!) > found.errorBounds[i]!,
      );
      expect(outside).not.toEqual([]);
      // By default the type of the array says what they were summed in.
      const byType = gramAccumulator(matrix.columns);
      byType.addGram([gram], matrix.rows);
      expectWithinBounds(await byType.finish(), values);
    });
  });

  it.each(hardMatrices)(
    'keeps to its bounds for %s and Gram matrices of batches',
    async (_, { matrix, values }) => {
      const accumulator = gramAccumulator(matrix.columns);
      for (let row = 0; row < matrix.rows; row += 3) {
        const count = Math.min(3, matrix.rows - row);
        const indices = Array.from({ length: count }, (_, i) => row + i);
        accumulator.addGram([gramOf(rowsAt(matrix, indices))], count);
      }
      expectWithinBounds(await accumulator.finish(), values);
    },
  );

  it('gives as many values as there are rows where the matrix is larger', async () => {
    const rows = randomMatrix(4, 9, 2);
    const accumulator = gramAccumulator(9);
    accumulator.addGram([gramOf(rows)], 4);
    const { singularValues } = await accumulator.finish();
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

  it.each(methods)('merges what %s has seen', async (_, factory) => {
    const rows = randomMatrix(40, 6, 4);
    const other = accumulatorOf(factory, rowsAt(rows, [...Array(25).keys()]));
    const rest = rowsAt(
      rows,
      Array.from({ length: 15 }, (_, i) => 25 + i),
    );
    const accumulator = accumulatorOf(gramAccumulator, rest);
    accumulator.merge(other);
    expect(accumulator.rows).toBe(40);
    expectSame(await accumulator.finish(), await accumulatorOf(gramAccumulator, rows).finish());
  });

  it('merges accumulators of rows to the last digits', async () => {
    const rows = randomMatrix(10, 6, 4);
    const kept = dualAccumulator(6, 4);
    kept.add(rowsAt(rows, [0, 1, 2, 3]));
    const accumulator = accumulatorOf(gramAccumulator, rowsAt(rows, [4, 5, 6, 7, 8, 9]));
    accumulator.merge(kept);
    const { singularValues } = await accumulator.finish();
    expect(squaredDifference(singularValues, singularValuesOfRows(rows))).toBeLessThan(1e-14);
  });

  it('keeps small values of rows whose columns differ in scale', async () => {
    const diagonal = [1, 1e-5, 1e-10, 1e-15];
    const rows = randomMatrix(20, 4, 5);
    const accumulator = gramAccumulator(4);
    accumulator.add(rows);
    accumulator.scaleColumns(diagonal);
    const found = (await accumulator.finish()).singularValues;
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
    expect(() => {
      accumulator.addGram([{ rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, -1) }], 1);
    }).toThrow(/expected sums of squares on the diagonal of a Gram matrix, got -1 at 1/);
    for (const rows of [-1, 0.5, NaN]) {
      expect(() => {
        accumulator.addGram([{ rows: 2, columns: 2, data: new Float32Array(4) }], rows);
      }).toThrow(/expected the number of rows/);
    }
    const half = [
      { rows: 1, columns: 1, data: Float32Array.of(1) },
      { rows: 1, columns: 2, data: Float32Array.of(0, NaN) },
    ];
    expect(() => {
      accumulator.addGram(half, 1);
    }).toThrow(/got NaN on its diagonal at 1/);
    expect(accumulator.gram().data).toEqual(new Float64Array(4));
    expect(accumulator.rows).toBe(0);
  });

  it('says so where the squares of the rows overflow', async () => {
    const accumulator = accumulatorOf(gramAccumulator, {
      rows: 1,
      columns: 2,
      data: Float64Array.of(1e200, 1),
    });
    await expect(accumulator.finish()).rejects.toThrow(/expected finite products of rows, got Infinity/);
    expect(() => accumulator.toBytes()).toThrow(/squares of rows have overflowed/);
  });
});

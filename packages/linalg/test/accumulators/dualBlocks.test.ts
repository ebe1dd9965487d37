import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dualAccumulator,
  type DenseMatrix,
  dualBlocks,
  type PlacedRows,
  type Spectrum,
} from '../../src/index.ts';
import { randomMatrix, rowsAt } from '../matrices.ts';

/** The rows in blocks that end at the given indices. */
function blocksOf(matrix: DenseMatrix, ends: readonly number[]): PlacedRows[] {
  return ends.map((end, index) => {
    const first = ends[index - 1] ?? 0;
    const indices = Array.from({ length: end - first }, (_, i) => first + i);
    return { first, block: rowsAt(matrix, indices) };
  });
}

function spectrumOf(matrix: DenseMatrix, blocks: readonly PlacedRows[]): Promise<Spectrum> {
  const products = dualBlocks(matrix.rows, matrix.columns);
  blocks.forEach((block, index) => {
    for (const other of blocks.slice(0, index + 1)) products.add(block, other);
  });
  return products.finish();
}

describe('dualBlocks', () => {
  it('has the spectrum of the rows, however they come in blocks, and bounds as those of all rows at once', async () => {
    const problems = fc.record({
      rows: fc.integer({ min: 1, max: 30 }),
      columns: fc.integer({ min: 1, max: 60 }),
      seed: fc.integer(),
      cuts: fc.array(fc.nat(), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(problems, async ({ rows, columns, seed, cuts }) => {
        const matrix = randomMatrix(rows, columns, seed);
        const ends = [...new Set([...cuts.map((cut) => 1 + (cut % rows)), rows])].sort((a, b) => a - b);
        const found = await spectrumOf(matrix, blocksOf(matrix, ends));
        const all = dualAccumulator(columns, rows);
        all.add(matrix);
        const expected = await all.finish();
        expect(found.rows).toBe(rows);
        expect(found.singularValues).toHaveLength(Math.min(rows, columns));
        found.singularValues.forEach((value, index) => {
          const bounds = found.errorBounds[index]! + expected.errorBounds[index]!;
          expect(Math.abs(value - expected.singularValues[index]!)).toBeLessThanOrEqual(bounds);
        });
        const largest = found.singularValues[0]!;
        expect(found.errorBounds[0]!).toBeLessThanOrEqual(1e-12 * largest);
      }),
    );
  });

  it('takes the products of a batch with a block that it is the end of', async () => {
    const matrix = randomMatrix(6, 9, 1);
    const products = dualBlocks(6, 9);
    for (const [first, count] of [
      [0, 4],
      [4, 2],
    ] as const) {
      const [, batch] = blocksOf(matrix, [first, first + count]);
      const [soFar] = blocksOf(matrix, [first + count]);
      products.add(batch!, soFar!);
    }
    const { singularValues } = await products.finish();
    const whole = await spectrumOf(matrix, blocksOf(matrix, [6]));
    singularValues.forEach((value, index) => {
      expect(value).toBeCloseTo(whole.singularValues[index]!, 12);
    });
  });

  it('refuses a spectrum before all pairs are there, later rows as others, and rows beyond the last', async () => {
    const matrix = randomMatrix(4, 3, 2);
    const [a, b] = blocksOf(matrix, [2, 4]) as [PlacedRows, PlacedRows];
    const products = dualBlocks(4, 3);
    products.add(a, a);
    await expect(products.finish()).rejects.toThrow(/products of 10 pairs of rows, got 3/);
    expect(() => {
      products.add(a, b);
    }).toThrow(/others up to row 1, got rows 2 to 3/);
    expect(() => {
      products.add({ ...b, first: 3 }, a);
    }).toThrow(/expected 4 rows, got row 5/);
    expect(() => {
      products.add({ first: 2, block: randomMatrix(2, 4, 1) }, a);
    }).toThrow(/expected 3 columns, got 4/);
    expect(() => {
      products.add({ first: 2, block: { rows: 1, columns: 3, data: Float64Array.of(1, NaN, 1) } }, a);
    }).toThrow(/finite/);
    products.add(b, a);
    products.add(b, b);
    expect((await products.finish()).singularValues).toHaveLength(3);
    expect(() => {
      products.add(b, a);
    }).toThrow(/expected each pair of rows once, got rows 0 and 2 again/);
    const repeated = dualBlocks(4, 3);
    repeated.add(a, a);
    expect(() => {
      repeated.add(a, a);
    }).toThrow(/expected each pair of rows once, got rows 0 and 0 again/);
    for (const roundings of [-5, NaN, 0.5]) {
      expect(() => dualBlocks(4, 3, { roundings })).toThrow(/number of roundings/);
    }
    expect(() => dualBlocks(0, 3)).toThrow(/number of rows/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DenseMatrix,
  frequentDirectionsAccumulator,
  type FrequentDirectionsAccumulator,
  gramAccumulator,
  singularValuesOfRows,
  symmetricEigenvalues,
} from '../../src/index.ts';
import { expectSame, expectWithinBounds } from './accumulators.ts';
import { scaledColumns } from '../exactMatrices.ts';
import { matrixOf, randomMatrix, rowsAt, withSingularValues } from '../matrices.ts';

function sketchOf(matrix: DenseMatrix, directions: number): FrequentDirectionsAccumulator {
  const accumulator = frequentDirectionsAccumulator(matrix.columns, { directions });
  accumulator.add(matrix);
  return accumulator;
}

/** Eigenvalues of JᵀJ − BᵀB. */
function differences(matrix: DenseMatrix, sketch: FrequentDirectionsAccumulator): Float64Array {
  const exact = gramAccumulator(matrix.columns);
  exact.add(matrix);
  const { data, ...shape } = exact.gram();
  const kept = sketch.gram().data;
  return symmetricEigenvalues({ ...shape, data: data.map((entry, i) => entry - kept[i]!) });
}

const problems = fc.record({
  rows: fc.integer({ min: 1, max: 120 }),
  columns: fc.integer({ min: 1, max: 20 }),
  directions: fc.integer({ min: 1, max: 25 }),
  decay: fc.double({ min: 0.3, max: 1, noNaN: true }),
  seed: fc.integer(),
});

describe('frequentDirectionsAccumulator', () => {
  it('leaves out between nothing and Δ in every direction, and Δ is no more than the tail of the spectrum says', () => {
    fc.assert(
      fc.property(problems, ({ rows, columns, directions, decay, seed }) => {
        const { data } = randomMatrix(rows, columns, seed);
        const matrix = matrixOf(rows, columns, (i, j) => data[i * columns + j]! * decay ** j);
        const sketch = sketchOf(matrix, directions);
        const lost = differences(matrix, sketch);
        const slack = 1e-13 * rows * columns;
        expect(lost[columns - 1]).toBeGreaterThan(-slack);
        expect(lost[0]).toBeLessThan(sketch.leftOut + slack);
        expect(sketch.sketch().rows).toBeLessThanOrEqual(2 * directions);
        const squares = singularValuesOfRows(matrix).map((value) => value ** 2);
        for (let k = 0; k <= directions; k++) {
          const tail = squares.subarray(k).reduce((sum, square) => sum + square, 0);
          expect(sketch.leftOut).toBeLessThan(tail / (directions + 1 - k) + slack);
        }
      }),
    );
  });

  it('gives intervals in which the singular values lie', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ rows, columns, directions, decay, seed }) => {
        const { data } = randomMatrix(rows, columns, seed);
        const matrix = matrixOf(rows, columns, (i, j) => data[i * columns + j]! * decay ** j);
        const exact = gramAccumulator(columns);
        exact.add(matrix);
        expectSame(await sketchOf(matrix, directions).finish(), await exact.finish());
      }),
    );
  });

  it('leaves nothing out if there are no more directions than it keeps', async () => {
    const { matrix, values } = scaledColumns(1024, [3, 2, 1, 0, 0, 0, 0, 0]);
    const sketch = sketchOf(matrix, 3);
    expect(sketch.leftOut).toBeLessThan(1e-9);
    const { singularValues, errorBounds } = await sketch.finish();
    expectWithinBounds({ singularValues, errorBounds, rows: 1024 }, values);
    expect(errorBounds[0]! / singularValues[0]!).toBeLessThan(1e-10);
    values.slice(0, 3).forEach((value, i) => {
      expect(singularValues[i]! / value).toBeCloseTo(1, 12);
    });
  });

  it('is good for values that stand out', async () => {
    const values = [100, 50, 20, ...new Array<number>(27).fill(0.5)];
    const matrix = withSingularValues(400, 30, values);
    const { singularValues, errorBounds } = await sketchOf(matrix, 6).finish({ largest: 3 });
    expect(errorBounds[0]! / 100).toBeLessThan(4e-4);
    expect(errorBounds[2]! / 20).toBeLessThan(6e-3);
    // They are better than that.
    expect(singularValues[0]! / 100).toBeCloseTo(1, 5);
    expect(singularValues[2]! / 20).toBeCloseTo(1, 4);
    expectWithinBounds({ singularValues, errorBounds, rows: 400 }, [100, 50, 20]);
  });

  it('says of values beyond the sketch that they are below the root of Δ', async () => {
    const matrix = randomMatrix(300, 20, 3);
    const sketch = sketchOf(matrix, 4);
    const { singularValues, errorBounds } = await sketch.finish();
    expect(singularValues).toHaveLength(20);
    expect([...singularValues.subarray(8)]).toEqual(new Array(12).fill(0));
    expect(errorBounds[19]! / Math.sqrt(sketch.leftOut)).toBeCloseTo(1, 5);
    expect(singularValuesOfRows(matrix)[19]!).toBeLessThan(errorBounds[19]!);
  });

  it('merges sketches of different sizes, also with itself', async () => {
    const rows = randomMatrix(200, 15, 6);
    const indices = Array.from({ length: 200 }, (_, i) => i);
    const left = sketchOf(rowsAt(rows, indices.slice(0, 90)), 4);
    const right = sketchOf(rowsAt(rows, indices.slice(90)), 7);
    const leftOut = left.leftOut + right.leftOut;
    left.merge(right);
    expect(left).toMatchObject({ rows: 200, directions: 4 });
    expect(left.leftOut).toBeGreaterThanOrEqual(leftOut);
    expect(left.sketch().rows).toBeLessThanOrEqual(8);
    const exact = gramAccumulator(15);
    exact.add(rows);
    expectSame(await left.finish(), await exact.finish());
    left.merge(left);
    exact.merge(exact);
    expectSame(await left.finish(), await exact.finish());
  });

  it('keeps what it has left out in proportion to a rotation and to factors', () => {
    const sketch = sketchOf(randomMatrix(100, 4, 1), 2);
    // A Hadamard matrix over its root is a rotation.
    const rotation = matrixOf(4, 4, (i, j) => (i & j & 1 ? -0.5 : 0.5) * (i & j & 2 ? -1 : 1));
    const { leftOut } = sketch.times(rotation) as FrequentDirectionsAccumulator;
    expect(leftOut / sketch.leftOut).toBeCloseTo(1, 5);
    const before = sketch.leftOut;
    sketch.scaleColumns([1, -3, 0, 2]);
    expect(sketch.leftOut / before).toBeCloseTo(9, 4);
  });

  it('refuses other methods, no directions, and squares that overflow, and stays as it was', async () => {
    const sketch = sketchOf(randomMatrix(3, 2, 1), 1);
    const before = sketch.toBytes();
    expect(() => {
      sketch.merge(gramAccumulator(2));
    }).toThrow(/expected an accumulator of frequent directions, got one of gram/);
    expect(() => {
      sketch.add({ rows: 3, columns: 2, data: new Float64Array(6).fill(1e200) });
    }).toThrow(/expected finite products of rows, got Infinity/);
    expect(sketch.toBytes()).toEqual(before);
    for (const directions of [0, 1.5, NaN]) {
      expect(() => frequentDirectionsAccumulator(3, { directions })).toThrow(/number of directions/);
    }
    const row = { rows: 1, columns: 2, data: Float64Array.of(1e200, 1) };
    await expect(sketchOf(row, 2).finish()).rejects.toThrow(/expected finite products of rows, got Infinity/);
  });

  it('refuses a spectrum where what has been left out overflows', async () => {
    const accumulator = frequentDirectionsAccumulator(2, { directions: 1 });
    accumulator.add({ rows: 3, columns: 2, data: Float64Array.of(1, 2, 3, 4, 5, 6) });
    accumulator.scaleColumns([1e200, 1e200]);
    accumulator.scaleColumns([1e-200, 1e-200]);
    await expect(accumulator.finish()).rejects.toThrow(/squares overflow/);
  });
});

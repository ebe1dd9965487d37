import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accumulatorFromBytes, singularValuesOfRows, type SpectrumAccumulator } from '../../src/index.ts';
import { accumulatorOf, exactMethods, expectSame, expectWithinBounds, methods } from './accumulators.ts';
import {
  blockMatrix,
  exactMatrices,
  hadamard,
  hardMatrices,
  scaledColumns,
  scaledExact,
  turned,
} from '../exactMatrices.ts';
import {
  matrixOf,
  randomMatrix,
  randomNumbers,
  relativeDifference,
  rowsAt,
  squaredDifference,
} from '../matrices.ts';

const cuts = fc.array(fc.nat(40), { maxLength: 6 });

describe.each(methods)('%s', (_, factory) => {
  describe.each(hardMatrices)('of %s', (_, { matrix, values }) => {
    it('is as near to the exact values as its bounds say', async () => {
      expectWithinBounds(await accumulatorOf(factory, matrix).finish(), values);
    });

    it('is so in single rows, merged, by way of bytes', async () => {
      const whole = Array.from({ length: matrix.rows }, (_, i) =>
        accumulatorOf(factory, rowsAt(matrix, [i])),
      ).reduce((sum, one) => {
        sum.merge(accumulatorFromBytes(one.toBytes()));
        return sum;
      });
      expectWithinBounds(await whole.finish(), values);
    });
  });

  it('counts the rounding of long sums', async () => {
    const { matrix, values } = scaledColumns(1024, [1 / 3]);
    const accumulator = factory(1);
    for (let row = 0; row < 1024; row++) accumulator.add(rowsAt(matrix, [row]));
    expectWithinBounds(await accumulator.finish(), values);
  });

  it('counts the rounding of many factors', async () => {
    // (1 − 2⁻²⁶) to the 3000th, by whole numbers.
    const power = ((2n ** 26n - 1n) ** 3000n) >> (26n * 3000n - 60n);
    const value = Number(power) / 2 ** 60;
    const factor = Float64Array.of(1 - 2 ** -26);
    const scaled = accumulatorOf(factory, turned([1]).matrix);
    let multiplied = accumulatorOf(factory, turned([1]).matrix);
    for (let i = 0; i < 3000; i++) {
      scaled.scaleColumns(factor);
      multiplied = multiplied.times({ rows: 1, columns: 1, data: factor });
    }
    for (const accumulator of [scaled, multiplied]) {
      const found = await accumulator.finish();
      const errorBounds = found.errorBounds.map((bound) => bound + 2 ** -53 * value);
      expectWithinBounds({ ...found, errorBounds }, [value]);
    }
  });

  it('gives the same spectrum for any split of the rows, merged in any order, within the bounds', async () => {
    await fc.assert(
      fc.asyncProperty(exactMatrices, cuts, fc.integer(), async ({ matrix, values }, places, seed) => {
        const { rows, columns } = matrix;
        const ends = [...places.map((cut) => cut % rows).sort((a, b) => a - b), rows];
        const next = randomNumbers(seed);
        const parts = ends.map((end, part) => {
          const first = ends[part - 1] ?? 0;
          const indices = Array.from({ length: end - first }, (_, i) => first + i);
          return accumulatorOf(factory, rowsAt(matrix, indices));
        });
        // Any two are merged, until one is left.
        while (parts.length > 1) {
          const [one] = parts.splice(Math.floor((next() + 0.5) * parts.length), 1);
          const other = Math.floor((next() + 0.5) * parts.length);
          parts[other]!.merge(one!);
        }
        const result = await parts[0]!.finish();
        expect(result.rows).toBe(rows);
        expect(parts[0]!.columns).toBe(columns);
        expectWithinBounds(result, values);
        expectSame(result, await accumulatorOf(factory, matrix).finish());
      }),
    );
  });

  it('goes on bit for bit after it has been bytes', async () => {
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom('add', 'merge', 'scaleColumns', 'times'),
        rows: fc.nat(9),
        seed: fc.integer(),
        travels: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    const step = (
      accumulator: SpectrumAccumulator,
      { kind, rows, seed }: { kind: string; rows: number; seed: number },
    ): SpectrumAccumulator => {
      const { columns } = accumulator;
      if (kind === 'times') return accumulator.times(randomMatrix(columns, 1 + (rows % 7), seed));
      if (kind === 'scaleColumns') accumulator.scaleColumns(randomMatrix(1, columns, seed).data);
      if (kind === 'add') accumulator.add(randomMatrix(rows, columns, seed));
      if (kind === 'merge') accumulator.merge(accumulatorOf(factory, randomMatrix(rows, columns, seed)));
      return accumulator;
    };
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        let stays = accumulatorOf(factory, randomMatrix(5, 6, 1));
        let travels = accumulatorOf(factory, randomMatrix(5, 6, 1));
        for (const one of list) {
          stays = step(stays, one);
          travels = step(one.travels ? accumulatorFromBytes(travels.toBytes()) : travels, one);
        }
        expect(travels.toBytes()).toEqual(stays.toBytes());
        const copy = accumulatorFromBytes(travels.toBytes());
        expect(await copy.finish()).toEqual(await stays.finish());
        expect(copy).toMatchObject({ method: stays.method, columns: stays.columns, rows: stays.rows });
      }),
    );
  });

  it('multiplies the rows seen so far from the right', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer(), async (columns, seed) => {
        // Small integers: the product of the matrices is exact.
        const next = randomNumbers(seed);
        const integer = (): number => Math.round(20 * next());
        const rows = matrixOf(12, 7, integer);
        const factor = matrixOf(7, columns, integer);
        const product = matrixOf(12, columns, (i, j) =>
          [0, 1, 2, 3, 4, 5, 6].reduce(
            (sum, k) => sum + rows.data[i * 7 + k]! * factor.data[k * columns + j]!,
            0,
          ),
        );
        const accumulator = accumulatorOf(factory, rows);
        const before = accumulator.toBytes();
        const times = accumulator.times(factor);
        expect(accumulator.toBytes()).toEqual(before);
        expect(times).toMatchObject({ columns, rows: 12, method: accumulator.method });
        const found = await times.finish();
        expectSame(found, await accumulatorOf(factory, product).finish());
        times.add(product);
        expectSame(await times.finish(), await accumulatorOf(factory, product, product).finish());
      }),
    );
  });

  it('keeps to its bounds where a product has known values', async () => {
    // H D times H' E: the columns of H D are orthogonal only before, so D = 1; the values are 4 · 4 E.
    const { matrix } = scaledColumns(16, new Array<number>(16).fill(0.1));
    const right = matrixOf(16, 5, (i, j) => hadamard(i, j) * 10 ** (-3 * j));
    const values = [0, 1, 2, 3, 4].map((j) => 16 * 0.1 * 10 ** (-3 * j));
    const found = await accumulatorOf(factory, matrix).times(right).finish();
    expectWithinBounds({ ...found, errorBounds: found.errorBounds.map((b) => b + 1e-15) }, values);
  });

  it('scales the columns of the rows seen so far', async () => {
    const diagonal = [1, -2, 0, 1e-9, 3, 0.1];
    const ones = scaledColumns(16, new Array<number>(6).fill(1));
    const accumulator = accumulatorOf(factory, ones.matrix);
    accumulator.scaleColumns(diagonal);
    const expected = scaledColumns(16, diagonal);
    expectWithinBounds(await accumulator.finish(), expected.values);
    accumulator.add(expected.matrix);
    expectSame(
      await accumulator.finish(),
      await accumulatorOf(factory, expected.matrix, expected.matrix).finish(),
    );
  });

  it.each([2 ** -560, 2 ** 560])(
    'keeps to its bounds or refuses where the squares of factors %f leave the numbers',
    async (factor) => {
      const { matrix, values } = turned([4, 3, 2, 1]);
      const scaled = { ...matrix, data: matrix.data.map((x) => x / factor) };
      const accumulator = accumulatorOf(factory, scaled);
      accumulator.scaleColumns([factor, factor, factor, factor]);
      const found = await accumulator.finish().catch((error: unknown) => String(error));
      if (typeof found === 'string') expect(found).toMatch(/RangeError: .* squares overflow/);
      else expectWithinBounds(found, values);
    },
  );

  it.each([
    [2 ** -100, 2 ** -520, 2 ** 511],
    [2 ** -500, 2 ** -600, 2 ** 600],
  ])(
    'keeps to its bounds or refuses where rows of size %f, scaled by %f, vanish and by %f are to come back',
    async (size, down, up) => {
      const { matrix, values } = scaledExact(turned([4, 3, 2, 1]), size);
      const accumulator = accumulatorOf(factory, matrix);
      for (const factor of [down, up]) accumulator.scaleColumns(new Array<number>(4).fill(factor));
      const found = await accumulator.finish().catch((error: unknown) => String(error));
      if (typeof found === 'string') expect(found).toMatch(/RangeError: .* squares overflow/);
      else
        expectWithinBounds(
          found,
          values.map((value) => value * (down * up)),
        );
    },
  );

  it('scales by factors whose products leave float64 where the results do not', async () => {
    const { matrix, values } = turned([4, 3, 2, 1]);
    const accumulator = accumulatorOf(factory, scaledExact({ matrix, values }, 2 ** -340).matrix);
    accumulator.scaleColumns([2 ** 600, 2 ** 600, 2 ** 600, 2 ** 600]);
    const found = await accumulator.finish();
    expect(
      relativeDifference(
        found.singularValues,
        values.map((value) => value * 2 ** 260),
      ),
    ).toBeLessThan(1e-7);
    const zeros = accumulatorOf(
      factory,
      matrixOf(8, 2, (_, j) => (j === 0 ? 1 : 0)),
    );
    zeros.scaleColumns([1, 1e160]);
    expectWithinBounds(await zeros.finish(), [Math.sqrt(8), 0]);
  });

  it('takes float32 rows as the numbers they are, and more rows after a spectrum', async () => {
    const wide = randomMatrix(9, 7, 8);
    const narrow = { ...wide, data: Float32Array.from(wide.data) };
    const accumulator = accumulatorOf(factory, rowsAt(narrow, [0, 1, 2, 3]));
    await accumulator.finish();
    accumulator.add({ rows: 5, columns: 7, data: narrow.data.subarray(28) });
    const same = { ...wide, data: Float64Array.from(narrow.data) };
    const expected = accumulatorOf(factory, rowsAt(same, [0, 1, 2, 3]), rowsAt(same, [4, 5, 6, 7, 8]));
    expect(await accumulator.finish()).toEqual(await expected.finish());
  });

  it('gives the largest values alone', async () => {
    const accumulator = accumulatorOf(factory, randomMatrix(20, 12, 3));
    const { singularValues, errorBounds } = await accumulator.finish();
    const largest = await accumulator.finish({ largest: 3 });
    expect(largest.singularValues).toHaveLength(3);
    expectSame(largest, {
      singularValues: singularValues.subarray(0, 3),
      errorBounds: errorBounds.subarray(0, 3),
      rows: 20,
    });
    expectSame(await accumulator.finish({ largest: 100 }), { singularValues, errorBounds, rows: 20 });
    for (const wrong of [0, 1.5, NaN, Infinity]) {
      await expect(accumulator.finish({ largest: wrong })).rejects.toThrow(
        /expected the number of largest values/,
      );
    }
  });

  it('gives JᵀJ with a bound, both triangles, in an array of its own', () => {
    const matrix = randomMatrix(40, 5, 4);
    const accumulator = accumulatorOf(factory, matrix);
    const gram = accumulator.gram();
    const expected = matrixOf(5, 5, (i, j) =>
      Array.from({ length: 40 }, (_, k) => matrix.data[k * 5 + i]! * matrix.data[k * 5 + j]!).reduce(
        (a, b) => a + b,
      ),
    );
    expect(gram).toMatchObject({ rows: 5, columns: 5 });
    const difference = { ...gram, data: Float64Array.from(gram.data, (x, i) => x - expected.data[i]!) };
    // Both sums are rounded.
    expect(singularValuesOfRows(difference)[0]).toBeLessThanOrEqual(accumulator.gramErrorBound() + 1e-14);
    const before = gram.data.slice();
    gram.data.fill(0);
    expect(accumulator.gram().data).toEqual(before);
  });

  it('is neutral without rows', async () => {
    const rows = randomMatrix(8, 5, 1);
    const left = factory(5);
    left.merge(accumulatorOf(factory, rows));
    const right = accumulatorOf(factory, rows);
    right.merge(factory(5));
    const expected = await accumulatorOf(factory, rows).finish();
    expect((await left.finish()).singularValues).toEqual(expected.singularValues);
    expect((await right.finish()).singularValues).toEqual(expected.singularValues);
  });

  it('refuses a spectrum without rows, rows of another width, and numbers that are not finite', async () => {
    const accumulator = factory(3);
    await expect(accumulator.finish()).rejects.toThrow(
      new RangeError('expected at least one row, got none. Add rows before the spectrum is taken.'),
    );
    const one = (...data: number[]) => ({ rows: 1, columns: data.length, data: Float64Array.from(data) });
    expect(() => {
      accumulator.add(one(1, 2, 3, 4));
    }).toThrow(/expected 3 columns, got 4/);
    expect(() => {
      accumulator.merge(accumulatorOf(factory, one(1, 2)));
    }).toThrow(/expected 3 columns, got 2/);
    expect(() => {
      accumulator.add({ rows: 1.5, columns: 3, data: Float64Array.of(1, 2, 3, 4, 5) });
    }).toThrow(/expected the number of rows to be a whole number of at least 0, got 1.5/);
    expect(() => {
      // @ts-expect-error An array of another kind.
      accumulator.add({ rows: 1, columns: 3, data: [1, 2, 3] });
    }).toThrow(/expected a Float64Array or a Float32Array/);
    for (const value of [NaN, Infinity]) {
      expect(() => {
        accumulator.add(one(0, value, 0));
      }).toThrow(`got ${value} in row 0, column 1`);
      expect(() => accumulator.times({ rows: 3, columns: 1, data: Float64Array.of(0, value, 0) })).toThrow(
        `got ${value} in row 1`,
      );
    }
    expect(() => accumulator.times(one(1, 2, 3))).toThrow(/expected a matrix of 3 rows/);
    expect(() => accumulator.times({ rows: 3, columns: 0, data: new Float64Array() })).toThrow(
      /number of columns/,
    );
    expect(() => {
      accumulator.scaleColumns([1, 2]);
    }).toThrow(/expected 3 factors, got 2/);
    expect(() => {
      accumulator.scaleColumns([1, NaN, 2]);
    }).toThrow(/got NaN for column 1/);
    expect(() => factory(0)).toThrow(/number of columns/);
    expect(accumulator.rows).toBe(0);
    expect(accumulator.toBytes()).toEqual(factory(3).toBytes());
  });
});

describe.each(exactMethods)('%s', (_, factory) => {
  it.each([
    [3, 3],
    [5, 2],
    [2, 5],
    [1, 50],
    [50, 1],
    [64, 200],
    [200, 64],
    [199, 131],
    [17, 600],
    [600, 17],
  ])('agrees with the direct decomposition of %i × %i rows', async (rows, columns) => {
    const matrix = randomMatrix(rows, columns, rows + columns);
    const { singularValues, errorBounds, rows: n } = await accumulatorOf(factory, matrix).finish();
    expect(n).toBe(rows);
    expect(singularValues).toHaveLength(Math.min(rows, columns));
    expect(squaredDifference(singularValues, singularValuesOfRows(matrix))).toBeLessThan(1e-13);
    // The bounds say something.
    expect(errorBounds[0]! / singularValues[0]!).toBeLessThan(1e-10);
  });

  it('does not depend on the order of the rows', async () => {
    const matrix = randomMatrix(30, 12, 5);
    const reversed = rowsAt(
      matrix,
      Array.from({ length: 30 }, (_, i) => 29 - i),
    );
    expectSame(
      await accumulatorOf(factory, reversed).finish(),
      await accumulatorOf(factory, matrix).finish(),
    );
  });

  it('gives the Gram matrix to the last digits', () => {
    const { matrix } = blockMatrix([turned([1, 2, 3, 4]), turned([5, 6])], {});
    const gram = accumulatorOf(factory, matrix).gram();
    const expected = matrixOf(6, 6, (i, j) =>
      [0, 1, 2, 3, 4, 5].reduce((sum, k) => sum + matrix.data[k * 6 + i]! * matrix.data[k * 6 + j]!, 0),
    );
    expect(relativeDifference(gram.data, expected.data)).toBeLessThan(1e-15);
  });
});

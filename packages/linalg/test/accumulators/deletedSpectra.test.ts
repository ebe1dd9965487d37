import { describe, expect, it } from 'vitest';
import { deletedSpectra, gramAccumulator, type DenseMatrix } from '../../src/index.ts';

let state = 7;
/** Numbers between -1 and 1. */
function number(): number {
  state = (state * 16807) % 2147483647;
  return (2 * state) / 2147483647 - 1;
}

function rowsOf(rows: number, columns: number): DenseMatrix {
  const data = Float64Array.from({ length: rows * columns }, (_, at) => number() / (1 + (at % columns)));
  return { rows, columns, data };
}

function gramOf(blocks: readonly DenseMatrix[], columns: number) {
  const accumulator = gramAccumulator(columns);
  for (const block of blocks) accumulator.add(block);
  return accumulator;
}

describe('deletedSpectra', () => {
  it.each([
    { columns: 12, followed: 12, tolerance: 1e-9 },
    { columns: 300, followed: 96, tolerance: 2e-3 },
  ])('of $columns columns are those without each part, $followed of them followed', async (wanted) => {
    const { columns, followed, tolerance } = wanted;
    const parts = Array.from({ length: 20 }, () => rowsOf(40, columns));
    const whole = gramOf(parts, columns);
    const { singularValues } = await whole.finish();
    const grams = parts.map((part) => gramOf([part], columns).gram());
    const found = [...deletedSpectra(whole.gram(), grams, { singularValues, followed })];
    expect(found).toHaveLength(20);
    for (const left of [0, 7, 19]) {
      const others = parts.filter((_, index) => index !== left);
      const expected = (await gramOf(others, columns).finish()).singularValues;
      // The change, which the spread of the parts is made of, not only the value.
      for (let i = 0; i < 20 && i < columns; i++) {
        const change = singularValues[i]! - expected[i]!;
        expect(Math.abs(singularValues[i]! - found[left]![i]! - change)).toBeLessThan(
          tolerance * expected[0]!,
        );
      }
    }
  });

  it('leaves the spectrum as it is without a part of zeros', async () => {
    const whole = gramOf([rowsOf(50, 200)], 200);
    const { singularValues } = await whole.finish();
    const none = { rows: 200, columns: 200, data: new Float64Array(200 * 200) };
    const [found] = [...deletedSpectra(whole.gram(), [none], { singularValues })];
    found!.forEach((value, i) => {
      expect(value).toBeCloseTo(singularValues[i]!, 9);
    });
  });

  it('gives as many values as were given', () => {
    const gram = { rows: 2, columns: 2, data: Float64Array.of(9, 0, 0, 4) };
    const part = { rows: 2, columns: 2, data: Float64Array.of(5, 0, 0, 0) };
    expect([...deletedSpectra(gram, [part], { singularValues: Float64Array.of(3) })]).toEqual([
      Float64Array.of(2),
    ]);
  });

  it('refuses matrices that are not square, and counts below one', () => {
    const gram = { rows: 1, columns: 2, data: Float64Array.of(9, 0) };
    const singularValues = Float64Array.of(3);
    expect(() => [...deletedSpectra(gram, [], { singularValues })]).toThrow(RangeError);
    const square = { rows: 1, columns: 1, data: Float64Array.of(9) };
    expect(() => [...deletedSpectra(square, [], { singularValues, followed: 0 })]).toThrow(RangeError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, type PercentileRule } from '../../src/index.ts';

const values = [0.5, 3.25, -1, 2, 2, 7.5, 10, 0.125, 4, 6, 1];
const rules: PercentileRule[] = ['linear', 'lower', 'higher', 'nearest', 'midpoint'];

/** The first so many values, a percentage, and what numpy 2.4.6's `percentile` gives by each rule. */
const numpy: [number, number, number[]][] = [
  [1, 0, [0.5, 0.5, 0.5, 0.5, 0.5]],
  [1, 90, [0.5, 0.5, 0.5, 0.5, 0.5]],
  [2, 10, [0.775, 0.5, 3.25, 0.5, 1.875]],
  [2, 50, [1.875, 0.5, 3.25, 0.5, 1.875]],
  [2, 90, [2.975, 0.5, 3.25, 3.25, 1.875]],
  [2, 100, [3.25, 3.25, 3.25, 3.25, 3.25]],
  [3, 25, [-0.25, -1, 0.5, -1, -0.25]],
  [3, 70, [1.5999999999999996, 0.5, 3.25, 0.5, 1.875]],
  [3, 97.5, [3.1125, 0.5, 3.25, 3.25, 1.875]],
  [6, 10, [-0.25, -1, 0.5, -1, -0.25]],
  [6, 70, [2.625, 2, 3.25, 3.25, 2.625]],
  [6, 90, [5.375, 3.25, 7.5, 3.25, 5.375]],
  [11, 25, [0.75, 0.5, 1, 0.5, 0.75]],
  [11, 90, [7.5, 7.5, 7.5, 7.5, 7.5]],
  [11, 97.5, [9.375, 7.5, 10, 10, 8.75]],
];

describe('percentile', () => {
  it.each(numpy)('of %i values at %f is what numpy gives, by every rule', (count, percent, expected) => {
    const list = values.slice(0, count);
    for (const [i, rule] of rules.entries()) {
      expect(percentile(list, percent, rule), rule).toBeCloseTo(expected[i]!, 14);
    }
    expect(percentile(list, percent)).toBe(percentile(list, percent, 'linear'));
  });

  it('lies between its neighbors, whatever the order of the values, which it leaves alone', () => {
    const lists = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lists, fc.double({ noNaN: true, min: 0, max: 100 }), (list, percent) => {
        const copy = [...list];
        const lower = percentile(list, percent, 'lower');
        const higher = percentile(list, percent, 'higher');
        for (const rule of rules) {
          const value = percentile(list, percent, rule);
          expect(value).toBeGreaterThanOrEqual(lower);
          expect(value).toBeLessThanOrEqual(higher);
          expect(percentile([...list].reverse(), percent, rule)).toBe(value);
        }
        expect(list).toEqual(copy);
      }),
    );
  });

  it('refuses an empty list and percentages outside 0 … 100', () => {
    expect(() => percentile([], 90)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    for (const percent of [-1, 100.5, NaN]) {
      expect(() => percentile([1], percent)).toThrow(`expected a percentile of 0 … 100, got ${percent}`);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edjmScore, type EdjmScoreOptions, percentile } from '../../src/index.ts';

function score(values: readonly number[], options?: EdjmScoreOptions): number {
  const singularValues = Float64Array.from(values);
  return edjmScore(options).compute({ singularValues }, { output: 0, n: values.length, dIn: values.length });
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}

/** Whole numbers: two that differ do so by more than rounding. */
const spectra = fc
  .array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 60 })
  .map((values) => values.sort((a, b) => b - a));

describe('edjmScore', () => {
  it('sums the normalized values above the 90th percentile of all', () => {
    // Eleven values: the percentile is the second largest, which does not count.
    expect(score([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])).toBe(1);
    // Twenty-one: it is the third largest.
    expect(score([20, 15, ...Array.from({ length: 19 }, (_, i) => 14 - i / 2)])).toBe(1.75);
    // Twelve: it lies between the third and the second.
    expect(score([8, 6, 4, ...zeros(9)])).toBe(1.75);
  });

  it('is 1 for rank one, exact or with rounding noise for zeros', () => {
    expect(score([7, 0])).toBe(1);
    expect(score([7, ...zeros(783)])).toBe(1);
    const noise = Array.from({ length: 783 }, (_, i) => 7e-8 * (1 - i / 783));
    expect(Math.abs(score([7, ...noise]) - 1)).toBeLessThan(1e-6);
  });

  it('is 0 if no value is greater than the percentile: equal values, a single one, none but zeros', () => {
    expect(score([3, 3, 3, 3])).toBe(0);
    expect(score([3])).toBe(0);
    expect(score(zeros(5))).toBe(0);
    expect(score(zeros(5), { percentileOf: 'nonzero' })).toBe(0);
  });

  it.each([
    [{ percentile: 50 }, 9],
    [{ percentile: 0 }, 10],
    [{ percentile: 100 }, 0],
    // Position 2.8 of 0 0 1 2 3 4, then 2.4.
    [{ percentile: 56, percentileRule: 'linear' }, 9],
    [{ percentile: 56, percentileRule: 'lower' }, 9],
    [{ percentile: 56, percentileRule: 'midpoint' }, 9],
    [{ percentile: 56, percentileRule: 'higher' }, 7],
    [{ percentile: 56, percentileRule: 'nearest' }, 7],
    [{ percentile: 48, percentileRule: 'nearest' }, 9],
    [{ percentile: 50, percentileOf: 'nonzero' }, 7],
    [{ percentile: 50, percentileOf: 'nonzero', zeroTolerance: 0.3 }, 4],
    [{ percentile: 50, percentileOf: 'nonzero', zeroTolerance: 0 }, 7],
  ] satisfies [EdjmScoreOptions, number][])('with %o sums up to %d quarters', (options, quarters) => {
    expect(score([4, 3, 2, 1, 0, 0], options)).toBe(quarters / 4);
  });

  it('does not change with the scale, nor by more zeros where only nonzero values are listed', () => {
    fc.assert(
      fc.property(spectra, fc.integer({ min: -900, max: 900 }), fc.nat(20), (values, exponent, more) => {
        const scaled = values.map((value) => value * 2 ** exponent);
        expect(score(scaled)).toBe(score(values));
        const options = { percentileOf: 'nonzero' } as const;
        expect(score([...values, ...zeros(more)], options)).toBe(score(values, options));
      }),
    );
  });

  it('counts at most a tenth of the values, rounded up, the largest first', () => {
    fc.assert(
      fc.property(spectra, (values) => {
        const value = score(values);
        expect(value === 0 || value >= 1).toBe(true);
        expect(value === 0).toBe(percentile(values, 90) === values[0]);
        expect(value).toBeLessThanOrEqual(Math.ceil(values.length / 10));
      }),
    );
  });

  it('is the same for the rules that differ only in where ε lies between two values', () => {
    fc.assert(
      fc.property(spectra, fc.constantFrom(50, 75, 90, 97.5), (values, percent) => {
        const [linear, ...others] = (['linear', 'lower', 'midpoint'] as const).map((percentileRule) =>
          score(values, { percentile: percent, percentileRule }),
        );
        expect(others).toEqual([linear, linear]);
      }),
    );
  });

  it('names the options that its value depends on', () => {
    expect(edjmScore().options).toEqual({ percentile: 90, percentileRule: 'linear', percentileOf: 'all' });
    expect(edjmScore({ percentile: 95, percentileOf: 'nonzero' }).options).toEqual({
      percentile: 95,
      percentileRule: 'linear',
      percentileOf: 'nonzero',
      zeroTolerance: 1e-5,
    });
  });

  it('refuses options outside what they may be', () => {
    expect(() => edjmScore({ percentile: 101 })).toThrow(/expected a percentile of 0 … 100, got 101/);
    for (const zeroTolerance of [-1, 1, NaN]) {
      expect(() => edjmScore({ zeroTolerance })).toThrow(`got ${zeroTolerance}`);
    }
    const untyped = (options: object): EdjmScoreOptions => options;
    expect(() => edjmScore(untyped({ percentileRule: 'median' }))).toThrow(
      "expected percentileRule to be one of linear, lower, higher, nearest, midpoint, got 'median'",
    );
    expect(() => edjmScore(untyped({ percentileOf: 'some' }))).toThrow(/all, nonzero, got 'some'/);
  });
});

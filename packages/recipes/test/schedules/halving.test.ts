import { describe, expect, it } from 'vitest';
import { constantRate, halving } from '../../src/index.ts';
import { epochsWithoutBetter } from '../../src/schedules/schedule.ts';

/** The rate after each of the results. */
function rates(options: Parameters<typeof halving>[0], results: readonly number[]): (number | undefined)[] {
  const schedule = halving(options);
  return results.map((_, i) => schedule.learningRate(1, results.slice(0, i + 1)));
}

describe('halving', () => {
  it('halves after the fifth epoch in a row that is no better, by default', () => {
    const results = [0.5, 0.4, 0.4, 0.4, 0.41, 0.4, 0.39, 0.5, 0.5, 0.5, 0.5, 0.5];
    expect(rates({}, results)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5]);
    expect(rates({}, [0.3, 0.4, 0.4, 0.4, 0.4, 0.4])).toEqual([1, 1, 1, 1, 1, 0.5]);
  });

  it('counts anew after each time, against the best of all epochs', () => {
    // 0.35 is better than the epoch before, but not than 0.3.
    const results = [0.3, 0.4, 0.4, 0.35, 0.35, 0.29, 0.29, 0.29];
    expect(rates({ patience: 2 }, results)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]);
  });

  it('ends where the rate falls below the least, not where it reaches it', () => {
    const results = [1, 1, 1, 1];
    expect(rates({ patience: 1, factor: 0.1, least: 0.01 }, results)).toEqual([1, 0.1, 0.1 * 0.1, undefined]);
  });

  it('starts with the first rate', () => {
    expect(halving().learningRate(0.25, [])).toBe(0.25);
    expect(constantRate().learningRate(0.25, [1, 1, 1, 1, 1, 1, 1])).toBe(0.25);
  });

  it.each([{ patience: 0 }, { patience: 1.5 }, { factor: 1 }, { factor: 0 }, { factor: NaN }, { least: -1 }])(
    'refuses %o',
    (options) => {
      expect(() => halving(options)).toThrow(/^halving: expected .*, got .*Give such a number\.$/);
    },
  );
});

describe('epochsWithoutBetter', () => {
  it.each([
    [[], 0],
    [[0.5], 0],
    [[0.5, 0.5], 1],
    [[0.5, 0.6, 0.4], 0],
    [[0.4, 0.5, 0.4, 0.4], 3],
  ])('of %o is %i', (results, expected) => {
    expect(epochsWithoutBetter(results)).toBe(expected);
  });
});

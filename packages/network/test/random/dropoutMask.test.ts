import { describe, expect, it } from 'vitest';
import { dropoutMask } from '../../src/index.ts';

const LENGTH = 100_000;

describe('dropoutMask', () => {
  it.each([0.1, 0.5, 0.8])('drops a share of %d, and keeps the mean', (rate) => {
    const mask = dropoutMask(LENGTH, { rate, seed: 3 });
    const dropped = mask.filter((factor) => factor === 0).length / LENGTH;
    // Five standard deviations of the mean of that many.
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / LENGTH));
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  });

  it('drops nothing at a rate of 0', () => {
    expect(dropoutMask(LENGTH, { rate: 0, seed: 3 }).every((factor) => factor === 1)).toBe(true);
  });

  it('is the same for the same options, and another for another seed, step or place', () => {
    const mask = (seed: number, place: number) => dropoutMask(LENGTH, { rate: 0.5, seed, place });
    const first = mask(1, 0);
    expect(mask(1, 0)).toEqual(first);
    for (const other of [mask(2, 0), mask(1, 1), mask(-1, 0), mask(1, 2)]) {
      const equal = other.filter((factor, i) => factor === first[i]).length / LENGTH;
      // Two that have nothing to do with each other agree at half of the places.
      expect(Math.abs(equal - 0.5)).toBeLessThan(0.01);
    }
  });

  it('has no pattern from one value to the next', () => {
    const mask = dropoutMask(LENGTH, { rate: 0.5, seed: 9 });
    for (const distance of [1, 2, 3, 28, 1000]) {
      const equal =
        mask.subarray(distance).filter((factor, i) => factor === mask[i]).length / (LENGTH - distance);
      expect(Math.abs(equal - 0.5)).toBeLessThan(0.01);
    }
  });

  it.each([-0.1, 1, NaN])('refuses a rate of %d', (rate) => {
    expect(() => dropoutMask(1, { rate, seed: 1 })).toThrow(/expected a dropout rate from 0 up to 1/);
  });
});

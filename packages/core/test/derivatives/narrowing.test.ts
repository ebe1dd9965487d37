import { describe, expect, it } from 'vitest';
import { isWorthNarrowing } from '../../src/index.ts';

describe('isWorthNarrowing', () => {
  it('asks for at most three quarters of the values', () => {
    expect([80, 588, 589, 784].map((h) => isWorthNarrowing(h, 784))).toEqual([true, true, false, false]);
  });

  it('asks for a matrix of at most 256 MiB', () => {
    expect([222, 223].map((h) => isWorthNarrowing(h, 150_528))).toEqual([true, false]);
  });
});

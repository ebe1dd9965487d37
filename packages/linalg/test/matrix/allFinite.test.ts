import { describe, expect, it } from 'vitest';
import { allFinite } from '../../src/index.ts';

describe('allFinite', () => {
  it.each([[[]], [[0, -0, 1e308, -1e308, 5e-324]]])('is true for %j', (values) => {
    expect(allFinite(Float64Array.from(values))).toBe(true);
  });

  it.each([NaN, Infinity, -Infinity])('is false where %d is among the values, wherever', (wrong) => {
    for (const at of [0, 3, 6]) {
      const values = new Float32Array(7).fill(2);
      values[at] = wrong;
      expect(allFinite(values)).toBe(false);
    }
  });
});

import { expect, it } from 'vitest';
import { erf } from '../../src/layers/erf.ts';

/** Computed with 30 digits by mpmath. */
it.each([
  [1e-10, 1.1283791670955126e-10],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [2, 0.9953222650189527],
  [3.5, 0.9999992569016276],
  [5.9, 0.9999999999999999],
  [7, 1],
])('erf(%d)', (x, expected) => {
  expect(Math.abs(erf(x) / expected - 1)).toBeLessThan(1e-15);
  expect(erf(-x)).toBe(-erf(x));
});

it('is 0 at 0', () => {
  expect(erf(0)).toBe(0);
});

import { multiply, singularVectors } from '@edjm/linalg';
import { seededRandom } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { marchenkoPasturSingularValues } from '../../src/layers/marchenkoPastur.ts';
import { randomRotation } from '../../src/layers/randomRotation.ts';
import { kernelOfFactors } from '../../src/layers/svdFactors.ts';

const draw = (count: number, columns: number, seed = 1) =>
  randomRotation(count, columns, seededRandom(seed).uniform);

it.each([
  [1, 1],
  [1, 2],
  [3, 3],
  [63, 100],
  [301, 301],
])('draws %i orthonormal rows of %i numbers', (count, columns) => {
  const rows = draw(count, columns);
  expect(rows).toMatchObject({ rows: count, columns });
  const products = multiply(rows, rows, { transposeB: true }).data;
  const worst = products.reduce(
    (most, product, at) => Math.max(most, Math.abs(product - (at % (count + 1) === 0 ? 1 : 0))),
    0,
  );
  expect(worst).toBeLessThan(1e-13);
});

it('depends on the random numbers alone', () => {
  expect(draw(5, 8)).toEqual(draw(5, 8));
  expect(draw(5, 8)).not.toEqual(draw(5, 8, 2));
});

describe('a rotation of 500 columns', () => {
  const { data } = draw(500, 500);

  it('has entries with the moments of a normal distribution', () => {
    const moment = (order: number) =>
      data.reduce((sum, entry) => sum + (entry * Math.sqrt(500)) ** order, 0) / data.length;
    // Standard errors for 250,000 independent entries: 0.002, 0.008, 0.02.
    expect(Math.abs(moment(1))).toBeLessThan(0.01);
    expect(moment(2)).toBeCloseTo(1, 12);
    expect(Math.abs(moment(3))).toBeLessThan(0.05);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  it('gives kernels whose parts have the singular values of independent entries', () => {
    const singularValues = marchenkoPasturSingularValues([500, 500], 1);
    const kernel = kernelOfFactors({
      left: draw(500, 500, 2),
      singularValues,
      right: draw(500, 500, 3),
    });
    const corner = Float64Array.from({ length: 200 ** 2 }, (_, at) => {
      return kernel.data[Math.floor(at / 200) * 500 + (at % 200)]!;
    });
    const found = singularVectors({ rows: 200, columns: 200, data: corner }).singularValues;
    marchenkoPasturSingularValues([200, 200], 1).forEach((value, i) => {
      expect(Math.abs(found[i]! - value)).toBeLessThan(0.04 * found[0]!);
    });
  });
});

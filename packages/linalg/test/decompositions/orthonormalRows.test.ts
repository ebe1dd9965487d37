import { expect, it } from 'vitest';
import { multiply, orthonormalRows } from '../../src/index.ts';
import { randomNumbers } from '../matrices.ts';

const none = (columns: number) => ({ rows: 0, columns, data: new Float64Array(0) });

/** Numbers of N(0, 1) from a seed (Box and Muller). */
function normalNumbers(seed: number): () => number {
  const uniform = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(0.5 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function farthestFromIdentity(rows: ReturnType<typeof orthonormalRows>): number {
  const products = multiply(rows, rows, { transposeB: true }).data;
  return products.reduce((most, product, at) => {
    const wanted = at % (rows.rows + 1) === 0 ? 1 : 0;
    return Math.max(most, Math.abs(product - wanted));
  }, 0);
}

it.each([
  [1, 1],
  [3, 3],
  [63, 100],
  [130, 131],
  [200, 200],
])('draws %i orthonormal rows of %i numbers', (count, columns) => {
  const rows = orthonormalRows(none(columns), count, normalNumbers(1));
  expect(rows).toMatchObject({ rows: count, columns });
  expect(farthestFromIdentity(rows)).toBeLessThan(1e-11);
});

it('keeps the rows that it is given, and draws the same rows from the same numbers', () => {
  const given = orthonormalRows(none(90), 70, normalNumbers(1));
  const more = orthonormalRows(given, 90, normalNumbers(2));
  expect(more.data.slice(0, given.data.length)).toEqual(given.data);
  expect(farthestFromIdentity(more)).toBeLessThan(1e-11);
  expect(orthonormalRows(given, 90, normalNumbers(2))).toEqual(more);
});

it('prefers no direction', () => {
  const normal = normalNumbers(3);
  const squares = new Float64Array(5);
  const draws = 4000;
  for (let draw = 0; draw < draws; draw++) {
    const { data } = orthonormalRows(none(5), 3, normal);
    data.slice(10).forEach((entry, at) => {
      squares[at]! += entry ** 2 / draws;
    });
  }
  // Each entry of the third row has a square of mean 1/5 and variance 8/175: 0.0034 of the mean of 4000.
  squares.forEach((mean) => {
    expect(Math.abs(mean - 0.2)).toBeLessThan(0.015);
  });
});

it('refuses more rows than there are columns, and fewer than are given', () => {
  expect(() => orthonormalRows(none(3), 4, normalNumbers(1))).toThrow(/at most 3 orthonormal rows/);
  const given = orthonormalRows(none(3), 2, normalNumbers(1));
  expect(() => orthonormalRows(given, 1, normalNumbers(1))).toThrow(/at least 2/);
});

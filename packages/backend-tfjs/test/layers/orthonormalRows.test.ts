import { multiply } from '@edjm/linalg';
import { seededRandom } from '@edjm/network';
import { expect, it } from 'vitest';
import { orthonormalRows } from '../../src/layers/orthonormalRows.ts';

const none = (columns: number) => ({ rows: 0, columns, data: new Float64Array(0) });

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
  const rows = orthonormalRows(none(columns), count, seededRandom(1).normal);
  expect(rows).toMatchObject({ rows: count, columns });
  expect(farthestFromIdentity(rows)).toBeLessThan(1e-11);
});

it('keeps the rows that it is given, and draws the same rows from the same numbers', () => {
  const given = orthonormalRows(none(90), 70, seededRandom(1).normal);
  const more = orthonormalRows(given, 90, seededRandom(2).normal);
  expect(more.data.slice(0, given.data.length)).toEqual(given.data);
  expect(farthestFromIdentity(more)).toBeLessThan(1e-11);
  expect(orthonormalRows(given, 90, seededRandom(2).normal)).toEqual(more);
});

it('prefers no direction', () => {
  const { normal } = seededRandom(3);
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

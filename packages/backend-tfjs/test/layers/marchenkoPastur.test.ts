import { singularValuesOfRows } from '@edjm/linalg';
import { seededRandom } from '@edjm/network';
import { expect, it } from 'vitest';
import { marchenkoPasturSingularValues } from '../../src/layers/marchenkoPastur.ts';

const shapes: [number, number][] = [
  [300, 300],
  [400, 100],
  [50, 500],
];

it.each(shapes)('gives the singular values of a matrix of independent entries, %i × %i', (rows, columns) => {
  const { uniform } = seededRandom(1);
  const data = Float64Array.from({ length: rows * columns }, () => uniform() - 0.5);
  const drawn = singularValuesOfRows({ rows, columns, data });
  const values = marchenkoPasturSingularValues([rows, columns], 1 / 12);
  expect(values).toHaveLength(Math.min(rows, columns));
  values.forEach((value, i) => {
    expect(Math.abs(value - drawn[i]!)).toBeLessThan(0.04 * drawn[0]!);
  });
});

it.each(shapes)('has the squared sum of the entries, %i × %i, and descends', (rows, columns) => {
  const values = marchenkoPasturSingularValues([rows, columns], 2);
  const squares = values.reduce((sum, value) => sum + value ** 2, 0);
  expect(squares / (2 * rows * columns)).toBeCloseTo(1, 3);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
});

it('is the quarter circle law for square matrices', () => {
  const values = marchenkoPasturSingularValues([1000, 1000], 1 / 1000);
  // ∫₀ˢ √(4 − t²) / π dt is the share of values below s; the i-th lies where (i + ½) / 1000 are above.
  const below = (s: number) => ((s / 2) * Math.sqrt(4 - s * s) + 2 * Math.asin(s / 2)) / Math.PI;
  values.forEach((value, i) => {
    expect(below(value)).toBeCloseTo(1 - (i + 0.5) / 1000, 6);
  });
});

it('gives zeros for a matrix of zeros, and one value for a row', () => {
  expect(marchenkoPasturSingularValues([3, 5], 0)).toEqual(new Float64Array(3));
  const [only] = marchenkoPasturSingularValues([1, 400], 1);
  expect(only).toBeCloseTo(20, 1);
});

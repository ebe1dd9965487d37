import { multiply } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import { orthogonal, seededRandom } from '../../src/index.ts';

describe('orthogonal', () => {
  it.each([
    [5, 5],
    [70, 100],
    [100, 70],
    [300, 300],
    [1, 4],
  ])('has orthonormal rows or columns for %i × %i', (rows, columns) => {
    const { shape, data } = orthogonal()([rows, columns], seededRandom(4));
    expect(shape).toEqual([rows, columns]);
    const size = Math.min(rows, columns);
    const w = { rows, columns, data };
    const gram = multiply(w, w, rows <= columns ? { transposeB: true } : { transposeA: true });
    const wrong = gram.data.map((value, i) => value - (i % (size + 1) === 0 ? 1 : 0));
    // Weights are rounded to float32.
    expect(Math.max(...wrong.map(Math.abs))).toBeLessThan(1e-6);
  });

  it('multiplies by the gain, and takes a kernel as a matrix of its outputs', () => {
    const kernel = orthogonal({ gain: 3 })([4, 2, 3, 3], seededRandom(1));
    const matrix = orthogonal()([4, 18], seededRandom(1));
    expect(kernel.data.length).toBe(72);
    for (const [i, value] of kernel.data.entries()) expect(value).toBeCloseTo(3 * matrix.data[i]!, 5);
  });

  it('has R with a positive diagonal: the first row is the first that was drawn, to length 1', () => {
    const { data } = orthogonal()([3, 3], seededRandom(9));
    const random = seededRandom(9);
    const drawn = Array.from({ length: 3 }, random.normal);
    const length = Math.hypot(...drawn);
    for (const [j, value] of drawn.entries()) expect(data[j]).toBeCloseTo(value / length, 6);
  });

  it('draws signs evenly', () => {
    const random = seededRandom(2);
    const traces = Array.from({ length: 2000 }, () => {
      const { data } = orthogonal()([2, 2], random);
      return data[0]! + data[3]!;
    });
    expect(traces.reduce((a, b) => a + b, 0) / traces.length).toBeCloseTo(0, 1);
  });
});

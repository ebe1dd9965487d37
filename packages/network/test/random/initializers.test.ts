import { describe, expect, it } from 'vitest';
import { glorotUniform, heNormal, seededRandom } from '../../src/index.ts';

describe('seededRandom', () => {
  it('repeats itself for a seed', () => {
    const [a, b, other] = [seededRandom(5), seededRandom(5), seededRandom(6)];
    const draws = Array.from({ length: 100 }, () => a.uniform());
    expect(Array.from({ length: 100 }, () => b.uniform())).toEqual(draws);
    expect(Array.from({ length: 100 }, () => other.uniform())).not.toEqual(draws);
  });

  it('draws from the distributions that it names', () => {
    const random = seededRandom(1);
    const normal = moments(Array.from({ length: 100_000 }, random.normal));
    expect(normal.mean).toBeCloseTo(0, 1);
    expect(normal.variance).toBeCloseTo(1, 1);
    const uniform = Array.from({ length: 100_000 }, random.uniform);
    expect(moments(uniform).mean).toBeCloseTo(0.5, 2);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
  });

  it.each([0.5, NaN, 2 ** 32])('refuses the seed %d', (seed) => {
    expect(() => seededRandom(seed)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error);
  });
});

describe('initializers', () => {
  it('heNormal has variance 2 / fan_in', () => {
    const { shape, data } = heNormal([40, 8, 5, 5], seededRandom(2));
    expect(shape).toEqual([40, 8, 5, 5]);
    expect(data).toHaveLength(8000);
    expect((moments(data).variance * (8 * 25)) / 2).toBeCloseTo(1, 1);
  });

  it('glorotUniform fills the interval of √(6 / (fan_in + fan_out))', () => {
    const { data } = glorotUniform([100, 50], seededRandom(3));
    const limit = Math.sqrt(6 / 150);
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
    expect((moments(data).variance * 3) / limit ** 2).toBeCloseTo(1, 1);
  });
});

function moments(values: ArrayLike<number>): { mean: number; variance: number } {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b) / list.length;
  return { mean, variance: list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length };
}

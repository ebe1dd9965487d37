import { describe, expect, it } from 'vitest';
import { seedFor } from '../../src/random/seedFor.ts';
import { shuffled } from '../../src/random/shuffled.ts';

describe('shuffled', () => {
  it('gives every order as often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 12_000; seed++) {
      const order = shuffled(4, seedFor(3, 'order', seed)).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 500 each with a standard deviation of 22.
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(110);
  });

  it('repeats for a seed', () => {
    expect(shuffled(100, 1)).toEqual(shuffled(100, 1));
    expect(shuffled(100, 1)).not.toEqual(shuffled(100, 2));
    expect([...shuffled(0, 1)]).toEqual([]);
  });
});

describe('seedFor', () => {
  it('shares no seed between runs, purposes and epochs that are near each other', () => {
    const seeds = [0, 1, 2, 3, -1].flatMap((seed) =>
      (['split', 'order', 'dropout', 'sample'] as const).flatMap((purpose) =>
        Array.from({ length: 50 }, (_, index) => seedFor(seed, purpose, index)),
      ),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(seed | 0).toBe(seed);
  });
});

import { describe, expect, it } from 'vitest';
import { derivedSeed } from '../../src/index.ts';

describe('derivedSeed', () => {
  it('shares no seed between neighboring seeds and parts', () => {
    const seeds = [0, 1, 2, -1].flatMap((seed) =>
      Array.from({ length: 50 }, (_, i) => derivedSeed(seed, [i])).concat(
        Array.from({ length: 50 }, (_, i) => derivedSeed(seed, [1, i])),
      ),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(seed | 0).toBe(seed);
  });

  it('depends on the order of the parts', () => {
    expect(derivedSeed(1, [2, 3])).not.toBe(derivedSeed(1, [3, 2]));
  });

  it('gives the same seeds in every version, so that runs can be repeated', () => {
    expect([derivedSeed(0, []), derivedSeed(0, [2, 0]), derivedSeed(-1, [3, 7])]).toEqual([
      0, 1255762941, 1537565527,
    ]);
  });
});

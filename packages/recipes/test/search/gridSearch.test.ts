import { EdjmError } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { gridSearch, momentumSgd, train, type Trial } from '../../src/index.ts';
import { smallData, smallNetwork } from '../problem.ts';

const space = { rate: [1, 2, 3], name: ['a', 'b'] } as const;

describe('gridSearch', () => {
  it('tries all combinations in order, and finds the first of the best', async () => {
    const told: unknown[] = [];
    const { trials, best } = await gridSearch(
      space,
      async ({ rate, name }) => ({ score: -Math.abs(rate - 2), name }),
      {
        onResult: (trial) => told.push(trial),
      },
    );
    expect(trials.map(({ point }) => `${point.rate}${point.name}`)).toEqual([
      '1a',
      '1b',
      '2a',
      '2b',
      '3a',
      '3b',
    ]);
    expect(best).toBe(trials[2]);
    expect(best!.result.name).toBe('a');
    expect(told).toEqual(trials);
  });

  it('draws a sample without repetition, which depends on the seed', async () => {
    const wide = {
      a: Array.from({ length: 1000 }, (_, i) => i),
      b: Array.from({ length: 1000 }, (_, i) => i),
    };
    const points = async (seed: number): Promise<string[]> => {
      const { trials } = await gridSearch(wide, async () => ({ score: 0 }), { sample: 200, seed });
      return trials.map(({ point }) => `${point.a},${point.b}`);
    };
    const drawn = await points(1);
    expect(new Set(drawn).size).toBe(200);
    expect(await points(1)).toEqual(drawn);
    expect(await points(2)).not.toEqual(drawn);
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 1500; seed++) {
      const { trials } = await gridSearch(space, async () => ({ score: 0 }), { sample: 2, seed });
      const both = trials.map(({ point }) => `${point.rate}${point.name}`).join();
      counts.set(both, (counts.get(both) ?? 0) + 1);
    }
    // 15 pairs, 100 each with a standard deviation of 10.
    expect(counts.size).toBe(15);
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(45);
  });

  it('goes on after a trial that diverges', async () => {
    const rates = { learningRate: [1e38, 0.05] } as const;
    const told: Trial<typeof rates, { score: number }>[] = [];
    const { trials, best } = await gridSearch(
      rates,
      async ({ learningRate }) => {
        const { history } = await train(await smallNetwork(), smallData(), {
          epochs: 2,
          batchSize: 10,
          optimizer: momentumSgd({ learningRate }),
        });
        return { score: 1 - history.best!.result };
      },
      { onResult: (trial) => told.push(trial) },
    );
    expect(trials.map(({ status }) => status)).toEqual(['failed', 'done']);
    expect(trials[0]).toMatchObject({
      error: { code: 'INVALID_DATA', message: expect.stringMatching(/^epoch/) as string },
    });
    expect(best!.point.learningRate).toBe(0.05);
    expect(told).toEqual(trials);
  });

  it('counts a score that is no number as failed, and has no best if all have', async () => {
    const { trials, best } = await gridSearch(space, async () => ({ score: NaN }));
    expect(trials.every(({ status }) => status === 'failed')).toBe(true);
    expect(best).toBeUndefined();
  });

  it('ends at any other error, and where it is canceled', async () => {
    const wrong = new EdjmError('INVALID_ARGUMENT', 'no');
    await expect(gridSearch(space, () => Promise.reject(wrong))).rejects.toBe(wrong);
    const stop = new AbortController();
    const run = gridSearch(
      space,
      async (_, { signal }) => {
        expect(signal).toBe(stop.signal);
        stop.abort();
        return { score: 1 };
      },
      { signal: stop.signal },
    );
    await expect(run).rejects.toMatchObject({
      code: 'ABORTED',
      message: expect.stringMatching(/after 1 trial/) as string,
    });
  });

  it.each([0, 7, 1.5])('refuses a sample of %d of 6 points', async (sample) => {
    await expect(gridSearch(space, async () => ({ score: 0 }), { sample })).rejects.toThrow(
      /search, sample: expected from 1 to 6 points/,
    );
  });

  it('refuses a hyper-parameter without values', async () => {
    await expect(gridSearch({ rate: [] }, async () => ({ score: 0 }))).rejects.toThrow(
      /search, rate: expected values/,
    );
  });
});

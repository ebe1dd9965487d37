import type { Dataset } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { loadSamples, splitSamples } from '../../src/index.ts';
import { clouds } from '../problem.ts';

/** The values 0, 1, 2, … in samples of 2 × 2, out of one array that is written over. */
function counting(n: number, given: number = n): Dataset {
  return {
    name: 'counting',
    n,
    sampleShape: [2, 2],
    async *batches(batchSize) {
      const data = new Float64Array(4 * batchSize);
      for (let first = 0; first < given; first += batchSize) {
        const rows = Math.min(batchSize, given - first);
        for (let i = 0; i < 4 * rows; i++) data[i] = 4 * first + i;
        yield { rows, columns: 4, data: data.subarray(0, 4 * rows) };
      }
    },
    sha256: async () => '',
  };
}

describe('loadSamples', () => {
  it('reads a data set in order, more than one batch', async () => {
    const labels = new Uint8Array(2500);
    const loaded = await loadSamples(counting(2500), labels);
    expect(loaded.labels).toBe(labels);
    expect(loaded.samples).toEqual({
      rows: 2500,
      columns: 4,
      data: Float32Array.from({ length: 10_000 }, (_, i) => i),
    });
  });

  it('refuses labels or samples of another number', async () => {
    await expect(loadSamples(counting(10), new Int32Array(9))).rejects.toThrow(
      /counting: expected one label for each of 10 samples, got 9/,
    );
    for (const given of [9, 11]) {
      await expect(loadSamples(counting(10, given), new Int32Array(10))).rejects.toThrow(
        new RegExp(`counting: expected 10 samples, got ${given}`),
      );
    }
  });
});

describe('splitSamples', () => {
  const all = clouds(100, 1);

  it('puts every sample with its label into one of the parts', () => {
    const { training, validation } = splitSamples(all, { validation: 30, seed: 4 });
    expect([training.samples.rows, validation.samples.rows]).toEqual([70, 30]);
    const rows = [training, validation].flatMap(({ samples, labels }) =>
      [...labels].map((label, i) => [label, ...samples.data.subarray(4 * i, 4 * i + 4)].join()),
    );
    const expected = [...all.labels].map((label, i) =>
      [label, ...all.samples.data.subarray(4 * i, 4 * i + 4)].join(),
    );
    expect(rows.sort()).toEqual(expected.sort());
  });

  it('depends on the seed alone', () => {
    const part = (seed: number) => splitSamples(all, { validation: 30, seed }).validation.samples.data;
    expect(part(1)).toEqual(part(1));
    expect(part(1)).not.toEqual(part(2));
  });

  it('splits targets too', () => {
    const { samples } = all;
    const { validation } = splitSamples({ samples, targets: samples }, { validation: 7 });
    expect(validation.targets).toEqual(validation.samples);
  });

  it.each([0, 100, 1.5, NaN])('refuses %d of 100 for validation', (validation) => {
    expect(() => splitSamples(all, { validation })).toThrow(/expected from 1 to 99 of 100 samples/);
  });
});

import { describe, expect, it } from 'vitest';
import { openLabels } from '../../src/index.ts';
import { counting, gzip, idx, npy, temporaryFolder, zip } from '../files.ts';

const write = temporaryFolder();

describe('openLabels', () => {
  it('reads IDX and integer .npy, plain and packed', async () => {
    const bytes = idx([3], [7, 2, 1]);
    const longs = npy('<i8', [3], BigInt64Array.of(7n, 2n, 1n));
    const column = npy('<f4', [3, 1], Float32Array.of(7, 2, 1));
    const paths = [
      write('l', bytes),
      write('l.gz', gzip(bytes)),
      write('l.npy', longs),
      write('c.npy', column),
    ];
    for (const path of paths) expect(await openLabels(path)).toEqual(Int32Array.of(7, 2, 1));
    const archive = write(
      'xy.npz',
      await zip([
        { name: 'x.npy', content: counting([3, 2]) },
        { name: 'y.npy', content: longs },
      ]),
    );
    expect(await openLabels(archive, { array: 'y', limit: 2 })).toEqual(Int32Array.of(7, 2));
  });

  it('reads more labels than one step takes', async () => {
    const many = Uint8Array.from({ length: 100_000 }, (_, i) => i % 10);
    const labels = await openLabels(write('many.npy', npy('|u1', [many.length], many)));
    expect(labels).toEqual(Int32Array.from(many));
  });

  it('refuses what is no label', async () => {
    const files = [
      ['images', idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), 'shape (2, 2, 2)'],
      ['none', idx([0], []), 'shape (0)'],
      ['fraction.npy', npy('<f4', [2], Float32Array.of(1, 1.5)), 'got 1.5 for sample 1'],
      ['negative.npy', npy('<i4', [2], Int32Array.of(-1, 1)), 'got -1 for sample 0'],
      ['beyond.npy', npy('<f8', [1], Float64Array.of(2 ** 40)), 'got 1099511627776'],
    ] as const;
    for (const [name, content, message] of files) {
      const error = { code: 'INVALID_DATA', message: expect.stringContaining(message) as string };
      await expect(openLabels(write(name, content))).rejects.toMatchObject(error);
    }
  });
});

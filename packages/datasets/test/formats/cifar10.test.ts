import { describe, expect, it } from 'vitest';
import { openDataset, openLabels } from '../../src/index.ts';
import { gzip, readAll, temporaryFolder } from '../files.ts';

const write = temporaryFolder();

describe('cifar10:', () => {
  const batch = Uint8Array.from({ length: 3 * 3073 }, (_, i) =>
    i % 3073 === 0 ? Math.floor(i / 3073) + 4 : i % 251,
  );

  it('reads records, plain and gzipped', async () => {
    for (const path of [write('batch.bin', batch), write('batch.bin.gz', gzip(batch))]) {
      const data = await openDataset(`cifar10:${path}`, { scale: 1 });
      expect(data).toMatchObject({ n: 3, sampleShape: [3, 32, 32] });
      expect((await readAll(data, 2)).values).toEqual([...batch].filter((_, i) => i % 3073 !== 0));
      expect(await openLabels(`cifar10:${path}`)).toEqual(Int32Array.of(4, 5, 6));
    }
  });

  it('refuses part of a record', async () => {
    for (const content of [batch.subarray(0, -1), new Uint8Array(0)]) {
      const path = write('part.bin', content);
      await expect(openDataset(`cifar10:${path}`)).rejects.toMatchObject({
        code: 'INVALID_FILE',
        message: expect.stringContaining(
          `${path}: expected CIFAR-10 records of 3073 bytes, got ${content.length} bytes`,
        ) as string,
      });
    }
  });
});

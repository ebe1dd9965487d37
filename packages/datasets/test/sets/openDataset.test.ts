import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset, readArray } from '../../src/index.ts';
import { counting, fortranNpy, gzip, idx, npy, openFiles, readAll, temporaryFolder, zip } from '../files.ts';

const write = temporaryFolder();
const ramp = (length: number, first = 0): number[] => Array.from({ length }, (_, i) => first + i);

describe('openDataset', () => {
  it('reads .npy in batches, the last one smaller', async () => {
    const data = await openDataset(write('x.npy', counting([10, 2, 3])));
    expect(data).toMatchObject({ name: 'x.npy', n: 10, sampleShape: [2, 3] });
    expect(data.transform).toBeUndefined();
    const { values, batches } = await readAll(data, 4);
    expect(values).toEqual(ramp(60));
    expect(batches.map(({ rows, columns }) => [rows, columns])).toEqual([
      [4, 6],
      [4, 6],
      [2, 6],
    ]);
    expect(batches[0]?.data).toBeInstanceOf(Float32Array);
  });

  it('goes by the first bytes, not by the name', async () => {
    const named = [
      write('npy.idx', counting([2, 3])),
      write('gzip.npy', gzip(counting([2, 3]))),
      write('zip.gz', await zip([{ name: 'x.npy', content: counting([2, 3]) }])),
    ];
    for (const path of named) expect((await readAll(await openDataset(path))).values).toEqual(ramp(6));
  });

  it('can be read again and again, also at the same time', async () => {
    const data = await openDataset(write('again.npy', counting([9, 2])));
    const once = data.batches(2);
    const results = await Promise.all([readAll(data, 1), readAll(data, 4), readAll(data, 100)]);
    for (const { values } of results) expect(values).toEqual(ramp(18));
    for (let time = 0; time < 2; time++) {
      let rows = 0;
      for await (const batch of once) rows += batch.rows;
      expect(rows).toBe(9);
    }
  });

  it('reads IDX, plain and gzipped, as bytes divided by 255', async () => {
    const content = idx([3, 2, 2], [0, 255, 51, 102, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (const path of [write('images', content), write('images.gz', gzip(content))]) {
      const data = await openDataset(path);
      expect(data).toMatchObject({ n: 3, sampleShape: [2, 2], transform: 'x / 255' });
      const { values } = await readAll(data, 2);
      expect(values.slice(0, 4)).toEqual([0, 1, 51 / 255, 102 / 255].map(Math.fround));
    }
  });

  it('gives every byte as float32 division by 255 gives it', async () => {
    const data = await openDataset(write('bytes.npy', npy('|u1', [256, 1], Uint8Array.from(ramp(256)))));
    expect((await readAll(data)).values).toEqual(ramp(256).map((byte) => Math.fround(byte / 255)));
  });

  it('gives float64 as float64', async () => {
    const numbers = Float64Array.of(0.1, 0.2, 1e300, -5e-324);
    const data = await openDataset(write('f8.npy', npy('<f8', [2, 2], numbers)));
    const { values, batches } = await readAll(data);
    expect(batches[0]?.data).toBeInstanceOf(Float64Array);
    expect(values).toEqual([...numbers]);
  });

  it('applies scale, mean and std, and says so', async () => {
    const path = write('scaled.npy', npy('|u1', [2, 2], Uint8Array.of(0, 255, 51, 102)));
    const data = await openDataset(path, { mean: 0.5, std: 0.25 });
    expect(data.transform).toBe('(x / 255 - 0.5) / 0.25');
    expect((await readAll(data)).values).toEqual(
      [-2, 2, (0.2 - 0.5) / 0.25, (0.4 - 0.5) / 0.25].map(Math.fround),
    );
    const raw = await openDataset(path, { scale: 1 });
    expect(raw.transform).toBeUndefined();
    expect((await readAll(raw)).values).toEqual([0, 255, 51, 102]);
  });

  it('reads only the first samples if there is a limit', async () => {
    const data = await openDataset(write('limit.npy.gz', gzip(counting([100, 3]))), { limit: 5 });
    expect(data.n).toBe(5);
    expect((await readAll(data, 2)).values).toEqual(ramp(15));
    expect((await openDataset(write('limit.npy', counting([4, 3])), { limit: 9 })).n).toBe(4);
  });

  it.each([true, false])(
    'reads column-major matrices (blocks and batches that do not match: %s)',
    async (odd) => {
      const [n, columns] = odd ? [13, 5] : [12, 4];
      const body = Int16Array.from({ length: n * columns }, (_, k) => (k % n) * columns + Math.floor(k / n));
      const data = await openDataset(write(`fortran-${n}.npy`, fortranNpy('<i2', [n, columns], body)));
      expect((await readAll(data, 5)).values).toEqual(ramp(n * columns));
    },
  );

  it('hashes the bytes of the file', async () => {
    const content = gzip(counting([5, 2]));
    const data = await openDataset(write('hash.gz', content));
    expect(await data.sha256()).toBe(createHash('sha256').update(content).digest('hex'));
  });
});

describe('openDataset on .npz', () => {
  const members = [
    { name: 'train/x.npy', content: counting([40, 3]) },
    { name: 'y.npy', content: npy('|u1', [4], Uint8Array.of(1, 2, 3, 4)), stored: true },
    { name: 'z.npy', content: npy('<f4', [1, 2], Float32Array.of(5, 6)), stored: true, zip64: true },
    { name: 'read me.txt', content: new TextEncoder().encode('not an array') },
  ];
  let path = '';
  beforeAll(async () => {
    path = write('several.npz', await zip(members));
  });

  it('reads stored, deflated and zip64 members', async () => {
    const x = await openDataset(path, { array: 'train/x' });
    expect(x).toMatchObject({ name: "several.npz (array 'train/x')", n: 40, sampleShape: [3] });
    expect((await readAll(x)).values).toEqual(ramp(120));
    expect((await readAll(await openDataset(path, { array: 'z' }))).values).toEqual([5, 6]);
  });

  it('asks which of several arrays is meant', async () => {
    await expect(openDataset(path)).rejects.toMatchObject({
      code: 'AMBIGUOUS',
      message: expect.stringContaining("'train/x', 'y', 'z'") as string,
    });
    await expect(openDataset(path, { array: 'w' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining("'train/x', 'y', 'z'") as string,
    });
  });

  it('puts the samples of several arrays side by side', async () => {
    const x = { name: 'x.npy', content: npy('<f8', [3, 2], Float64Array.of(1, 2, 3, 4, 5, 6)) };
    const mask = { name: 'mask.npy', content: npy('|u1', [3, 1], Uint8Array.of(255, 0, 255)) };
    const two = write('two.npz', await zip([x, mask]));
    const data = await openDataset(two, { array: ['mask', 'x'] });
    expect(data).toMatchObject({
      name: 'two.npz',
      n: 3,
      sampleShape: [3],
      transform: "two.npz (array 'mask'): x / 255",
    });
    expect((await readAll(data)).values).toEqual([1, 1, 2, 0, 3, 4, 1, 5, 6]);
    expect(await data.sha256()).toBe(await (await openDataset(two, { array: 'x' })).sha256());
    await expect(openDataset(path, { array: ['train/x', 'z'] })).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('as many samples each, got 40 in') as string,
    });
  });

  it('reads an array whole, as it is stored', async () => {
    expect(await readArray(path, { array: 'y' })).toEqual({ shape: [4], data: Float64Array.of(1, 2, 3, 4) });
    const empty = write('empty.npy', npy('<f4', [0, 2], new Float32Array()));
    await expect(readArray(empty)).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });

  it('takes the only array without being told', async () => {
    const single = write('single.npz', await zip([{ name: 'arr_0.npy', content: counting([2, 2]) }]));
    expect((await readAll(await openDataset(single))).values).toEqual(ramp(4));
  });
});

describe('canceling and closing', () => {
  const large = counting([3000, 50]);
  let paths: string[] = [];
  beforeAll(async () => {
    paths = [
      write('large.npy', large),
      write('large.gz', gzip(large)),
      write('large.npz', await zip([{ name: 'x.npy', content: large }])),
      write('large-stored.npz', await zip([{ name: 'x.npy', content: large, stored: true }])),
    ];
  });

  it('stops at an AbortSignal, between batches and before the first', async () => {
    for (const path of paths) {
      const data = await openDataset(path);
      const controller = new AbortController();
      let batches = 0;
      const reading = (async () => {
        for await (const batch of data.batches(10, { signal: controller.signal })) {
          batches += batch.rows / 10;
          if (batches === 2) controller.abort();
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
      expect(batches).toBe(2);
      const late = data.batches(10, { signal: AbortSignal.abort('over') })[Symbol.asyncIterator]();
      await expect(late.next()).rejects.toMatchObject({ code: 'ABORTED', cause: 'over' });
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'closes its files, also after a break (needs Linux: /proc)',
    async () => {
      for (const path of paths) {
        const data = await openDataset(path);
        expect(openFiles(path)).toBe(0);
        for await (const batch of data.batches(10)) {
          expect(batch.rows).toBe(10);
          expect(openFiles(path)).toBe(1);
          break;
        }
        expect(openFiles(path)).toBe(0);
        await readAll(data, 1000);
        await data.sha256();
        expect(openFiles(path)).toBe(0);
      }
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'closes its files after an error (needs Linux: /proc)',
    async () => {
      const bad = Float32Array.from({ length: 3000 }, (_, i) => (i === 2000 ? NaN : i));
      for (const [name, pack] of [
        ['bad.npy', (content: Uint8Array) => content],
        ['bad.gz', gzip],
      ] as const) {
        const path = write(name, pack(npy('<f4', [300, 10], bad)));
        await expect(readAll(await openDataset(path))).rejects.toMatchObject({ code: 'INVALID_DATA' });
        expect(openFiles(path)).toBe(0);
      }
    },
  );
});

describe('bad arguments', () => {
  const path = write('good.npy', counting([4, 2]));

  it.each([
    [{ scale: NaN }, "as the option 'scale'"],
    [{ mean: Infinity }, "as the option 'mean'"],
    [{ std: 0 }, "a finite number other than 0 as the option 'std'"],
    [{ limit: 0 }, 'from 1 up as limit'],
    [{ limit: 2.5 }, 'from 1 up as limit'],
    [{ array: 'x' }, 'expected an .npz archive'],
  ])('refuses %o', async (options, message) => {
    await expect(openDataset(path, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses batch sizes before the iteration starts', async () => {
    const data = await openDataset(path);
    for (const size of [0, -1, 1.5, NaN]) {
      expect(() => data.batches(size)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });

  it('refuses missing files and directories', async () => {
    const folder = join(dirname(path), 'folder.npy');
    mkdirSync(folder);
    await expect(openDataset(folder)).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: `${folder}: expected a data file, got a folder. Name the file.`,
    });
    for (const missing of [`${path}.not`, join(path, 'below'), '']) {
      await expect(openDataset(missing)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(openDataset('a\0b')).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });
});

import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import fc from 'fast-check';
import { EdjmError } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { openDataset, openLabels } from '../src/index.ts';
import {
  counting,
  fortranNpy,
  gzip,
  idx,
  npy,
  npyWithHeader,
  readAll,
  temporaryFolder,
  zip,
} from './files.ts';

const write = temporaryFolder();
const empty = new Uint8Array(0);
const good = counting([50, 4]);

/** The code and message with which a file is refused, at the latest when it is read. */
async function refusal(name: string, content: Uint8Array): Promise<{ code: string; message: string }> {
  const path = write(name, content);
  try {
    await readAll(await openDataset(path));
  } catch (error) {
    if (!EdjmError.is(error)) throw error;
    expect(error.message).toContain(path);
    expect(error.message).toMatch(/expected .*, got /s);
    return { code: error.code, message: error.message };
  }
  return { code: 'none', message: 'was read without an error' };
}

describe('what is no file', () => {
  it.skipIf(process.platform === 'win32')('is refused at once: pipes and devices', async () => {
    const path = `${write('beside', empty)}.pipe`;
    execFileSync('mkfifo', [path]);
    for (const source of [path, `cifar10:${path}`, '/dev/zero']) {
      await expect(openDataset(source)).rejects.toMatchObject({
        code: 'INVALID_FILE',
        message: expect.stringMatching(/expected a data file, got a (pipe|device)/) as string,
      });
      await expect(openLabels(source)).rejects.toMatchObject({ code: 'INVALID_FILE' });
    }
  });
});

describe('damaged files', () => {
  it.each([
    ['empty', empty, 'no bytes at all'],
    ['text', new TextEncoder().encode('1,2,3\n4,5,6\n'), 'begins with 31 2c 32'],
    ['zeros', new Uint8Array(64), 'begins with 00 00 00'],
    ['npy cut inside its magic', good.subarray(0, 4), 'begins with 93 4e 55 4d'],
    ['npy cut before its header', good.subarray(0, 8), 'at least 10 bytes of header'],
    ['npy cut inside its header', good.subarray(0, 40), 'a header of'],
    ['npy cut inside its data', good.subarray(0, -1), 'cut short'],
    ['npy with more data', Buffer.concat([good, Buffer.of(0)]), 'follows the array'],
    ['npy of version 9', npyWithHeader('{}', empty, 9), 'version 9'],
    ['idx cut inside its header', idx([3, 2, 2], []).subarray(0, 9), '16 bytes of IDX header'],
    ['idx cut inside its data', idx([3, 2], [1, 2, 3]), 'cut short'],
    ['idx with more data', idx([1, 2], [1, 2, 3]), 'follows the array'],
    ['idx of 255 axes', Uint8Array.of(0, 0, 8, 255, 1, 1, 1, 1), '255 axes'],
    ['gzip of nothing', gzip(empty), 'no bytes at all'],
    ['gzip of text', gzip(new TextEncoder().encode('hello')), 'begins with 68 65 6c 6c 6f'],
    ['gzip of gzip', gzip(gzip(good)), 'begins with 1f 8b'],
    ['gzip cut inside its data', gzip(good).subarray(0, -60), 'unexpected end of file'],
    ['gzip cut inside its checksum', gzip(good).subarray(0, -4), 'unexpected end of file'],
    [
      'gzip with more after it',
      Buffer.concat([gzip(good), Buffer.from('tail')]),
      'expected complete gzip data',
    ],
    ['gzip of too little', gzip(good.subarray(0, -8)), 'got 49'],
    ['gzip of too much', gzip(Buffer.concat([good, Buffer.of(7)])), 'got more bytes'],
    [
      'zip without arrays',
      Uint8Array.of(0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0)),
      'without any .npy',
    ],
    ['zip of nothing but its mark', Uint8Array.of(0x50, 0x4b, 3, 4), 'not recognized'],
  ])('refuses %s', async (name, content, message) => {
    expect(await refusal(name, content)).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses a gzip file with a wrong checksum, before the last batch goes out', async () => {
    const content = gzip(counting([500, 100]));
    content[content.length - 8] = (content[content.length - 8] as number) ^ 1;
    const data = await openDataset(write('checksum.gz', content));
    let rows = 0;
    const reading = (async () => {
      for await (const batch of data.batches(100)) rows += batch.rows;
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringContaining('incorrect data check') as string,
    });
    expect(rows).toBeLessThan(500);
  });

  it('refuses damaged zip members', async () => {
    const wide = counting([500, 40]);
    for (const stored of [true, false]) {
      const archive = await zip([{ name: 'x.npy', content: wide, stored }]);
      const damage = async (name: string, position: number): Promise<unknown> => {
        const content = archive.slice();
        content[position] = (content[position] as number) ^ 0xff;
        return (await refusal(`${name}-${stored}.npz`, content)).code;
      };
      expect(await damage('data', Math.floor(archive.length / 2))).toBe('INVALID_FILE');
      expect(await damage('local-header', 1)).toBe('INVALID_FILE');
      const cut = await refusal(`cut-${stored}.npz`, archive.subarray(0, -30));
      expect(cut.code).toBe('INVALID_FILE');
      const short = await zip([{ name: 'x.npy', content: wide.subarray(0, -4), stored }]);
      expect((await refusal(`short-${stored}.npz`, short)).message).toContain('cut short');
    }
  });

  it('refuses an encrypted member', async () => {
    const content = await zip([{ name: 'x.npy', content: good, password: 'secret' }]);
    expect((await refusal('encrypted.npz', content)).code).toBe('UNSUPPORTED');
  });

  it('never takes random bytes for data, whatever they begin with', async () => {
    const starts = [
      [],
      [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0],
      [0, 0, 8, 2],
      [0x1f, 0x8b, 8, 0],
      [0x50, 0x4b, 3, 4],
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
        const { code } = await refusal('random', Uint8Array.from([...start, ...rest]));
        expect(['INVALID_FILE', 'INVALID_DATA']).toContain(code);
      }),
      { numRuns: 150 },
    );
  });
});

describe('headers that promise too much', () => {
  it.each([
    '(1152921504606846976, 784)',
    '(9007199254740993, 1)',
    '(4294967296, 4294967296, 4294967296)',
    `(${'9'.repeat(400)}, 2)`,
    '(-5, 4)',
    '(5, 4.0)',
    '(5 4)',
    '(5,, 4)',
    `(${'1'.repeat(30_000)}x)`,
    "__import__('os')",
    '(5, 4), **{}',
  ])('refuses absurd shape %# without allocating for it', async (shape) => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
    for (const [name, pack] of [
      ['shape.npy', (content: Uint8Array) => content] as const,
      ['shape.gz', gzip] as const,
    ]) {
      expect((await refusal(name, pack(npyWithHeader(header, new Float32Array(20))))).code).toBe(
        'INVALID_FILE',
      );
    }
  });

  it('refuses an IDX file of 2^32 - 1 images', async () => {
    const content = Uint8Array.of(0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255);
    expect((await refusal('huge', content)).code).toBe('INVALID_FILE');
    expect((await refusal('huge.gz', gzip(content))).code).toBe('INVALID_FILE');
  });

  it('refuses a batch that no array can hold', async () => {
    const header = npy('<f4', [2, 2 ** 33], empty);
    const path = write('sparse.npy', header);
    truncateSync(path, header.length + 2 * 2 ** 33 * 4); // Holes: takes no room on disk.
    const data = await openDataset(path);
    expect(() => data.batches(1)).toThrow(expect.objectContaining({ code: 'MEMORY_LIMIT' }));
  });

  it('inflates no more of a bomb than the header asks for', async () => {
    const bomb = gzip(Buffer.concat([counting([3, 2]), Buffer.alloc(50_000_000)]));
    const before = process.memoryUsage().arrayBuffers;
    expect((await refusal('bomb.gz', bomb)).message).toContain('more bytes');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    const archive = await zip([
      { name: 'x.npy', content: Buffer.concat([counting([3, 2]), Buffer.alloc(50_000_000)]) },
    ]);
    expect((await refusal('bomb.npz', archive)).message).toContain('follows the array');
  });
});

describe('headers that are no data', () => {
  it.each([
    ['{}'],
    ['[]'],
    ["{'descr': '<f4', 'fortran_order': False}"],
    ["{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), 'more': 1}"],
    ["{'descr': '<f4' 'fortran_order': False, 'shape': (1, 1)}"],
    ["{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 1)}"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': 1}"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}; import os"],
  ])('refuses %s', async (header) => {
    expect((await refusal('header.npy', npyWithHeader(header, Float32Array.of(1)))).code).toBe(
      'INVALID_FILE',
    );
  });

  it.each([
    ['|O', 'Python objects'],
    ['<c8', 'complex numbers'],
    ['<U5', 'text'],
    ['|S3', 'text'],
    ['<M8[ns]', 'dates'],
    ['|V8', 'elements of type'],
    ['<f16', 'elements of type'],
    ['|f4', 'elements of type'],
  ])('refuses elements of type %s', async (descr, message) => {
    const file = npy(descr, [2, 2], new Uint8Array(64));
    expect(await refusal('type.npy', file)).toEqual({
      code: 'INVALID_DATA',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses structured elements', async () => {
    const header = "{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (2, 2)}";
    const { code, message } = await refusal('structured.npy', npyWithHeader(header, new Uint8Array(32)));
    expect({ code, message }).toEqual({
      code: 'INVALID_DATA',
      message: expect.stringContaining('named fields') as string,
    });
  });
});

describe('arrays that are no samples', () => {
  it.each([
    ['no axis', scalar(), 'shape ()'],
    ['one axis', counting([5]), 'Save x[None]'],
    ['no rows', npy('<f4', [0, 5], empty), 'shape (0, 5)'],
    ['no columns', npy('<f4', [5, 0], empty), 'shape (5, 0)'],
    ['no rows, in IDX', idx([0, 28, 28], []), 'shape (0, 28, 28)'],
  ])('refuses %s', async (name, content, message) => {
    expect(await refusal(name, content)).toEqual({
      code: 'INVALID_DATA',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s, naming its place, when its batch is read', async (bad) => {
    const numbers = Float32Array.from({ length: 40 }, (_, i) => (i === 31 ? bad : i));
    const path = write('bad.npy', npy('<f4', [10, 4], numbers));
    const data = await openDataset(path);
    let rows = 0;
    const reading = (async () => {
      for await (const batch of data.batches(2)) rows += batch.rows;
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(
        `${path}: expected finite numbers, whole ones below 2^53, got ${bad} in row 7, column 3`,
      ) as string,
    });
    expect(rows).toBe(6);
  });

  it('refuses integers that a float64 cannot hold', async () => {
    const file = npy('<i8', [2, 1], BigInt64Array.of(2n ** 53n - 1n, 2n ** 53n));
    expect(await refusal('i8.npy', file)).toEqual({
      code: 'INVALID_DATA',
      message: expect.stringContaining('row 1, column 0') as string,
    });
  });

  it('refuses column-major data that it cannot read in batches', async () => {
    const matrix = fortranNpy('<f4', [2, 2], new Float32Array(4));
    const files = [
      ['fortran.gz', gzip(matrix)],
      ['fortran.npz', await zip([{ name: 'x.npy', content: matrix }])],
      ['fortran-3d.npy', fortranNpy('<f4', [2, 2, 2], new Float32Array(8))],
    ] as const;
    for (const [name, content] of files) {
      expect(await refusal(name, content)).toEqual({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('Save numpy.ascontiguousarray(x)') as string,
      });
    }
  });
});

function scalar(): Uint8Array {
  return npyWithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", Float32Array.of(1));
}

import { existsSync } from 'node:fs';
import type * as fs from 'node:fs/promises';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as output from '../../src/output/writeResults.ts';

const failing = { bytes: Infinity };

/** A disk that is full after some bytes: what fits is written, as a real one does. */
vi.doMock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    async writeFile(path: string, content: string, options?: object) {
      await real.writeFile(path, content.slice(0, failing.bytes), options);
      if (content.length > failing.bytes) {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      }
    },
  };
});

// Other files of tests in this process may have imported the module already, on the real disk.
vi.resetModules();
const { checkFolder, writeResults }: typeof output = await import('../../src/output/writeResults.ts');

afterAll(() => {
  vi.doUnmock('node:fs/promises');
  vi.resetModules();
});

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edjm-results-'));
});

afterEach(async () => {
  failing.bytes = Infinity;
  await rm(folder, { recursive: true });
});

describe('writeResults', () => {
  it('makes the folders that lead there, writes, and writes over', async () => {
    const place = join(folder, 'a', 'b');
    await checkFolder(place);
    await writeResults(place, { 'report.json': 'one', 'spectrum.svg': 'two' });
    await writeResults(place, { 'report.json': 'three', 'spectrum.svg': 'four' });
    expect((await readdir(place)).sort()).toEqual(['report.json', 'spectrum.svg']);
    expect(await readFile(join(place, 'report.json'), 'utf8')).toBe('three');
  });

  it.each([2, 6])('leaves what was there where the disk is full after %i bytes', async (bytes) => {
    await writeFile(join(folder, 'report.json'), 'old');
    failing.bytes = bytes;
    await expect(
      writeResults(folder, { 'report.json': 'short', 'spectrum.svg': 'a longer one' }),
    ).rejects.toThrow(/expected a folder that can be written to, got: ENOSPC.*Choose another place/);
    expect(await readdir(folder)).toEqual(['report.json']);
    expect(await readFile(join(folder, 'report.json'), 'utf8')).toBe('old');
  });

  it.skipIf(!existsSync('/proc/self'))('ends where a folder cannot be made (needs /proc)', async () => {
    for (const place of ['/proc/none', '/proc/none/below', '/proc/self/none']) {
      await expect(writeResults(place, { 'report.json': '' })).rejects.toThrow(/expected a folder/);
    }
  });
});

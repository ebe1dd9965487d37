import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile, readStart } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'edjm-files-'));
const at = (...parts: string[]) => join(folder, ...parts);
const content = Uint8Array.from({ length: 100 }, (_, i) => i);
const onWindows = process.platform === 'win32';

beforeAll(() => {
  mkdirSync(at('models/sub'), { recursive: true });
  for (const name of ['models/model.bin', 'models/sub/below.bin', 'models/100%.bin', 'secret.bin']) {
    writeFileSync(at(name), content);
  }
  symlinkSync(at('secret.bin'), at('models/out.bin'));
  symlinkSync(at('models/sub/below.bin'), at('models/in.bin'));
  symlinkSync(folder, at('models/up'));
  symlinkSync(at('models/loop'), at('models/loop'));
  if (!onWindows) execFileSync('mkfifo', [at('models/pipe')]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const refused = (code: string, says: RegExp) => ({ code, message: expect.stringMatching(says) as string });
const model = () => openFile(at('models/model.bin'));

describe('a file on disk', () => {
  it('is found by its path and by its URL', async () => {
    const path = at('models/model.bin');
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href]) {
      const file = await openFile(source);
      expect(file).toMatchObject({ name: 'model.bin', location: path, length: 100, lengthIsExact: true });
      expect(await file.bytes()).toEqual(content);
    }
    expect((await openFile(at('models/100%.bin'))).name).toBe('100%.bin');
  });

  it('is read in order, from its start and at any position', async () => {
    const file = await model();
    expect(await readStart(file, 3)).toEqual(content.subarray(0, 3));
    expect(await readStart(file, 300)).toEqual(content);
    const reader = await file.openRandom();
    const part = new Uint8Array(8);
    expect(await reader.readAt(part, 40)).toBe(8);
    expect(part).toEqual(content.subarray(40, 48));
    expect(await reader.readAt(part, 97)).toBe(3);
    await reader.close();
    expect(await file.range(40, 8)).toEqual(content.subarray(40, 48));
    expect(await file.range(100, 0)).toHaveLength(0);
    for (const [from, length] of [
      [93, 8],
      [101, 0],
      [-1, 8],
      [2 ** 52, 2 ** 52],
    ] as const) {
      await expect(file.range(from, length)).rejects.toMatchObject(
        refused(
          'INVALID_FILE',
          /model\.bin: expected a file, \d+ bytes from byte -?\d+ on, got a file of 100 bytes/,
        ),
      );
    }
  });

  it('may be larger than what may be read whole', async () => {
    writeFileSync(at('large.bin'), content);
    truncateSync(at('large.bin'), 2 ** 40);
    const file = await openFile(at('large.bin'), { expected: 'a model' });
    expect(await readStart(file, 100)).toEqual(content);
    await expect(file.bytes()).rejects.toMatchObject(
      refused(
        'INVALID_FILE',
        /large\.bin: expected a model of at most 4294967296 bytes, got 1099511627776 bytes/,
      ),
    );
    const bounded = await openFile(at('models/model.bin'), { maxBytes: 99 });
    await expect(bounded.bytes()).rejects.toMatchObject(
      refused('INVALID_FILE', /at most 99 bytes, got 100 bytes/),
    );
  });

  it('that changes its length while it is read is refused', async () => {
    writeFileSync(at('growing.bin'), content);
    const file = await openFile(at('growing.bin'));
    truncateSync(at('growing.bin'), 101);
    await expect(file.bytes()).rejects.toMatchObject(refused('INVALID_FILE', /expected 100 bytes, got more/));
    truncateSync(at('growing.bin'), 7);
    await expect(file.bytes()).rejects.toMatchObject(refused('INVALID_FILE', /expected 100 bytes, got 7/));
  });
});

describe('what is no file is refused at once', () => {
  it.each([
    ['nothing', 'models/nothing', 'NOT_FOUND', /nothing: expected a model, got no file\. Check the path/],
    ['a file as a folder', 'secret.bin/x', 'NOT_FOUND', /expected a model, got no file/],
    ['a folder', 'models', 'INVALID_FILE', /models: expected a model, got a folder\. Name the file/],
    [
      'a link to itself',
      'models/loop',
      'INVALID_FILE',
      /expected a model that can be read, got an error: ELOOP/,
    ],
    ['a zero in its name', 'a\0b', 'INVALID_FILE', /expected a model that can be read/],
  ])('%s', async (...[, name, code, says]) => {
    await expect(openFile(`${folder}/${name}`, { expected: 'a model' })).rejects.toMatchObject(
      refused(code, says),
    );
  });

  it.skipIf(onWindows)('a pipe, without waiting for who writes to it', async () => {
    await expect(openFile(at('models/pipe'))).rejects.toMatchObject(
      refused('INVALID_FILE', /got a pipe\. Write it to a file first/),
    );
    await expect((await model()).beside('pipe')).rejects.toMatchObject(refused('INVALID_FILE', /got a pipe/));
  });

  it.skipIf(onWindows)('a pipe that takes the place of a file', async () => {
    writeFileSync(at('swapped'), content);
    const file = await openFile(at('swapped'));
    renameSync(at('models/pipe'), at('swapped'));
    await expect(file.bytes()).rejects.toMatchObject(refused('INVALID_FILE', /got a pipe/));
    renameSync(at('swapped'), at('models/pipe'));
  });

  it.skipIf(onWindows)('a device and a socket', async () => {
    await expect(openFile('/dev/zero')).rejects.toMatchObject(refused('INVALID_FILE', /got a device/));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
    await expect(openFile(at('socket'))).rejects.toMatchObject(refused('INVALID_FILE', /got a socket/));
    server.close();
  });
});

describe('beside a file on disk', () => {
  it.each(['sub/below.bin', './sub/below.bin', 'in.bin', '100%.bin'])('stands %s', async (name) => {
    const file = await (await model()).beside(name);
    expect(await file.bytes()).toEqual(content);
  });

  it.each([
    '../secret.bin',
    'sub/../../secret.bin',
    at('secret.bin'),
    at('models/model.bin'),
    '%2e%2e/secret.bin',
    String.raw`..\secret.bin`,
    'C:/secret.bin',
    'file:///etc/passwd',
    '.',
    '',
    'out.bin',
    'up/secret.bin',
    'up/models/model.bin/../../secret.bin',
  ])('nothing else does: %j', async (name) => {
    await expect((await model()).beside(name)).rejects.toMatchObject(
      refused('INVALID_FILE', /model\.bin: expected files in its own folder, got ".*"\. Put them there/),
    );
  });

  it('what is missing is named', async () => {
    await expect((await model()).beside('nothing.bin', { expected: 'the weights' })).rejects.toMatchObject(
      refused('NOT_FOUND', /models.nothing\.bin: expected the weights, got no file/),
    );
  });

  it('counts from a relative path', async () => {
    const previous = process.cwd();
    process.chdir(at('models'));
    try {
      const file = await (await openFile('model.bin')).beside('sub/below.bin');
      expect(file.length).toBe(100);
      await expect((await openFile('model.bin')).beside('../secret.bin')).rejects.toThrow(/own folder/);
    } finally {
      process.chdir(previous);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { openFile } from '../src/index.ts';

const content = Uint8Array.of(1, 2, 3);
const refused = (code: string, says: RegExp) => ({ code, message: expect.stringMatching(says) as string });

describe('openFile', () => {
  it('takes bytes, which nothing lies beside', async () => {
    const file = await openFile(content, { name: 'the model' });
    expect(file).toMatchObject({ name: 'the model', location: 'the model', length: 3 });
    expect(await file.bytes()).toBe(content);
    await expect(file.beside('weights.bin')).rejects.toMatchObject(
      refused('INVALID_ARGUMENT', /the model: expected its path or URL, got its bytes alone/),
    );
    await expect(openFile(content, { maxBytes: 2 })).rejects.toMatchObject(
      refused('INVALID_FILE', /at most 2 bytes, got 3/),
    );
  });

  it('takes data: and blob: URLs, which nothing lies beside', async () => {
    const blob = URL.createObjectURL(new Blob([content]));
    for (const address of ['data:application/octet-stream,%01%02%03', blob]) {
      const file = await openFile(address, { name: 'the model' });
      expect(file.name).toBe('the model');
      expect(await file.bytes()).toEqual(content);
      await expect(file.beside('weights.bin')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    URL.revokeObjectURL(blob);
    await expect(openFile(blob)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    'ftp://127.0.0.1/model.onnx',
    'FTP://127.0.0.1/x',
    's3://bucket/model.onnx',
    new URL('about:blank'),
  ])('refuses URLs of other kinds: %s', async (source) => {
    await expect(openFile(source)).rejects.toMatchObject(
      refused('UNSUPPORTED', /expected a path, or a URL of http, https or file, got one of (ftp|s3|about)/),
    );
  });

  it.each(['C:\\models\\nothing.onnx', 'c:nothing.onnx', 'sample:nothing', 'a:b/c'])(
    'takes %s for a path',
    async (path) => {
      await expect(openFile(path)).rejects.toMatchObject(refused('NOT_FOUND', /got no file/));
    },
  );

  it.each(['file:///models/100%.onnx', 'file:///a%2Fb', 'file://host/models/x.onnx', 'file://'])(
    'refuses %s, which is no path',
    async (address) => {
      const error = await openFile(address).catch((cause: unknown) => cause);
      expect(['INVALID_ARGUMENT', 'INVALID_FILE']).toContain((error as { code?: string }).code);
    },
  );
});

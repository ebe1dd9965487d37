import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Server } from '../browser/serve.ts';

/** A kind of model whose weights lie in a file beside it. */
export interface ModelKind {
  /** The ending of its files, such as `.onnx`. */
  readonly ending: string;
  /** The bytes of a model whose weights lie where `weights` says. */
  readonly model: (weights: string) => Uint8Array;
  /** The bytes of its weights. */
  readonly weights: Uint8Array;
  readonly load: (source: string) => Promise<AsyncDisposable>;
}

/** Names of weights that lead out of the folder of their model. */
const outside = [
  '../secret.bin',
  'a/../../secret.bin',
  '%2e%2e/secret.bin',
  '%2e%2e%2fsecret.bin',
  '%252e%252e/secret.bin',
  String.raw`..\secret.bin`,
  '/secret.bin',
  String.raw`C:\secret.bin`,
  'file:///etc/hostname',
  'http://127.0.0.1:9/secret.bin',
];

const withPipes = process.platform !== 'win32';

/** Tests of a backend: it loads a model and the weights beside it, and nothing leads it out of the folder, makes it wait, or fills the memory. */
export function testHostileFiles({ ending, model, weights, load }: ModelKind): void {
  const refused = (code: string, says: RegExp) => ({ code, message: expect.stringMatching(says) as string });
  const isOutside = refused('INVALID_FILE', /expected files in its own folder, got ".*"\. Put them there/);
  const isTooLarge = refused('INVALID_FILE', /of at most 4294967296 bytes, got 1099511627776 bytes/);
  const loads = async (source: string): Promise<void> => {
    await using network = await load(source);
    expect(network).toBeDefined();
  };

  describe('hostile files on disk', () => {
    const folder = mkdtempSync(join(tmpdir(), 'edjm-hostile-'));
    const at = (name: string): string => join(folder, 'models', name);
    const naming = (location: string): string => {
      const path = at(`naming${ending}`);
      writeFileSync(path, model(location));
      return path;
    };

    beforeAll(() => {
      mkdirSync(at('a'), { recursive: true });
      for (const path of [at('weights.bin'), at('100%.bin'), join(folder, 'secret.bin')])
        writeFileSync(path, weights);
      writeFileSync(at(`100%${ending}`), model('weights.bin'));
      symlinkSync(join(folder, 'secret.bin'), at('link.bin'));
      symlinkSync(folder, at('up'));
      if (withPipes) execFileSync('mkfifo', [at(`pipe${ending}`), at('pipe.bin')]);
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it('names with percent signs are names', async () => {
      await loads(at(`100%${ending}`));
      await loads(naming('100%.bin'));
    });

    it.each([...outside, 'link.bin', 'up/secret.bin'])(
      'weights out of the folder are refused: %s',
      async (name) => {
        await expect(load(naming(name))).rejects.toMatchObject(isOutside);
      },
    );

    it.skipIf(!withPipes)('pipes are refused at once, as a model and as its weights', async () => {
      await expect(load(at(`pipe${ending}`))).rejects.toMatchObject(refused('INVALID_FILE', /got a pipe/));
      await expect(load(naming('pipe.bin'))).rejects.toMatchObject(refused('INVALID_FILE', /got a pipe/));
    });

    it.skipIf(!withPipes)('devices and folders are refused, as a model and as its weights', async () => {
      await expect(load('/dev/zero')).rejects.toMatchObject(refused('INVALID_FILE', /got a device/));
      await expect(load(at('a'))).rejects.toMatchObject(refused('INVALID_FILE', /got a folder/));
      await expect(load(naming('a'))).rejects.toMatchObject(refused('INVALID_FILE', /got a folder/));
    });
  });

  describe('hostile servers', () => {
    const redirect =
      (location: string): RequestListener =>
      (_, response) =>
        response.writeHead(302, { location }).end();
    const claims: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-length': 2 ** 40 }).write(weights);
    const files = new Map<string, Uint8Array | RequestListener>([
      ['models/weights.bin', weights],
      // The address of a file named 100%.bin: the server looks addresses up as they are sent.
      ['models/100%25.bin', weights],
      ['secret.bin', weights],
      ['models/%2e%2e%2fsecret.bin', weights],
      ['models/moved.bin', redirect('weights.bin')],
      ['models/above.bin', redirect('/secret.bin')],
      ['models/claims.bin', claims],
      [`models/claims${ending}`, claims],
      [`models/100%${ending}`, model('weights.bin')],
    ]);
    let other: Server;
    let server: Server;
    const at = (name: string): string => `${server.origin}/models/${name}`;
    const naming = (location: string): string => {
      files.set(`models/naming${ending}`, model(location));
      return at(`naming${ending}`);
    };

    beforeAll(async () => {
      other = await serve(new Map([['models/weights.bin', weights]]));
      files.set('models/elsewhere.bin', redirect(`${other.origin}/models/weights.bin`));
      server = await serve(files);
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    });

    it('names with percent signs are names, and files may move in their folder', async () => {
      await loads(at(`100%${ending}`));
      await loads(naming('100%.bin'));
      await loads(naming('moved.bin'));
    });

    it.each([...outside, 'above.bin', 'elsewhere.bin'])(
      'weights out of the folder are refused: %s',
      async (name) => {
        await expect(load(naming(name))).rejects.toMatchObject(isOutside);
      },
    );

    it('more than fits into memory is refused before it is read, as a model and as its weights', async () => {
      await expect(load(at(`claims${ending}`))).rejects.toMatchObject(isTooLarge);
      await expect(load(naming('claims.bin'))).rejects.toMatchObject({ code: 'INVALID_FILE' });
    });
  });
}

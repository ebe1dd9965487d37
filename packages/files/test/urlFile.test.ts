import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { serve } from '@edjm/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile, readStart } from '../src/index.ts';

const content = Uint8Array.from({ length: 100 }, (_, i) => i);
const redirect =
  (location: string): RequestListener =>
  (_, response) =>
    response.writeHead(302, { location }).end();
let requests = 0;
const counted: RequestListener = (_, response) => (requests++, response.end(content));
const other = await serve(new Map([['models/weights.bin', counted]]));
let wasCut = false;
const server = await serve(
  new Map<string, Uint8Array | RequestListener>([
    ['models/model.bin', content],
    ['models/100%.bin', content],
    ['models/100%25.bin', content],
    ['models/run%20%231%3F.bin', content],
    ['models/onnx%3A%3AMatMul_1', content],
    ['models/sub/90%25%20of%20%232', content],
    ['models/%2e%2e%2fname.bin', content],
    ['models/a%20b.bin?x=1', content],
    ['models/', content],
    ['models/sub/below.bin', content],
    ['models/moved.bin', redirect('sub/below.bin')],
    ['models/twice.bin', redirect('moved.bin')],
    ['models/outward.bin', redirect('above.bin')],
    ['latest.bin', redirect('/models/model.bin')],
    ['models/above.bin', redirect('/secret.bin')],
    ['models/dots.bin', redirect('/models/%2e%2e%2fsecret.bin')],
    ['models/elsewhere.bin', redirect(`${other.origin}/models/weights.bin`)],
    ['models/around.bin', redirect('/models/around.bin')],
    ['models/%2e%2e%2fsecret.bin', counted],
    ['secret.bin', counted],
    [
      'models/claims.bin',
      (_, response) => {
        response.writeHead(200, { 'content-length': 2 ** 40 }).write(content);
        response.on('close', () => (wasCut = true));
      },
    ],
    [
      'models/endless.bin',
      (_, response) => {
        response.on('close', () => (wasCut = true));
        const write = (): void => {
          while (!response.destroyed && response.write(new Uint8Array(65_536)));
        };
        response.on('drain', write);
        write();
      },
    ],
    [
      'models/bomb.bin',
      (_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1e7))),
    ],
    [
      'models/broken.bin',
      (_, response) => {
        response
          .writeHead(200, { 'content-length': 100 })
          .write(content.subarray(0, 50), () => response.destroy());
      },
    ],
  ]),
);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const at = (name: string) => `${server.origin}/models/${name}`;
const refused = (code: string, says: RegExp) => ({ code, message: expect.stringMatching(says) as string });
const model = () => openFile(at('model.bin'));

describe('a file on a server', () => {
  it.each([
    ['model.bin', 'model.bin'],
    ['100%.bin', '100%.bin'],
    ['%2e%2e%2fname.bin', '%2e%2e%2fname.bin'],
    ['a%20b.bin?x=1', 'a b.bin'],
    ['', 'the file'],
  ])('%j has the name %j', async (path, name) => {
    for (const source of [at(path), new URL(at(path))]) {
      const file = await openFile(source);
      expect(file).toMatchObject({ name, length: 100, lengthIsExact: true });
      expect(await file.bytes()).toEqual(content);
      expect(await readStart(file, 3)).toEqual(content.subarray(0, 3));
    }
  });

  it('may have moved', async () => {
    const file = await openFile(`${server.origin}/latest.bin`);
    expect(file).toMatchObject({ name: 'model.bin', location: at('model.bin') });
    expect((await file.beside('sub/below.bin')).length).toBe(100);
  });

  it.each([
    ['nothing.bin', 'NOT_FOUND', /nothing\.bin: expected a model, got HTTP status 404\. Check the URL/],
    ['around.bin', 'NOT_FOUND', /redirect count exceeded/],
    ['broken.bin', 'INVALID_FILE', /broken\.bin: expected a model, got 50 bytes, then an error: .*Try again/],
  ])('that does not come is refused: %s', async (name, code, says) => {
    await expect(openFile(at(name), { expected: 'a model' })).rejects.toMatchObject(refused(code, says));
  });

  it('is refused if there is no server, and no address', async () => {
    await expect(openFile('http://127.0.0.1:9/x.bin')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(openFile('http://[nobody/x.bin')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(openFile('http://a:b@127.0.0.1:9/x.bin')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a file that is too large', () => {
  it('is refused by the length that its server claims, before it is read', async () => {
    wasCut = false;
    await expect(openFile(at('claims.bin'))).rejects.toMatchObject(
      refused(
        'INVALID_FILE',
        /claims\.bin: expected a file of at most 4294967296 bytes, got 1099511627776 bytes/,
      ),
    );
    await expect.poll(() => wasCut).toBe(true);
  });

  it('is cut off if its server claims nothing', async () => {
    wasCut = false;
    await expect(openFile(at('endless.bin'), { maxBytes: 1e6 })).rejects.toMatchObject(
      refused('INVALID_FILE', /at most 1000000 bytes, got \d{7} bytes/),
    );
    await expect.poll(() => wasCut).toBe(true);
  });

  it('is cut off if it is larger than the length that its server claims: compressed', async () => {
    await expect(openFile(at('bomb.bin'), { maxBytes: 1e6 })).rejects.toMatchObject(
      refused('INVALID_FILE', /at most 1000000 bytes, got \d{7} bytes/),
    );
    expect((await openFile(at('bomb.bin'), { maxBytes: 1e7 })).length).toBe(1e7);
  });

  it('ends where its server said that it would', async () => {
    const liar = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n${'x'.repeat(1e6)}`);
      });
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const { port } = liar.address() as { port: number };
    const result = await openFile(`http://127.0.0.1:${port}/x.bin`).then(
      ({ length }) => length,
      (error: unknown) => (error as { code?: string }).code,
    );
    expect([5, 'INVALID_FILE', 'NOT_FOUND']).toContain(result);
    liar.close();
  });
});

describe('beside a file on a server', () => {
  it.each([
    'sub/below.bin',
    './sub/below.bin',
    'moved.bin',
    'twice.bin',
    '100%.bin',
    'run #1?.bin',
    'onnx::MatMul_1',
    'sub/90% of #2',
  ])('stands %s', async (name) => {
    expect(await (await (await model()).beside(name)).bytes()).toEqual(content);
  });

  it.each([
    '../secret.bin',
    '%2e%2e/secret.bin',
    '%2e%2e%2fsecret.bin',
    '.%2E%5csecret.bin',
    '%252e%252e/secret.bin',
    String.raw`..\secret.bin`,
    String.raw`\secret.bin`,
    '.\t./secret.bin',
    '/secret.bin',
    '//127.0.0.1/secret.bin',
    `${other.origin}/models/weights.bin`,
    'data:,weights',
    'C:/secret.bin',
    '',
    '.',
  ])('nothing else is asked for: %j', async (name) => {
    requests = 0;
    await expect((await model()).beside(name)).rejects.toMatchObject(
      refused('INVALID_FILE', /model\.bin: expected files in its own folder, got ".*"\. Put them there/),
    );
    expect(requests).toBe(0);
  });

  it.each(['above.bin', 'outward.bin', 'dots.bin', 'elsewhere.bin'])(
    'nothing else is asked for after a redirect: %s',
    async (name) => {
      requests = 0;
      await expect((await model()).beside(name)).rejects.toMatchObject(
        refused('INVALID_FILE', new RegExp(`own folder, got "${name}"`)),
      );
      expect(requests).toBe(0);
    },
  );

  it('what is missing is named, and what is too large', async () => {
    await expect((await model()).beside('nothing.bin', { expected: 'the weights' })).rejects.toMatchObject(
      refused('NOT_FOUND', /models\/nothing\.bin: expected the weights, got HTTP status 404/),
    );
    await expect((await model()).beside('around.bin')).rejects.toMatchObject(
      refused('NOT_FOUND', /around\.bin: .*redirect count exceeded/),
    );
    await expect((await model()).beside('moved.bin', { maxBytes: 99 })).rejects.toMatchObject(
      refused('INVALID_FILE', /at most 99 bytes, got 100/),
    );
  });
});

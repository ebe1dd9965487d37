import { createServer, type RequestListener } from 'node:http';
import { extname } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Pages with these headers are cross-origin isolated: they have shared memory, and WebAssembly has threads. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A server on this machine. */
export interface Server extends AsyncDisposable {
  readonly origin: string;
}

/**
 * Serves files from memory; `/` is an empty page, and so is `/isolated`, which is cross-origin isolated. A function in place of a file answers
 * by itself.
 */
export async function serve(
  files: ReadonlyMap<string, string | Uint8Array | RequestListener>,
): Promise<Server> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').slice(1);
    const content = ['', 'isolated'].includes(path) ? '<!doctype html><title>edjm</title>' : files.get(path);
    if (typeof content === 'function') {
      content(request, response);
      return;
    }
    const type = types[extname(path)] ?? (extname(path) === '' ? 'text/html' : 'application/octet-stream');
    const headers = { 'Content-Type': type, ...(path !== '' && isolation) };
    response.writeHead(content === undefined ? 404 : 200, headers).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    origin: `http://127.0.0.1:${String(address.port)}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

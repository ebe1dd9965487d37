import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type { PageFunctions } from './page.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/** Where Chromium is: what CHROMIUM_PATH names, or a usual place. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM_PATH'] ?? places.find((place) => existsSync(place));

/** Starts Chromium. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: ['--no-sandbox'],
  });
}

/** `page.ts` bundled from the sources, as vite does it for an application. */
export async function bundlePage(): Promise<string> {
  const result = await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'esnext',
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL('page.ts', import.meta.url)),
        onLog(level, log) {
          if (level === 'warn') throw new Error(`expected a bundle without warnings, got: ${log.message}`);
        },
      },
    },
  });
  if (!('output' in result) || result.output.length !== 1) throw new Error('expected a bundle of one file');
  return result.output[0].code;
}

/** Pages with these headers are cross-origin isolated: their workers share memory. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A server on this machine. */
export interface Server extends AsyncDisposable {
  readonly origin: string;
}

/** Serves the script and two pages with it: `/isolated`, which is cross-origin isolated, and `/plain`, which is not. */
export async function serve(script: string): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const isScript = url === '/page.js';
    const known = isScript || url === '/isolated' || url === '/plain';
    const type = isScript ? 'text/javascript' : 'text/html';
    response
      .writeHead(known ? 200 : 404, { 'Content-Type': type, ...(url !== '/plain' && isolation) })
      .end(
        isScript
          ? script
          : '<!doctype html><title>edjm</title><script type="module" src="/page.js"></script>',
      );
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

/** Calls a function of the page. */
export async function callPage<Name extends keyof PageFunctions>(
  page: Page,
  name: Name,
): Promise<Awaited<ReturnType<PageFunctions[Name]>>> {
  await page.waitForFunction((key) => key in globalThis, name);
  // What the page gives for a name is what its function of that name returns.
  const result: unknown = await page.evaluate((key): unknown => {
    const called: unknown = Reflect.get(globalThis, key);
    return typeof called === 'function' ? (Reflect.apply(called, undefined, []) as unknown) : undefined;
  }, name);
  return result as Awaited<ReturnType<PageFunctions[Name]>>;
}

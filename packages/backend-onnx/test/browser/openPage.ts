import type { Browser, Page } from 'playwright-core';
import type { PageFunctions } from './page.ts';

/** Functions of the page, to be called from here. */
export type Remote = {
  readonly [Name in keyof PageFunctions]: (
    ...args: Parameters<PageFunctions[Name]>
  ) => Promise<Awaited<ReturnType<PageFunctions[Name]>>>;
};

/** A page whose functions can be called. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly remote: Remote;
}

/** Opens an address, loads `page.js` there, and waits for its functions. */
export async function openPage(browser: Browser, address: string): Promise<OpenPage> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.addScriptTag({ url: '/page.js', type: 'module' });
  await page.waitForFunction(() => 'conformance' in globalThis);
  const remote = new Proxy({} as Remote, {
    get:
      (_, name: string) =>
      (...args: readonly unknown[]) =>
        page.evaluate(
          ([key, values]) => {
            const called: unknown = Reflect.get(globalThis, key);
            return typeof called === 'function'
              ? (Reflect.apply(called, undefined, values) as unknown)
              : undefined;
          },
          [name, args] as const,
        ),
  });
  return { page, remote, [Symbol.asyncDispose]: () => page.close() };
}

import type { Browser, Page } from 'playwright-core';

/** A function that a page has in its global scope; what goes in and out is copied. */
export type PageFunction = (...args: never[]) => unknown;

/** Functions of a page, to be called from here. */
export type Remote<Functions extends Readonly<Record<string, PageFunction>>> = {
  readonly [Name in keyof Functions]: (
    ...args: Parameters<Functions[Name]>
  ) => Promise<Awaited<ReturnType<Functions[Name]>>>;
};

/** A page whose functions can be called. */
export interface OpenPage<Functions extends Readonly<Record<string, PageFunction>>> extends AsyncDisposable {
  readonly page: Page;
  readonly remote: Remote<Functions>;
}

/** Opens an address and loads `page.js` there, whose functions are waited for when they are called. */
export async function openPage<Functions extends Readonly<Record<string, PageFunction>>>(
  browser: Browser,
  address: string,
): Promise<OpenPage<Functions>> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.addScriptTag({ url: '/page.js', type: 'module' });
  const remote = new Proxy({} as Remote<Functions>, {
    get:
      (_, name: string) =>
      async (...args: readonly unknown[]) => {
        await page.waitForFunction((key) => key in globalThis, name);
        return page.evaluate(
          ([key, values]) => {
            const called: unknown = Reflect.get(globalThis, key);
            return typeof called === 'function'
              ? (Reflect.apply(called, undefined, values) as unknown)
              : undefined;
          },
          [name, args] as const,
        );
      },
  });
  return { page, remote, [Symbol.asyncDispose]: () => page.close() };
}

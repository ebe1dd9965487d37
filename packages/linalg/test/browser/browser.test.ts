import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inThisThread } from '../../src/index.ts';
import { bundlePage, callPage, chromiumPath, launchChromium, serve, type Server } from './chromium.ts';
import { problems } from './problems.ts';

describe.skipIf(chromiumPath === undefined)(
  'in Chromium (skipped where there is none: install it, or name it in CHROMIUM_PATH)',
  () => {
    let server: Server;
    let browser: Browser;
    beforeAll(async () => {
      server = await serve(await bundlePage());
      browser = await launchChromium();
    }, 120_000);
    afterAll(async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
    });

    describe.each([
      ['cross-origin isolated, where threads share a matrix', 'isolated', true],
      ['not isolated, where each matrix is copied to a thread', 'plain', false],
    ])('in a page that is %s', (_, path, isolated) => {
      let here: number[][] = [];
      let threaded: number[][] = [];
      beforeAll(async () => {
        const page = await browser.newPage();
        await page.goto(`${server.origin}/${path}`);
        expect(await callPage(page, 'isolated')).toBe(isolated);
        ({ here, threaded } = await callPage(page, 'spectra'));
        expect(await callPage(page, 'refusal')).toMatch(/^RangeError: expected finite/);
        await page.close();
      }, 60_000);

      it.each(problems.map(({ title, solve }, index) => ({ title, solve, index })))(
        'gives the numbers of Node: $title',
        async ({ solve, index }) => {
          // The same operations in the same order: to the last bit.
          const expected = Array.from(await solve(inThisThread));
          expect(here[index]).toEqual(expected);
          expect(threaded[index]).toEqual(expected);
        },
      );
    });
  },
);

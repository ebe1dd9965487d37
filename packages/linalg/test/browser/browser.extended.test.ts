import {
  type Browser,
  bundle,
  chromiumPath,
  launchChromium,
  openPage,
  serve,
  type Server,
} from '@edjm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inThisThread } from '../../src/index.ts';
import type { PageFunctions } from './page.ts';
import { problems } from './problems.ts';

describe.skipIf(chromiumPath === undefined)(
  'in Chromium (skipped where there is none: install it, or name it in CHROMIUM_PATH)',
  () => {
    let server: Server;
    let browser: Browser;
    beforeAll(async () => {
      const files = await bundle(new URL('.', import.meta.url), { modules: { page: 'page.ts' } });
      // Kernels and threads need no file beside the script.
      expect([...files.keys()]).toEqual(['page.js']);
      server = await serve(files);
      browser = await launchChromium();
    }, 120_000);
    afterAll(async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
    });

    describe.each([
      ['cross-origin isolated, where threads share a matrix', 'isolated', true],
      ['not isolated, where each matrix is copied to a thread', '', false],
    ])('in a page that is %s', (_, path, isolated) => {
      let here: number[][] = [];
      let threaded: number[][] = [];
      beforeAll(async () => {
        await using page = await openPage<PageFunctions>(browser, `${server.origin}/${path}`);
        expect(await page.remote.isolated()).toBe(isolated);
        ({ here, threaded } = await page.remote.spectra());
        expect(await page.remote.refusal()).toMatch(/^RangeError: expected finite/);
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

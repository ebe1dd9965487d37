import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { referenceCases, testBackend } from '@edjm/conformance';
import type { DenseMatrix } from '@edjm/core';
import {
  type Browser,
  bundle,
  type Bundle,
  chromiumPath,
  launchChromium,
  openPage,
  type OpenPage,
  reportTests,
  serve,
  type Server,
  wrongOutputs,
} from '@edjm/testing';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type TfjsEngine, tfjsBackend } from '../../src/index.ts';
import type { PageFunctions } from './page.ts';
import { smallModel } from './smallModel.ts';

const fixtures = join(import.meta.dirname, '../keras/fixtures');
const keras = new Uint8Array(readFileSync(join(fixtures, 'recurrent.keras')));
const hdf5 = new Uint8Array(gunzipSync(readFileSync(join(fixtures, 'recurrent.h5.gz'))));
const expected = (
  JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as {
    readonly recurrent: { readonly shape: readonly [number, ...number[]]; readonly outputs: number[][] };
  }
).recurrent;

/** The inputs that the fixtures were written with. */
function kerasBatch(): DenseMatrix {
  const [rows, ...sample] = expected.shape;
  const columns = sample.reduce((product, length) => product * length, 1);
  return {
    rows,
    columns,
    data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(1.7 * i + 0.3)),
  };
}

/** The WebAssembly engine's own files, by their names. */
function wasmFiles(): readonly (readonly [string, Uint8Array])[] {
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  const folder = join(dirname(manifest), 'dist');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wasm'))
    .map((name) => [name, readFileSync(join(folder, name))] as const);
}

/** Cases of the kit that are run on WebGPU: every kind of operation once. */
const onWebgpu: ReadonlySet<string> = new Set([
  'multilayer perceptron',
  'convolution: everything at once',
  'convolution: dilation',
  'pooling: maximum, overlapping',
  'residual convolutional network',
  'logit of a network that ends in softmax',
]);

describe.skipIf(chromiumPath === undefined)(
  'in Chromium (skipped where there is none: install it, or name it in CHROMIUM_PATH)',
  () => {
    let files: Bundle;
    let server: Server;
    let browser: Browser;
    /** Cross-origin isolated, and not. */
    let isolated: OpenPage<PageFunctions>;
    let plain: OpenPage<PageFunctions>;
    let hasWebgpu = false;

    beforeAll(async () => {
      files = await bundle(new URL('.', import.meta.url), { modules: { page: 'page.ts' } });
      const wasm = wasmFiles();
      server = await serve(
        new Map([
          ...files,
          // Where the engine looks by itself, and elsewhere.
          ...wasm,
          ...wasm.map(([name, bytes]) => [`wasm/${name}`, bytes] as const),
          ...smallModel('models/', 'weights.bin'),
          ...smallModel('outside/', '../models/weights.bin'),
        ]),
      );
      browser = await launchChromium();
      isolated = await openPage(browser, `${server.origin}/isolated`);
      plain = await openPage(browser, `${server.origin}/`);
      const statuses = await isolated.remote.probe();
      hasWebgpu = statuses.some(({ name, version }) => name === 'webgpu' && version !== undefined);
    }, 120_000);

    afterAll(async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
    });

    /** Ends a test early where its engine is not there. */
    function needs(engine: TfjsEngine, context: TestContext): void {
      context.skip(engine === 'webgpu' && !hasWebgpu, 'no WebGPU adapter');
    }

    /** Without a graphics processor WebGPU takes minutes for all of the kit: it gets what tells it from WebGL. */
    const leftOut = (engine: TfjsEngine) =>
      engine === 'webgpu'
        ? referenceCases()
            .filter(({ name }) => !onWebgpu.has(name))
            .map(({ name }) => ({ case: name, reason: 'slow in software, and run on WebGL' }))
        : [];

    const engines = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;

    describe.each(engines)('on %s', (engine) => {
      let results: Readonly<Record<string, string>> = {};
      beforeAll(async () => {
        if (engine === 'webgpu' && !hasWebgpu) return;
        await using page = await openPage<PageFunctions>(browser, `${server.origin}/isolated`);
        results = await page.remote.conformance(
          { engine, wasmPath: `${server.origin}/wasm/` },
          leftOut(engine),
        );
      }, 900_000);

      const reported = (title: string, body: () => Promise<void>) => {
        it(title, (context) => {
          needs(engine, context);
          return body();
        });
      };
      reportTests(
        (runner) => {
          const load = () => Promise.reject(new Error('expected the page to run the kit'));
          testBackend({ name: 'tfjs', load, unsupported: leftOut(engine) }, runner);
        },
        { describe, it: Object.assign(reported, { skip: it.skip }) },
        () => results,
      );

      it.for([
        ['.keras', keras],
        ['.h5', hdf5],
      ] as const)('gives the outputs and rows of a %s file in bytes', async ([, source], context) => {
        needs(engine, context);
        const batch = kerasBatch();
        const { values, rows } = await plain.remote.outputs({ source, engine: { engine } }, batch);
        expect(wrongOutputs(values, expected.outputs.flat())).toEqual([]);
        await using network = await tfjsBackend({ engine: 'cpu' }).load(source);
        const [native] = (await network.jacobian?.(batch, [0])) ?? [];
        expect(wrongOutputs(rows, Array.from(native?.data ?? []))).toEqual([]);
      });

      it('fetches models, by an address from the page on as well', async (context) => {
        needs(engine, context);
        const batch = { rows: 1, columns: 2, data: Float32Array.of(1, -1) };
        for (const source of ['models/model.json', `${server.origin}/models/model.json`]) {
          const { values, rows } = await plain.remote.outputs({ source, engine: { engine } }, batch);
          // [1, -1] · [[1, 2], [3, 4]] + [5, 6]
          expect(values).toEqual([3, 4]);
          expect(rows).toEqual([1, 3]);
        }
      });
    });

    it('refuses models that are not there, and weights elsewhere', async () => {
      const engine = { engine: 'cpu' } as const;
      expect(await plain.remote.refusal({ source: 'nothing.json', engine })).toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(await plain.remote.refusal({ source: 'outside/model.json', engine })).toMatchObject({
        code: 'INVALID_FILE',
        message: expect.stringContaining('files in its own folder') as string,
      });
    });

    it('says which engines load, and takes the best of them', async () => {
      for (const page of [isolated, plain]) {
        const statuses = await page.remote.probe();
        expect(statuses.map(({ name }) => name)).toEqual(['tensorflow', ...engines]);
        const problems = statuses.filter(({ version }) => version === undefined);
        expect(problems.map(({ name }) => name)).toEqual(
          hasWebgpu ? ['tensorflow'] : ['tensorflow', 'webgpu'],
        );
        const { name, passedOver } = await page.remote.engine({});
        expect(name).toBe(hasWebgpu ? 'webgpu' : 'webgl');
        expect(passedOver.map((one) => one.name)).toEqual(problems.map((one) => one.name));
      }
    });

    it('takes the files of WebAssembly from where it is told, with threads where the page is isolated', async () => {
      for (const [path, file] of [
        ['isolated', 'tfjs-backend-wasm-threaded-simd.wasm'],
        ['', 'tfjs-backend-wasm-simd.wasm'],
      ] as const) {
        await using page = await openPage<PageFunctions>(browser, `${server.origin}/${path}`);
        await page.remote.engine({ engine: 'wasm', wasmPath: `${server.origin}/wasm/` });
        const wasm = (await page.remote.fetched()).filter((name) => name.endsWith('.wasm'));
        expect(new Set(wasm)).toEqual(new Set([`wasm/${file}`]));
      }
    });

    it('says so where the .wasm files are not there', async () => {
      await using page = await openPage<PageFunctions>(browser, `${server.origin}/`);
      const engine = { engine: 'wasm', wasmPath: `${server.origin}/nowhere/` } as const;
      expect(await page.remote.refusal({ source: keras, engine })).toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
      });
    });

    it('fetches TensorFlow.js and the readers of Keras files when they are needed', async () => {
      await using page = await openPage<PageFunctions>(browser, `${server.origin}/`);
      const marks = {
        tfjs: 'LayersModel = class',
        hdf5: 'H5Fopen',
        zip: 'End of central directory not found',
      };
      const fetched = async () => {
        const texts = (await page.remote.fetched()).map((name) => String(files.get(name) ?? ''));
        return Object.entries(marks).flatMap(([name, mark]) =>
          texts.some((text) => text.includes(mark)) ? [name] : [],
        );
      };
      const engine = { engine: 'cpu' } as const;
      expect(await fetched()).toEqual([]);
      await page.remote.engine(engine);
      expect(await fetched()).toEqual(['tfjs']);
      await page.remote.outputs({ source: hdf5, engine }, kerasBatch());
      expect(await fetched()).toEqual(['tfjs', 'hdf5']);
      await page.remote.outputs({ source: keras, engine }, kerasBatch());
      expect(await fetched()).toEqual(['tfjs', 'hdf5', 'zip']);
    });

    it('has nothing of what runs in Node alone in its bundle', () => {
      const modules = ['"node:', '"@tensorflow/tfjs-node'];
      const imports = modules.flatMap((module) => [
        `from ${module}`,
        `import(${module}`,
        `require(${module}`,
      ]);
      const marks = ['NodeJSKernelBackend', ...imports];
      for (const [name, text] of files) {
        expect([name, ...marks.filter((mark) => String(text).includes(mark))]).toEqual([name]);
      }
    });
  },
);

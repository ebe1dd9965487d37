import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cpuBackend } from '@edjm/backend-cpu';
import { testBackend } from '@edjm/conformance';
import { analyze, type DenseMatrix } from '@edjm/core';
import { openDataset } from '@edjm/datasets';
import {
  conv2d,
  dense,
  flatten,
  maxPool2d,
  multilayerPerceptron,
  relu,
  seededRandom,
  tanh,
  type Network,
} from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';
import {
  type Browser,
  bundle,
  chromiumPath,
  dataFolder,
  inData,
  launchChromium,
  openPage,
  type OpenPage,
  reportTests,
  serve,
  type Server,
} from '@edjm/testing';
import { memoryDataset } from '@edjm/testing/page';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkToModel, type OnnxBackendOptions } from '../../src/index.ts';
import type { PageFunctions } from './page.ts';
import { singularValues, type SpectraOf } from './singularValues.ts';

const random = seededRandom(3);
const values = (length: number) => Float32Array.from({ length }, () => random.normal());
const weight = (...shape: [number, number] | [number, number, number, number]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: values(size).map((value) => value / Math.sqrt(size / shape[0])) };
};
const samplesOf = (rows: number, columns: number): DenseMatrix => ({
  rows,
  columns,
  data: values(rows * columns),
});

const perceptron = multilayerPerceptron({ dIn: 20, hidden: [16, 16], dOut: 3, seed: 1 });
/** With max pooling and a convolution in groups: both are beyond WebGPU. */
const convolutional: Network = {
  name: 'convolutional',
  inputShape: [2, 6, 6],
  layers: [
    conv2d({ weight: weight(4, 2, 3, 3), padding: 1 }),
    relu(),
    maxPool2d({ kernel: 2 }),
    conv2d({ weight: weight(4, 2, 2, 2), stride: 2, padding: 1, groups: 2 }),
    tanh(),
    flatten(),
    dense({ weight: weight(3, 16) }),
  ],
};
/** With a batch of three: what stays of four samples is filled up. */
const fixedBatch = writeModel({
  ...networkToModel(perceptron),
  inputs: [{ name: 'input', elementType: 'float32', shape: [3, 20] }],
  outputs: [{ name: 'output', elementType: 'float32', shape: [3, 3] }],
});
const inDouble = writeModel({
  name: 'double',
  irVersion: 8,
  opsets: new Map([['', 18]]),
  inputs: [{ name: 'x', elementType: 'float64', shape: ['n', 2] }],
  outputs: [{ name: 'y', elementType: 'float64', shape: ['n', 2] }],
  initializers: new Map(),
  nodes: [{ opType: 'Tanh', domain: '', name: 'y', inputs: ['x'], outputs: ['y'], attributes: {} }],
});

/** The example of the README, as it stands there. */
function readmeExample(): string {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return /## In the browser.*?```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
}

const largestError = (actual: readonly Float64Array[], expected: readonly Float64Array[]) =>
  Math.max(
    ...expected.map((spectrum, output) => {
      const errors = Array.from(spectrum, (value, index) =>
        Math.abs((actual[output]?.[index] ?? NaN) - value),
      );
      return Math.max(...errors) / (spectrum[0] ?? NaN);
    }),
  );

describe.skipIf(chromiumPath === undefined)(
  'in Chromium (skipped where there is none: install it, or name it in CHROMIUM_PATH)',
  () => {
    let server: Server;
    let browser: Browser;
    /** Cross-origin isolated, and not. */
    let isolated: OpenPage<PageFunctions>;
    let plain: OpenPage<PageFunctions>;

    beforeAll(async () => {
      const files = await bundle(new URL('.', import.meta.url), {
        modules: { page: 'page.ts' },
        texts: { example: readmeExample() },
      });
      const models: [string, Uint8Array][] = [
        ['model.onnx', writeModel(networkToModel(perceptron))],
        ['fixed.onnx', fixedBatch],
      ];
      for (const name of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
        const file = fileURLToPath(import.meta.resolve(`onnxruntime-web/${name}`));
        models.push([`ort/${name}`, readFileSync(file)]);
      }
      if (dataFolder !== undefined) {
        for (const name of ['mlp-external.onnx', 'mlp-external.onnx.data']) {
          models.push([name, readFileSync(inData('golden', name))]);
        }
      }
      server = await serve(new Map([...files, ...models]));
      browser = await launchChromium();
      isolated = await openPage<PageFunctions>(browser, `${server.origin}/isolated`);
      plain = await openPage<PageFunctions>(browser, `${server.origin}/`);
    }, 120_000);

    afterAll(async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
    });

    /** The page's spectra next to those of native code; equal to 1e-5 of the largest value of each. */
    async function expectNative(
      page: OpenPage<PageFunctions>,
      asked: SpectraOf,
      {
        options = {},
        native = asked,
      }: { readonly options?: OnnxBackendOptions; readonly native?: SpectraOf } = {},
    ): Promise<void> {
      const actual = await page.remote.singularValues(asked, options);
      expect(largestError(actual, await singularValues(native, {}))).toBeLessThan(1e-5);
    }

    describe('on WebAssembly', () => {
      let results: Readonly<Record<string, string>> = {};
      beforeAll(async () => {
        results = await isolated.remote.conformance({ threads: 2 });
      }, 120_000);

      reportTests(
        (runner) => {
          const load = () => Promise.reject(new Error('expected the page to run the kit'));
          testBackend({ name: 'onnx', load }, runner);
        },
        { describe, it },
        () => results,
      );

      it.each([
        ['a network as data', perceptron, 20],
        ['a convolutional network', convolutional, 72],
        ['bytes', writeModel(networkToModel(convolutional)), 72],
        ['a fixed batch size', fixedBatch, 20],
        ['float64', inDouble, 2],
      ])('gives the spectra of native code for %s', async (...[, source, dIn]) => {
        const asked = { source, samples: samplesOf(40, dIn) };
        for (const page of [isolated, plain]) await expectNative(page, asked);
      });

      it('gives the spectra of the float64 oracle', async () => {
        for (const [source, dIn] of [
          [perceptron, 20],
          [convolutional, 72],
        ] as const) {
          const samples = samplesOf(40, dIn);
          await using oracle = await cpuBackend().load(source);
          const { outputs } = await analyze(oracle, memoryDataset(samples));
          const actual = await isolated.remote.singularValues({ source, samples }, {});
          expect(
            largestError(
              actual,
              outputs.map((output) => output.singularValues),
            ),
          ).toBeLessThan(1e-5);
        }
      });

      it('fetches models, by an address from the page on as well', async () => {
        const samples = samplesOf(10, 20);
        for (const source of ['model.onnx', `${server.origin}/model.onnx`]) {
          await expectNative(isolated, { source, samples }, { native: { source: perceptron, samples } });
        }
        expect(await plain.remote.refusal('nothing.onnx', {})).toMatchObject({ code: 'NOT_FOUND' });
      });

      it('has threads where the page is cross-origin isolated, and one elsewhere', async () => {
        expect((await isolated.remote.surroundings()).threads).toBe(true);
        expect((await plain.remote.surroundings()).threads).toBe(false);
        // The isolated page was started with two; the other one has one, whatever is asked for.
        expect(await isolated.remote.refusal(perceptron, { threads: 3 })).toMatchObject({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining('expected 2 threads') as string,
        });
        const samples = samplesOf(10, 20);
        await expectNative(plain, { source: perceptron, samples }, { options: { threads: 4 } });
      });

      it('runs networks side by side', async () => {
        const { together, alone } = await isolated.remote.sideBySide([perceptron, convolutional], {});
        expect(together).toEqual(alone);
      });

      it('takes its files from where it is told', async () => {
        await using page = await openPage<PageFunctions>(browser, `${server.origin}/isolated`);
        const fetched: string[] = [];
        page.page.on('request', (request) => fetched.push(request.url()));
        const samples = samplesOf(10, 20);
        await expectNative(
          page,
          { source: perceptron, samples },
          { options: { wasmPaths: `${server.origin}/ort/` } },
        );
        expect(fetched).toContain(`${server.origin}/ort/ort-wasm-simd-threaded.wasm`);
      });

      it('says what to do where the .wasm file is not there', async () => {
        await using page = await openPage<PageFunctions>(browser, `${server.origin}/`);
        expect(
          await page.remote.refusal(perceptron, { wasmPaths: `${server.origin}/nowhere/` }),
        ).toMatchObject({
          code: 'ENGINE_UNAVAILABLE',
          message: expect.stringContaining('onnxBackend({ wasmPaths })') as string,
        });
      });

      it.skipIf(dataFolder === undefined)(
        'gives the spectra of native code for a published network with weights beside it (skipped where EDJM_DATA_DIR does not name the data)',
        async () => {
          const inputs = await openDataset(inData('golden', 'inputs-mnist-300.npy'));
          for await (const samples of inputs.batches(60)) {
            const source = 'mlp-external.onnx';
            await expectNative(
              isolated,
              { source, samples },
              { native: { source: inData('golden', source), samples } },
            );
            break;
          }
        },
      );
    });

    describe('on WebGPU (tests end early, as skipped, if there is no adapter)', () => {
      const options = { executionProviders: ['webgpu'] };

      it('gives the spectra of native code', async (context) => {
        const { webgpu } = await isolated.remote.surroundings();
        context.skip(!webgpu, 'no WebGPU adapter');
        for (const [source, dIn] of [
          [perceptron, 20],
          [convolutional, 72],
        ] as const) {
          await expectNative(isolated, { source, samples: samplesOf(20, dIn) }, { options });
        }
      }, 120_000);

      it('runs networks side by side', async (context) => {
        const { webgpu } = await isolated.remote.surroundings();
        context.skip(!webgpu, 'no WebGPU adapter');
        const { together, alone } = await isolated.remote.sideBySide([perceptron, convolutional], options);
        expect(together).toEqual(alone);
      }, 120_000);

      it('refuses networks in float64', async (context) => {
        const { webgpu } = await isolated.remote.surroundings();
        context.skip(!webgpu, 'no WebGPU adapter');
        expect(await isolated.remote.refusal(inDouble, options)).toMatchObject({
          code: 'UNSUPPORTED',
          message: expect.stringMatching(/expected a network in float32 on webgpu/) as string,
        });
      }, 120_000);
    });

    it('refuses providers that there are not', async () => {
      expect(await plain.remote.refusal(perceptron, { executionProviders: ['cuda'] })).toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        message: expect.stringMatching(/"cuda" of onnxruntime-web.*It knows wasm, webgpu/) as string,
      });
      expect(await plain.remote.refusal(perceptron, { runtime: 'node' })).toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
      });
    });

    it('runs the example of the README', async () => {
      const page = await browser.newPage();
      const lines: string[] = [];
      page.on('console', (message) => lines.push(message.text()));
      await page.goto(`${server.origin}/`);
      await page.addScriptTag({ url: '/example.js', type: 'module' });
      await expect.poll(() => lines.at(-1), { timeout: 20_000 }).toMatch(/^(\d[\d.e-]*(, )?)+$/);
    });
  },
);

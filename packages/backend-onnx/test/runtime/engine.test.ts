import { multilayerPerceptron } from '@edjm/network';
import { env } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { importInNode } from '../../src/runtime/importInNode.ts';
import { importError } from '../../src/runtime/importError.ts';
import { onnxBackend, probeEngines, type OnnxBackendOptions } from '../../src/index.ts';

const source = multilayerPerceptron({ dIn: 3, hidden: [4], dOut: 2, seed: 1 });
const batch = { rows: 1, columns: 3, data: Float32Array.of(1, 2, 3) };
// Providers that do not load say so on standard error as well.
env.logLevel = 'fatal';
const statuses = await probeEngines();

async function outputs(options: OnnxBackendOptions): Promise<readonly number[]> {
  await using network = await onnxBackend(options).load(source);
  return Array.from((await network.forward(batch)).data);
}

describe('probeEngines', () => {
  it('finds both runtimes with a version, and a provider that needs nothing', () => {
    expect(statuses).toMatchObject([
      { name: 'onnxruntime-node', installed: true, providers: expect.arrayContaining(['cpu']) as string[] },
      { name: 'onnxruntime-web', installed: true, providers: ['wasm'], unavailable: [] },
    ]);
    for (const { version } of statuses) expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('a package that does not load', () => {
  const errorOf = (name: string) =>
    importInNode(name).then(
      () => undefined,
      (cause: unknown) => importError('onnxruntime-x', cause),
    );

  it('is to be installed if it is missing', async () => {
    expect(await errorOf('@edjm/no-such-package')).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: 'expected the package onnxruntime-x, got none. Install it: npm install onnxruntime-x',
    });
  });

  it('is to be installed again where it is broken', async () => {
    const broken = 'data:text/javascript,throw new Error("libx.so: cannot open")';
    expect(await errorOf(broken)).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/got: libx\.so: cannot open\. Install it again/) as string,
    });
  });
});

describe('threads', () => {
  it('are refused in numbers that no machine has', async () => {
    await expect(outputs({ threads: 100_000 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/expected a number of threads from 1 to 1024, got 100000/) as string,
    });
  });
});

describe('runtimes', () => {
  it('agree on the outputs of a network', async () => {
    const native = await outputs({});
    for (const options of [{ runtime: 'web' }, { executionProviders: ['wasm'] }] as const) {
      (await outputs(options)).forEach((value, index) => {
        expect(value).toBeCloseTo(native[index] ?? NaN, 5);
      });
    }
  });

  it('keep the threads that the web runtime was started with', async () => {
    await outputs({ runtime: 'web' });
    await expect(outputs({ runtime: 'web', threads: 7 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/expected \d threads, .* got 7/) as string,
    });
  });
});

describe('execution providers', () => {
  it.each([
    [
      'one that there is nowhere',
      { executionProviders: ['abacus'] },
      /"abacus" of onnxruntime-node.*It knows cpu/,
    ],
    ['one that is not there, also beside one that is', { executionProviders: ['abacus', 'cpu'] }, /"abacus"/],
    ['one with options', { executionProviders: [{ name: 'abacus' }] }, /"abacus"/],
    [
      'wasm in the node runtime',
      { runtime: 'node', executionProviders: ['wasm'] },
      /npm install onnxruntime-web/,
    ],
    [
      'webgpu of the web runtime in Node',
      { runtime: 'web', executionProviders: ['webgpu'] },
      /in browsers alone/,
    ],
  ] satisfies [string, OnnxBackendOptions, RegExp][])('refuses %s', async (...[, options, says]) => {
    await expect(outputs(options)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(says) as string,
    });
  });

  const unavailable = statuses[0]?.unavailable ?? [];
  it.skipIf(unavailable.length === 0)(
    `refuses those that do not work here, and says why (skipped where all work; here: ${unavailable.map(({ name }) => name).join(', ')})`,
    async () => {
      for (const { name, problem } of unavailable) {
        const remedy = problem.slice(problem.indexOf('. ') + 2);
        await expect(outputs({ executionProviders: [name] })).rejects.toMatchObject({
          code: 'ENGINE_UNAVAILABLE',
          message: expect.stringContaining(`"${name}"`) as string,
        });
        await expect(outputs({ executionProviders: [name] })).rejects.toThrow(remedy);
      }
    },
  );

  it('refuses an empty list', async () => {
    await expect(outputs({ executionProviders: [] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

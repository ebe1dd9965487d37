/** What runs in the page: it sets functions that the tests call. */
import { testBackend } from '@edjm/conformance';
import { EdjmError } from '@edjm/core';
import { onnxBackend, type OnnxBackendOptions, type OnnxSource } from '../../src/index.ts';
import { singularValues } from './singularValues.ts';

/**
 * Runs the conformance kit on the reference cases named, or on all; says of each test by its full name whether it passed,
 * and if not, why.
 */
async function conformance(
  options: OnnxBackendOptions,
  cases?: readonly string[],
): Promise<Record<string, string>> {
  const backend = onnxBackend(options);
  const groups: string[] = [];
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const it = (title: string, body: () => Promise<void>) => {
    tests.push({ name: [...groups, title].join(' > '), body });
  };
  const describe = (title: string, body: () => void) => {
    groups.push(title);
    body();
    groups.pop();
  };
  testBackend(
    { name: 'onnx', load: (network, loadOptions) => backend.load(network, loadOptions) },
    { describe, it: Object.assign(it, { skip: it }) },
  );
  const results: Record<string, string> = {};
  for (const { name, body } of tests) {
    if (cases?.some((known) => name.includes(`> ${known} >`)) === false) continue;
    results[name] = await body().then(
      () => 'passed',
      (error: unknown) => String(error),
    );
  }
  return results;
}

/** What loading a network is refused with. */
async function refusal(
  source: OnnxSource,
  options: OnnxBackendOptions,
): Promise<{ code: string; message: string }> {
  try {
    const network = await onnxBackend(options).load(source);
    await network.dispose();
  } catch (error) {
    if (EdjmError.is(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected an error');
}

/** Outputs of two networks at one sample each, computed side by side and one after the other. */
async function sideBySide(
  sources: readonly OnnxSource[],
  options: OnnxBackendOptions,
): Promise<{ together: number[][]; alone: number[][] }> {
  const backend = onnxBackend(options);
  const outputs = async (source: OnnxSource): Promise<number[]> => {
    await using network = await backend.load(source);
    const data = new Float32Array(network.inputSize).fill(0.5);
    return Array.from((await network.forward({ rows: 1, columns: network.inputSize, data })).data);
  };
  const together = await Promise.all(sources.map(outputs));
  const alone: number[][] = [];
  for (const source of sources) alone.push(await outputs(source));
  return { together, alone };
}

/** What of the machine the page sees. */
async function surroundings(): Promise<{ threads: boolean; webgpu: boolean }> {
  const { gpu } = Reflect.get(globalThis, 'navigator') as {
    gpu?: { requestAdapter: () => Promise<unknown> };
  };
  return {
    threads: typeof SharedArrayBuffer !== 'undefined',
    webgpu: ((await gpu?.requestAdapter()) ?? null) !== null,
  };
}

const functions = { conformance, refusal, sideBySide, singularValues, surroundings };
Object.assign(globalThis, functions);

/** What the page has in its global scope. */
export type PageFunctions = typeof functions;

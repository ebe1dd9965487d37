/** What runs in the page: it sets functions that the tests call. */
import { testBackend } from '@edjm/conformance';
import { EdjmError } from '@edjm/core';
import { runTests } from '@edjm/testing/page';
import { onnxBackend, type OnnxBackendOptions, type OnnxSource } from '../../src/index.ts';
import { singularValues } from './singularValues.ts';

/** Runs the conformance kit. */
async function conformance(options: OnnxBackendOptions): Promise<Record<string, string>> {
  const backend = onnxBackend(options);
  const load = (...source: Parameters<typeof backend.load>) => backend.load(...source);
  return runTests((runner) => {
    testBackend({ name: 'onnx', load }, runner);
  });
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
    const data = new Float32Array(network.sampleSize).fill(0.5);
    return Array.from((await network.forward({ rows: 1, columns: network.sampleSize, data })).data);
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

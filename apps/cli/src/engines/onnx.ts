import { type FixedValue, onnxBackend } from '@edjm/backend-onnx';
import { EdjmError } from '@edjm/core';
import { readArray } from '@edjm/datasets';
import type { Engine } from './engine.ts';

/** ONNX Runtime: on its default provider, or on those named, the preferred one first, with a plus between them. */
export function onnxEngine(providers: string | undefined, threads: number | undefined): Engine | undefined {
  if (providers === '') return undefined;
  const name = providers === undefined ? 'onnx' : `onnx:${providers}`;
  const backend = onnxBackend({ threads, executionProviders: providers?.split('+') });
  return {
    name,
    reads: ['onnx', 'description'],
    takes: ['input', 'output', 'inputShape', 'batchAxis', 'fix', 'straightThrough'],
    load: async (source, { fix, outputKind, straightThrough, maxMemory, ...which }) => ({
      network: await backend.load(source, {
        outputKind,
        maxMemory,
        input: which.input,
        output: which.output,
        inputShape: which.inputShape,
        batchAxis: which.batchAxis,
        dataShape: which.dataShape,
        fixed: fix && (await fixedValues(fix)),
        straightThrough,
      }),
      engine: name,
      passedOver: [],
    }),
    loadTrainable: async (network) => ({
      network: await backend.loadTrainable(network),
      engine: name,
      passedOver: [],
    }),
  };
}

/** The values that `--fix` gives. */
async function fixedValues(
  fix: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, FixedValue>>> {
  const values: [string, FixedValue][] = [];
  for (const [name, text] of Object.entries(fix)) {
    const number = Number(text);
    values.push([name, Number.isFinite(number) ? number : await readFixed(name, text)]);
  }
  return Object.fromEntries(values);
}

async function readFixed(name: string, path: string): Promise<FixedValue> {
  return readArray(path).catch((error: unknown) => {
    if (EdjmError.is(error, 'AMBIGUOUS')) return readArray(path, { array: name });
    if (!EdjmError.is(error, 'NOT_FOUND')) throw error;
    throw new EdjmError(
      'NOT_FOUND',
      `--fix ${name}: expected a number, or a file that holds the value, got "${path}". Check the path.`,
      { cause: error },
    );
  });
}

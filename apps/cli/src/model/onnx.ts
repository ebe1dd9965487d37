import { onnxBackend, type FixedValue, type OnnxBackendOptions } from '@edjm/backend-onnx';
import { EdjmError, type DifferentiableNetwork } from '@edjm/core';
import { readArray } from '@edjm/datasets';
import type { Network } from '@edjm/network';
import type { RunOptions } from '../commandLine/runOptions.ts';

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
    if (!EdjmError.is(error, 'NOT_FOUND')) throw error;
    throw new EdjmError(
      'NOT_FOUND',
      `--fix ${name}: expected a number, or a file that holds the value, got "${path}". Check the path.`,
      { cause: error },
    );
  });
}

function engineOptions({ threads, provider }: RunOptions): OnnxBackendOptions {
  return {
    ...(threads !== undefined && { threads }),
    ...(provider !== undefined && { executionProviders: provider }),
  };
}

/** The function of an .onnx file, or of a network as data, that the options name. */
export async function loadOnnx(
  source: string | Network,
  options: RunOptions,
): Promise<DifferentiableNetwork> {
  const { input, output, inputShape, fix, outputKind, straightThrough } = options;
  return onnxBackend(engineOptions(options)).load(source, {
    outputKind,
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(inputShape !== undefined && { inputShape }),
    ...(fix !== undefined && { fixed: await fixedValues(fix) }),
    ...(straightThrough !== undefined && { straightThrough }),
  });
}

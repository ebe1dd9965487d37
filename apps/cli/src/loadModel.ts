import { open } from 'node:fs/promises';
import { EdjmError, type DifferentiableNetwork } from '@edjm/core';
import { loadOnnx } from './backends/onnx.ts';
import { loadTfjs } from './backends/tfjs.ts';
import type { BackendName, RunOptions } from './options.ts';

const loaders: Readonly<
  Record<BackendName, (path: string, options: RunOptions) => Promise<DifferentiableNetwork>>
> = { onnx: loadOnnx, tfjs: loadTfjs };

/** Options that one backend alone has. */
const ownOptions: Readonly<Record<BackendName, readonly (keyof RunOptions)[]>> = {
  onnx: ['input', 'fix', 'provider', 'straightThrough'],
  tfjs: ['tfjsEngine'],
};

/** The function of a model file that the options name. */
export async function loadModel(path: string, options: RunOptions): Promise<DifferentiableNetwork> {
  if (options.jacobianOf === 'raw' && options.input !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      'expected the Jacobian of what the network is fed where --input names a tensor, got --jacobian-of raw. Leave one of the two out.',
    );
  }
  const backend = options.backend ?? (await backendOf(path));
  const other = backend === 'onnx' ? 'tfjs' : 'onnx';
  const foreign = ownOptions[other].find((name) => options[name] !== undefined);
  if (foreign !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${path}: expected options of the ${backend} backend, which runs it, got ${flag(foreign)} of the ${other} backend. Leave it out.`,
    );
  }
  return loaders[backend](path, options);
}

/** As it is written: `straightThrough` → `--straight-through`. */
function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** How a zip archive (.keras), HDF5 (.h5) and JSON (model.json) begin: ONNX files begin with none of them. */
const ofTfjs = /^(PK|\x89HDF|(\xef\xbb\xbf)?\s*\{)/;

/** The backend that reads a file, by how it begins. A file that cannot be read is left to the ONNX backend to refuse. */
async function backendOf(path: string): Promise<BackendName> {
  let file;
  try {
    file = await open(path);
  } catch {
    return 'onnx';
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return ofTfjs.test(buffer.toString('latin1', 0, bytesRead)) ? 'tfjs' : 'onnx';
  } finally {
    await file.close();
  }
}

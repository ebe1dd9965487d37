import { EdjmError, type DifferentiableNetwork } from '@edjm/core';
import type { Network } from '@edjm/network';
import { loadOnnx } from './onnx.ts';
import { loadTfjs } from './tfjs.ts';
import { beginning, isDescription, readTrained, weightsBeside } from './describedNetwork.ts';
import { fileHash } from './fileHash.ts';
import type { Shell } from '../commandLine/shell.ts';
import { type BackendName, backendNames, flag, type RunOptions } from '../commandLine/runOptions.ts';

const loaders: Readonly<
  Record<
    BackendName,
    (source: string | Network, options: RunOptions, shell: Shell) => Promise<DifferentiableNetwork>
  >
> = { onnx: loadOnnx, tfjs: loadTfjs };

/** Options that one backend alone has. */
const ownOptions: Readonly<Record<BackendName, readonly (keyof RunOptions)[]>> = {
  onnx: ['input', 'fix', 'provider', 'straightThrough'],
  tfjs: ['tfjsEngine'],
};

/** The function of a model file that the options name. */
export async function loadModel(
  path: string,
  options: RunOptions,
  shell: Shell,
): Promise<DifferentiableNetwork> {
  if (options.jacobianOf === 'raw' && options.input !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      'expected the Jacobian of what the network is fed where --input names a tensor, got --jacobian-of raw. Leave one of the two out.',
    );
  }
  const backend = await backendOf(path, options);
  return loaders[backend]((await isDescription(path)) ? await readTrained(path) : path, options, shell);
}

/** SHA-256 of a model's file, of a description and the weights beside it together. */
export async function modelHash(path: string): Promise<string> {
  return (await isDescription(path)) ? fileHash(path, weightsBeside(path)) : fileHash(path);
}

/** Makes sure that every option that one backend alone has is for one of the models. */
export async function checkBackends(paths: readonly string[], options: RunOptions): Promise<void> {
  const used = new Set<BackendName>();
  for (const path of paths) used.add(await backendOf(path, options));
  for (const backend of backendNames) {
    const foreign = ownOptions[backend].find((name) => options[name] !== undefined);
    if (foreign === undefined || used.has(backend)) continue;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${paths.join(', ')}: expected options of the ${[...used].join(', ')} backend, which runs it, got ${flag(foreign)} of the ${backend} backend. Leave it out.`,
    );
  }
}

/** How a zip archive (.keras), HDF5 (.h5) and JSON (model.json) begin: ONNX files begin with none of them. */
const beginsAsTfjs = /^(PK|\x89HDF|(\xef\xbb\xbf)?\s*\{)/;

/** The backend that reads a file, by how it begins, or by its name where it cannot be read. */
async function backendOf(path: string, { backend }: RunOptions): Promise<BackendName> {
  if (/^(https?|ftp):/i.test(path)) {
    throw new EdjmError('INVALID_ARGUMENT', `${path}: expected a file, got a URL. Download the model first.`);
  }
  if (backend !== undefined) return backend;
  if (await isDescription(path)) return 'onnx';
  if (/\.(json|keras|h5|hdf5)$/i.test(path)) return 'tfjs';
  try {
    return beginsAsTfjs.test(await beginning(path)) ? 'tfjs' : 'onnx';
  } catch {
    // The backend says why it cannot be read.
    return 'onnx';
  }
}

import { EdjmError, type DifferentiableNetwork } from '@edjm/core';
import { openFile, type OpenFile, readStart, sha256 } from '@edjm/files';
import { isDescription, type Network, openNetwork, weightsBeside } from '@edjm/network';
import { loadOnnx } from './onnx.ts';
import { loadTfjs } from './tfjs.ts';
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
  const file = await openModel(path);
  return loaders[backend]((await isDescription(file)) ? await openNetwork(path) : path, options, shell);
}

/** SHA-256 of a model's file, of a description and the weights beside it together. */
export async function modelHash(path: string): Promise<string> {
  const file = await openModel(path);
  return sha256((await isDescription(file)) ? [file, await openFile(weightsBeside(path))] : [file]);
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

/** The backend that reads a file, by how it begins, or by its name. */
async function backendOf(path: string, { backend }: RunOptions): Promise<BackendName> {
  if (/^(https?|ftp):/i.test(path)) {
    throw new EdjmError('INVALID_ARGUMENT', `${path}: expected a file, got a URL. Download the model first.`);
  }
  if (backend !== undefined) return backend;
  const file = await openModel(path);
  if (await isDescription(file)) return 'onnx';
  if (/\.(json|keras|h5|hdf5)$/i.test(path)) return 'tfjs';
  return beginsAsTfjs.test(String.fromCharCode(...(await readStart(file, 64)))) ? 'tfjs' : 'onnx';
}

function openModel(path: string): Promise<OpenFile> {
  return openFile(path, { expected: 'a model' });
}

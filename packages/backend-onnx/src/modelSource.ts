import { readModel, type Graph } from '@edjm/onnx-autodiff';
import { inNode } from './environment.ts';
import { readModelFile } from './fileSource.ts';
import { readModelUrl } from './urlSource.ts';

/** A model, and a short name for it. */
export interface NamedModel {
  readonly name: string;
  readonly model: Graph;
}

/** Addresses that are fetched wherever this runs. A drive of Windows is no scheme. */
const FETCHED = /^(https?|blob|data):/i;

/** Reads a model from its bytes, a file or a URL: a string without a scheme is a path in Node and a URL in browsers. */
export async function readModelSource(source: string | URL | Uint8Array): Promise<NamedModel> {
  if (source instanceof Uint8Array) return { name: 'the model', model: readModel(source) };
  const isFile = source instanceof URL ? source.protocol === 'file:' : !FETCHED.test(source);
  return inNode() && isFile ? readModelFile(source) : readModelUrl(String(source));
}

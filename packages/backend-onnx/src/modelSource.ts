import { EdjmError } from '@edjm/core';
import { openFile, type OpenFile } from '@edjm/files';
import { type ExternalData, type Graph, readModel } from '@edjm/onnx-autodiff';

/** A model, and a short name for it. */
export interface NamedModel {
  readonly name: string;
  readonly model: Graph;
}

/** The weights of one tensor may have so many bytes: more do not fit into the memory of WebAssembly. */
const MOST_BYTES = 2 ** 32;

/** Reads a model from its bytes, a file or a URL, with the weights that lie beside it. */
export async function readModelSource(source: string | URL | Uint8Array): Promise<NamedModel> {
  const file = await openFile(source, { expected: 'an .onnx file', name: 'the model' });
  const { name, location } = file;
  const bytes = await file.bytes();
  if (source instanceof Uint8Array) return { name, model: readModel(bytes, { name }) };
  const { model, needed } = readWithoutWeights(bytes, location);
  if (needed.size === 0) return { name, model };
  const weights = await readWeights(file, needed);
  return {
    name,
    model: readModel(bytes, {
      name: location,
      readExternal: (data) => weights.get(keyOf(data)) ?? new Uint8Array(),
    }),
  };
}

/**
 * The files beside a model that hold its weights, by the names that the model gives them, in the order of their first use; none if its weights are inside.
 *
 * @throws EdjmError as `load` of the backend, for a file that is no model.
 *
 * @example
 * ```ts
 * import { weightFiles } from '@edjm/backend-onnx';
 *
 * console.log(await weightFiles('model.onnx')); // [ 'model.onnx.data' ], say
 * ```
 */
export async function weightFiles(source: string | URL): Promise<readonly string[]> {
  const file = await openFile(source, { expected: 'an .onnx file', name: 'the model' });
  const { needed } = readWithoutWeights(await file.bytes(), file.location);
  return [...new Set([...needed.values()].map(({ location }) => location))];
}

/**
 * Opening files is asynchronous, and reading a model is not. So a model is read once, with zeros for weights, to learn which it needs.
 */
function readWithoutWeights(
  bytes: Uint8Array,
  location: string,
): { readonly model: Graph; readonly needed: ReadonlyMap<string, ExternalData> } {
  const needed = new Map<string, ExternalData>();
  let zeros = new Uint8Array();
  const model = readModel(bytes, {
    name: location,
    readExternal: (data) => {
      checkLength(location, data);
      needed.set(keyOf(data), data);
      if (zeros.length < data.length) zeros = new Uint8Array(data.length);
      return zeros.subarray(0, data.length);
    },
  });
  return { model, needed };
}

/** The weights in every place that a model names, each file opened once. */
async function readWeights(
  model: OpenFile,
  needed: ReadonlyMap<string, ExternalData>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, OpenFile>();
  const weights = new Map<string, Uint8Array>();
  for (const [key, { location, offset, length }] of needed) {
    const file =
      files.get(location) ?? (await model.beside(location, { expected: `the weights of ${model.location}` }));
    files.set(location, file);
    weights.set(key, await file.range(offset, length));
  }
  return weights;
}

function keyOf({ location, offset, length }: ExternalData): string {
  return JSON.stringify([location, offset, length]);
}

function checkLength(model: string, { location, length }: ExternalData): void {
  if (length <= MOST_BYTES) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${model}: expected at most ${MOST_BYTES} bytes of weights for one tensor, got ${length} in "${location}". Split the tensor.`,
  );
}

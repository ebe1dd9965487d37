import type { io } from '@tensorflow/tfjs';
import { readArchive, ZIP_MAGIC } from './weights/archive.ts';
import { archiveWeights } from './weights/archiveWeights.ts';
import { HDF5_MAGIC, withHdf5, type Hdf5File } from './weights/hdf5File.ts';
import { field, isObject, parseJson, shown, type Json, type JsonObject } from './json.ts';
import { legacyWeights } from './weights/legacyWeights.ts';
import { weightArtifacts, type NamedArray } from './weights/namedArray.ts';
import { invalidFile, unsupportedFile } from './refusal.ts';
import { translateTopology, type TranslatedModel } from './topology/topology.ts';

/**
 * Reads a file that Keras saved a whole model to, .keras or .h5, as the artifacts of a layers model of
 * TensorFlow.js. The first bytes tell the two apart.
 *
 * Layers come out as TensorFlow.js has to build them to compute the same outside of training; weights in float32,
 * rounded from float64 or widened from float16.
 *
 * @param bytes - The whole file.
 * @param name - The file, as messages name it.
 * @throws EdjmError `INVALID_FILE` for a damaged file, or one of weights alone; `UNSUPPORTED` for layers that
 * TensorFlow.js lacks or computes otherwise, naming the layer.
 */
export async function readKerasFile(bytes: Uint8Array, name: string): Promise<io.ModelArtifacts> {
  if (startsWith(bytes, HDF5_MAGIC)) return withHdf5(bytes, name, (file) => legacyModel(file, name));
  if (startsWith(bytes, ZIP_MAGIC)) return archivedModel(bytes, name);
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw invalidFile(name, {
    expected: 'a .keras or .h5 file of Keras',
    got: bytes.length === 0 ? 'no bytes at all' : `one that begins with ${start}`,
  });
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

async function archivedModel(bytes: Uint8Array, name: string): Promise<io.ModelArtifacts> {
  const { config, metadata, weights } = await readArchive(bytes, name);
  const version = versionIn(metadata === undefined ? undefined : parseJson(metadata));
  const model = translateTopology(description(config, 'config.json', name), { file: name, version });
  const arrays = await withHdf5(weights, name, (file) => archiveWeights(file, model.weights, name));
  return artifacts(model, arrays);
}

function versionIn(metadata: Json | undefined): Json | undefined {
  return isObject(metadata) ? field(metadata, 'keras_version') : undefined;
}

function legacyModel(file: Hdf5File, name: string): io.ModelArtifacts {
  const config = file.text('', 'model_config');
  if (config === undefined) {
    throw invalidFile(name, {
      expected: 'a whole model, with the attribute model_config',
      got: file.keys('').length > 0 ? 'weights alone' : 'an HDF5 file without any',
      todo: 'Save the model itself: model.save("model.keras").',
    });
  }
  const version = file.text('', 'keras_version');
  if (version?.startsWith('1.') === true) {
    throw unsupportedFile(name, {
      expected: 'a model of Keras 2 or later',
      got: `one of Keras ${version}`,
      todo: 'Load it with Keras 2 and save it again.',
    });
  }
  if (file.text('', 'backend') === 'theano') {
    throw unsupportedFile(name, {
      expected: 'kernels as TensorFlow has them',
      got: 'those of Theano, which are turned round',
      todo: 'Load it with Keras 2 on TensorFlow and save it again.',
    });
  }
  const model = translateTopology(description(config, 'model_config', name), { file: name, version });
  return artifacts(model, legacyWeights(file, model.weights, name));
}

function description(text: string, part: string, name: string): JsonObject {
  const json = parseJson(text);
  if (isObject(json)) return json;
  throw invalidFile(name, {
    expected: `a JSON object as ${part}`,
    got: json === undefined ? 'text that is no JSON' : shown(json),
  });
}

function artifacts({ topology }: TranslatedModel, arrays: readonly NamedArray[]): io.ModelArtifacts {
  return { format: 'layers-model', modelTopology: topology, ...weightArtifacts(arrays) };
}

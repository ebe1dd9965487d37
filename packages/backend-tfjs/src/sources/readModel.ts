import { EdjmError } from '@edjm/core';
import { openFile } from '@edjm/files';
import type { GraphModel, io, LayersModel } from '@tensorflow/tfjs';
import { type Engine, whileActive } from '../engines/engine.ts';
import { reasonOf } from '../engines/importing.ts';
import { loadRefusal, readKerasFile, registerKerasLayers, toKeras2Artifacts } from '../keras/index.ts';
import { readModelJson } from './modelJson.ts';

/** A model that was read, and a short name for it. */
interface NamedModel {
  readonly name: string;
  readonly model: LayersModel | GraphModel;
}

/** First bytes of zip archives (.keras) and of HDF5 (.h5): names are not trusted. */
const KERAS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x89, 0x48, 0x44, 0x46],
];

/** What a file says of a model, and a short name for it. */
interface NamedArtifacts {
  readonly name: string;
  readonly artifacts: io.ModelArtifacts;
}

/** Reads a model from a file, a URL, or the bytes of a Keras file. */
export async function readModel(engine: Engine, source: string | URL | Uint8Array): Promise<NamedModel> {
  const { name, artifacts } = await readArtifacts(source);
  return { name, model: await build(engine, name, artifacts) };
}

/** Reads what such a file holds, without an engine. */
export async function readArtifacts(source: string | URL | Uint8Array): Promise<NamedArtifacts> {
  const file = await openFile(source, { expected: 'a model.json, .keras or .h5 file', name: 'the model' });
  const { name } = file;
  const bytes = await file.bytes();
  const isKeras = KERAS.some((magic) => magic.every((byte, i) => bytes[i] === byte));
  return { name, artifacts: isKeras ? await readKerasFile(bytes, name) : await readModelJson(file, bytes) };
}

/** Builds the model, with its weights in the engine. */
async function build(
  engine: Engine,
  name: string,
  artifacts: io.ModelArtifacts,
): Promise<LayersModel | GraphModel> {
  const { tf } = engine;
  if (isGraphModel(artifacts)) {
    const load = async () => tf.loadGraphModel(tf.io.fromMemory(artifacts));
    return whileActive(engine, load).catch((cause: unknown) => {
      throw graphRefusal(name, cause);
    });
  }
  const handler = tf.io.fromMemory(toKeras2Artifacts(artifacts, name));
  registerKerasLayers(tf);
  return whileActive(engine, async () => tf.loadLayersModel(handler)).catch((cause: unknown) => {
    throw loadRefusal(cause, name);
  });
}

/** Whether a model is one of nodes, not of layers. */
export function isGraphModel({ format, modelTopology = {} }: io.ModelArtifacts): boolean {
  return format === 'graph-model' || 'node' in modelTopology;
}

function graphRefusal(name: string, cause: unknown): EdjmError {
  const reason = reasonOf(cause);
  const isUnsupported = /not supported|unknown op|not implemented/i.test(reason);
  return new EdjmError(
    isUnsupported ? 'UNSUPPORTED' : 'INVALID_FILE',
    `${name}: expected a graph model that TensorFlow.js can build, got: ${reason}. ${
      isUnsupported ? 'Export the model to ONNX instead.' : 'It may be damaged.'
    }`,
    { cause },
  );
}

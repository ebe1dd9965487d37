import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { EdjmError } from '@edjm/core';
import * as tf from '@tensorflow/tfjs';
import * as h5wasm from 'h5wasm';
import { readKerasFile } from '../../src/keras/index.ts';

/** A file of the folder fixtures, unpacked where it is gzipped. */
export function fixture(name: string): Uint8Array {
  const bytes = readFileSync(join(import.meta.dirname, 'fixtures', name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** What TensorFlow.js computes with a Keras file, all weights being found: all values of all outputs. */
export async function computed(
  bytes: Uint8Array,
  inputs: readonly (readonly number[])[],
  { shape, name = 'model' }: { readonly shape: readonly number[]; readonly name?: string },
): Promise<readonly number[][]> {
  return outputsOf(await readKerasFile(bytes, name), inputs, shape);
}

/** What a model computes on samples. */
export async function outputsOf(
  artifacts: tf.io.ModelArtifacts,
  inputs: readonly (readonly number[])[],
  shape: readonly number[],
): Promise<readonly number[][]> {
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  const values = tf.tidy(() => {
    const outputs = model.predict(tf.tensor(inputs.flat(), [inputs.length, ...shape]));
    return [outputs].flat().map((output) => Array.from(output.dataSync()));
  });
  model.dispose();
  return values;
}

/** The weights that TensorFlow.js would get, by name. */
export async function weightsOf(bytes: Uint8Array): Promise<Readonly<Record<string, number[]>>> {
  const { weightSpecs = [], weightData } = await readKerasFile(bytes, 'model');
  const values = Array.from(new Float32Array(weightData as ArrayBuffer));
  let start = 0;
  return Object.fromEntries(
    weightSpecs.map(({ name, shape }) => {
      const size = counting(shape).length;
      start += size;
      return [name, values.slice(start - size, start)];
    }),
  );
}

/** A member of a zip archive. */
export interface Member {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly password?: string;
}

export async function zip(members: readonly Member[]): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const { name, content, password } of members) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    await writer.add(name, new Uint8ArrayReader(bytes), password === undefined ? {} : { password });
  }
  return writer.close();
}

/** A .keras archive of a config and weights. */
export function archive(config: unknown, weights: Uint8Array, version = '3.15.1'): Promise<Uint8Array> {
  return zip([
    { name: 'metadata.json', content: JSON.stringify({ keras_version: version }) },
    { name: 'config.json', content: typeof config === 'string' ? config : JSON.stringify(config) },
    { name: 'model.weights.h5', content: weights },
  ]);
}

let written = 0;

/** The bytes of an HDF5 file. */
export async function hdf5(write: (file: h5wasm.File) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const path = `/test-${written++}.h5`;
  const file = new h5wasm.File(path, 'w');
  write(file);
  file.close();
  const bytes = FS.readFile(path);
  FS.unlink(path);
  return bytes;
}

/** Writes an array, and the groups that lead to it. */
export function put(
  file: h5wasm.File,
  path: string,
  { shape, data = counting(shape), dtype = '<f4' }: { shape: number[]; data?: number[]; dtype?: string },
): void {
  const parts = path.split('/');
  parts.slice(0, -1).forEach((_, index) => {
    const group = parts.slice(0, index + 1).join('/');
    if (file.get(group) === null) file.create_group(group);
  });
  const values = dtype === '<f8' ? Float64Array.from(data) : Float32Array.from(data);
  file.create_dataset({ name: path, data: dtype === '<i4' ? Int32Array.from(data) : values, shape, dtype });
}

/** 1, 2, 3, … */
export function counting(shape: readonly number[]): number[] {
  return Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => index + 1);
}

/** A Sequential as Keras 3 writes it, with an input of the given shape. */
export function sequential(shape: readonly (number | null)[], ...layers: readonly object[]): object {
  const input = {
    class_name: 'InputLayer',
    config: { name: 'in', batch_shape: [null, ...shape], dtype: 'float32' },
  };
  return { class_name: 'Sequential', config: { name: 'model', layers: [input, ...layers] } };
}

/** A layer as Keras writes it, named after its class in lower case. */
export function layer(className: string, config: object = {}): object {
  return { class_name: className, config: { name: className.toLowerCase(), ...config } };
}

/** A dense layer of two units. */
export const dense: object = layer('Dense', { units: 2 });

/** An output of a layer of three values, as Keras 3 names it. */
export function tensor(name: string, call = 0): object {
  const config = { shape: [null, 3], dtype: 'float32', keras_history: [name, call, 0] };
  return { class_name: '__keras_tensor__', config };
}

/** A layer of a graph, as Keras 3 writes its calls. */
export function called(described: object, ...args: readonly unknown[]): object {
  return { ...described, inbound_nodes: [{ args, kwargs: { training: false, mask: null } }] };
}

/** A model of layers that are called on one another, with an input 'in' of three values. */
export function functional(layers: readonly object[], output: unknown = ['dense', 0, 0]): object {
  const input = {
    ...layer('InputLayer', { name: 'in', batch_shape: [null, 3], dtype: 'float32' }),
    inbound_nodes: [],
  };
  const config = {
    name: 'graph',
    layers: [input, ...layers],
    input_layers: ['in', 0, 0],
    output_layers: output,
  };
  return { class_name: 'Functional', config };
}

/** A layer as Keras writes it, of a name of its own. */
export function named(className: string, name: string, config: object = {}): object {
  return layer(className, { name, ...config });
}

/** The code and the message of what is refused. */
export async function refusal(work: () => unknown): Promise<{ code: string; message: string }> {
  try {
    await work();
  } catch (error) {
    if (!EdjmError.is(error)) throw error;
    return { code: error.code, message: error.message };
  }
  return { code: 'none', message: 'no error' };
}

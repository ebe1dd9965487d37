import type { ModelInspection, ModelOperator, ModelTensor, NamedTensor } from '@edjm/core';
import { valueCount } from '@edjm/network';
import type { io } from '@tensorflow/tfjs';
import { toKeras2Topology } from '../keras/index.ts';
import { field, isArray, isObject, type Json, type JsonObject } from '../keras/json.ts';
import { isGraphModel, readArtifacts } from './readModel.ts';

/** Bytes of one number of a weight in the engine. */
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Describes a model.json of TensorFlow.js or a file of Keras, without an engine: inputs, outputs, the layers or nodes that can be chosen as the output, and
 * parameters. Which derivatives there are, and the head, only an engine can tell.
 *
 * @throws EdjmError `NOT_FOUND`, `INVALID_FILE`; `UNSUPPORTED` for layers that TensorFlow.js lacks.
 *
 * @example
 * ```ts
 * import { inspectTfjs } from '@edjm/backend-tfjs';
 *
 * const { tensors, parameters } = await inspectTfjs('model.keras');
 * console.log(tensors.map(({ name }) => name), parameters.count);
 * ```
 */
export async function inspectTfjs(source: string | URL | Uint8Array): Promise<ModelInspection> {
  const { name, artifacts } = await readArtifacts(source);
  const counts = (artifacts.weightSpecs ?? []).map(({ shape }) => valueCount(shape));
  const count = counts.reduce((sum, one) => sum + one, 0);
  const parameters = { tensors: counts.length, count, bytes: count * BYTES };
  return { name, ...(isGraphModel(artifacts) ? ofNodes(artifacts) : ofLayers(artifacts, name)), parameters };
}

type Parts = Pick<ModelInspection, 'inputs' | 'outputs' | 'tensors' | 'operators'>;

function ofLayers({ modelTopology }: io.ModelArtifacts, name: string): Parts {
  const model = objectOf(toKeras2Topology(modelTopology, name) as Json);
  const { config } = objectOf(field(model, 'model_config') ?? model);
  const layers = objectsIn(isArray(config) ? config : field(objectOf(config), 'layers'));
  const named = layers.map((layer) => {
    const own = objectOf(field(layer, 'config'));
    return {
      name: textOf(field(own, 'name') ?? field(layer, 'name')),
      type: textOf(field(layer, 'class_name')),
      shape: shapeOf(field(own, 'batch_input_shape')),
      elementType: textOf(field(own, 'dtype') ?? 'float32'),
    };
  });
  const ends = (key: string, otherwise: readonly string[]) => {
    const refs = isArray(config) ? undefined : field(objectOf(config), key);
    const names = isArray(refs) ? refs.map((ref) => textOf(isArray(ref) ? ref[0] : ref)) : [];
    return names.length > 0 ? names : otherwise;
  };
  const tensorOf = (wanted: string): ModelTensor => {
    const layer = named.find((one) => one.name === wanted);
    return { name: wanted, elementType: layer?.elementType, shape: layer?.shape };
  };
  const outputs = ends(
    'output_layers',
    named.slice(-1).map((layer) => layer.name),
  );
  return {
    inputs: ends(
      'input_layers',
      named.slice(0, 1).map((layer) => layer.name),
    ).map(tensorOf),
    outputs: outputs.map((output) => ({ name: output })),
    tensors: named
      .filter((layer) => layer.type !== 'InputLayer' && !outputs.includes(layer.name))
      .map((layer) => hidden(layer.name)),
    operators: counted(named.map(({ type }) => type)),
  };
}

function ofNodes({ modelTopology, signature }: io.ModelArtifacts): Parts {
  const nodes = objectsIn(field(objectOf(modelTopology as Json), 'node')).map((node) => ({
    name: textOf(field(node, 'name')),
    type: textOf(field(node, 'op')),
  }));
  const ends = (key: 'inputs' | 'outputs') =>
    Object.values(objectOf(field(objectOf((signature ?? {}) as Json), key))).map(signatureTensor);
  const inputs = ends('inputs');
  const outputs = ends('outputs');
  const given = new Set([...inputs, ...outputs].map(({ name }) => name.split(':')[0]));
  return {
    inputs:
      inputs.length > 0
        ? inputs
        : nodes.filter(({ type }) => type === 'Placeholder').map(({ name }) => ({ name })),
    outputs,
    tensors: nodes
      .filter(({ name, type }) => type !== 'Const' && type !== 'Placeholder' && !given.has(name))
      .map(({ name }) => hidden(name)),
    operators: counted(nodes.map(({ type }) => type)),
  };
}

function signatureTensor(value: Json): ModelTensor {
  const tensor = objectOf(value);
  const sizes = objectsIn(field(objectOf(field(tensor, 'tensorShape')), 'dim')).map((dim) =>
    Number(field(dim, 'size')),
  );
  return {
    name: textOf(field(tensor, 'name')),
    ...(sizes.length > 0 && { shape: sizes.map((size) => (size >= 0 ? size : null)) }),
  };
}

/** A layer or node that can be chosen as the output. */
function hidden(name: string): NamedTensor {
  return { name, asInput: false, asOutput: true };
}

function counted(names: readonly string[]): readonly ModelOperator[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([a, many], [b, few]) => few - many || a.localeCompare(b))
    .map(([name, count]) => ({ name, count }));
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter((item) => isObject(item)) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function shapeOf(value: Json | undefined): readonly (number | null)[] | undefined {
  return isArray(value) ? value.map((size) => (typeof size === 'number' ? size : null)) : undefined;
}

import { field, isArray, isObject, shown, type Json, type JsonObject } from '../json.ts';
import { LayerFields, type KnownOfLayer, type Shape } from './layerFields.ts';
import type { LayerArray, LayerWeights } from '../weights/layerWeights.ts';
import { invalidLayer, unsupportedLayer, type LayerIdentity } from '../refusal.ts';
import { ruleFor } from '../rules/index.ts';
import type { TfjsLayer } from '../rules/rule.ts';

/** One layer of a model, as the file describes it. */
export interface LayerEntry extends KnownOfLayer {
  readonly identity: LayerIdentity;
  /** Other fields of the file: registered_name, build_config, inbound_nodes. */
  readonly entry: JsonObject;
  readonly config: JsonObject;
}

/** A layer as TensorFlow.js builds it, and the weights that it needs. */
export interface TranslatedLayer {
  readonly className: string;
  /** Without the layer's name. */
  readonly config: JsonObject;
  readonly weights: LayerWeights;
}

/** Classes that TensorFlow.js has too, and computes otherwise or not at all as a part of models. */
const differing: ReadonlySet<string> = new Set([
  'CategoryEncoding',
  'CenterCrop',
  'ConvLSTM2D',
  'ConvLSTM2DCell',
  'GRUCell',
  'LSTMCell',
  'Masking',
  'RNN',
  'RandomWidth',
  'Resizing',
  'SimpleRNNCell',
  'StackedRNNCells',
]);

/** Modules of Keras itself: classes of the same name from elsewhere are other classes. */
const KERAS_MODULE = /^(keras|tf_keras|tensorflow\.(python\.)?keras)(\.|$)/;

/** Translates a layer that holds no other layers; `tfjsName` is what its weights are to be called after. */
export function translateSimpleLayer(layer: LayerEntry, tfjsName: string): TranslatedLayer {
  const { identity, config } = layer;
  const translated = identity.className === 'InputLayer' ? inputLayer(layer) : byRule(layer);
  return {
    className: translated.className ?? identity.className,
    config: { ...translated.config, ...ownInput(layer) },
    weights: {
      name: identity.name,
      className: identity.className,
      isTrained: field(config, 'trainable') !== false,
      arrays: namedArrays(translated.arrays ?? [], tfjsName),
      holder: translated.holder ?? '',
      wrapped: [],
      layers: [],
    },
  };
}

/** The arrays of a layer, under the names by which TensorFlow.js looks for them. */
function namedArrays(arrays: readonly LayerArray[], tfjsName: string): LayerWeights['arrays'] {
  return arrays.map((array) => ({ ...array, tfjsName: `${tfjsName}/${array.name}` }));
}

function byRule(layer: LayerEntry): TfjsLayer {
  const { identity, config } = layer;
  const rule = ruleFor(identity.className);
  if (rule === undefined) throw unsupportedLayer(identity, `the class ${identity.className}`);
  refuseDtype(identity, field(config, 'dtype'));
  const fields = new LayerFields(identity, config, layer);
  const translated = rule(fields);
  fields.finish();
  return translated;
}

/** Whether TensorFlow.js may have a class from elsewhere: the class is neither covered nor refused for a reason. */
export function isForeignClass({ className }: LayerIdentity): boolean {
  return ruleFor(className) === undefined && !differing.has(className);
}

/**
 * Refuses layers that hold code, operations that are no layers, and classes of other packages, unless `keepsForeign`
 * leaves these to TensorFlow.js.
 */
export function refuseForeign({ identity, entry }: LayerEntry, keepsForeign: boolean = false): void {
  if (identity.className === 'Lambda') throw unsupportedLayer(identity, 'code');
  const module = field(entry, 'module');
  if (typeof module === 'string' && /\.ops(\.|$)/.test(module)) {
    throw unsupportedLayer(identity, 'an operation that is no layer');
  }
  if (keepsForeign && isForeignClass(identity)) return;
  const registered = field(entry, 'registered_name');
  if (typeof registered === 'string' && registered.includes('>')) {
    throw unsupportedLayer(identity, `the class ${registered}, which is not Keras's own,`);
  }
  if (typeof module === 'string' && !KERAS_MODULE.test(module)) {
    throw unsupportedLayer(identity, `a class of ${module}, which is not Keras's own,`);
  }
}

/** Refuses what is computed with quantized weights, or with two precisions at once. */
function refuseDtype(identity: LayerIdentity, dtype: Json | undefined): void {
  const name = dtypeName(dtype);
  if (name === undefined || name === 'float32' || name === 'float64' || name === 'float16') return;
  throw unsupportedLayer(identity, `the dtype ${name}`);
}

function dtypeName(dtype: Json | undefined): string | undefined {
  if (dtype === undefined || typeof dtype === 'string') return dtype;
  const config = isObject(dtype) ? field(dtype, 'config') : undefined;
  const name = isObject(config) ? field(config, 'name') : undefined;
  return typeof name === 'string' ? name : shown(dtype);
}

/** The form in which TensorFlow.js holds the input. */
const inputDtypes: Readonly<Record<string, string>> = {
  bool: 'bool',
  float16: 'float32',
  float32: 'float32',
  float64: 'float32',
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'int32',
  uint8: 'int32',
  uint16: 'int32',
};

function inputLayer({ identity, config }: LayerEntry): TfjsLayer {
  const value = field(config, 'batch_shape') ?? field(config, 'batch_input_shape');
  const shape = shapeOf(value);
  if (shape === undefined) throw invalidLayer(identity, { expected: 'a shape', got: shown(value) });
  for (const key of ['sparse', 'ragged']) {
    if (field(config, key) === true) throw unsupportedLayer(identity, `${key} data`);
  }
  return {
    config: { batch_input_shape: anyBatch(shape), dtype: inputDtype(identity, field(config, 'dtype')) },
  };
}

/** The input shape, which Keras 2 notes in the first layer of a Sequential instead of in a layer of its own. */
export function ownInput({ identity, config }: LayerEntry): JsonObject {
  if (identity.className === 'InputLayer') return {};
  const value = field(config, 'batch_input_shape') ?? field(config, 'batch_shape');
  if (value === undefined) return {};
  const shape = shapeOf(value);
  if (shape === undefined) throw invalidLayer(identity, { expected: 'a shape', got: shown(value) });
  return { batch_input_shape: anyBatch(shape), dtype: inputDtype(identity, field(config, 'dtype')) };
}

/** Keras notes how many samples it was built with, and takes any number of them; TensorFlow.js would not. */
export function anyBatch(shape: Shape): Shape {
  return shape.map((size, axis) => (axis === 0 ? null : size));
}

function inputDtype(identity: LayerIdentity, dtype: Json | undefined): string {
  const name = dtypeName(dtype) ?? 'float32';
  const known = Object.hasOwn(inputDtypes, name) ? inputDtypes[name] : undefined;
  if (known === undefined) throw unsupportedLayer(identity, `the dtype ${name}`);
  return known;
}

/** A shape out of JSON; `undefined` for anything else. */
export function shapeOf(value: Json | undefined): Shape | undefined {
  return isArray(value) && value.every(isSize) ? value : undefined;
}

function isSize(value: Json): value is number | null {
  return value === null || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);
}

/** The shape of the input that a layer was built for, as Keras 3 notes it, or that of its own input. */
export function inputShapeOf(entry: JsonObject, config: JsonObject): Shape | undefined {
  const build = field(entry, 'build_config');
  const built = isObject(build) ? shapeOf(field(build, 'input_shape')) : undefined;
  return built ?? shapeOf(field(config, 'batch_input_shape') ?? field(config, 'batch_shape'));
}

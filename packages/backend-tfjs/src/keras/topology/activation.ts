import { ownActivations, ownName } from '../layers/activations.ts';
import { field, isObject, shown, type Json } from '../json.ts';
import type { Origin } from './origin.ts';
import { unsupportedLayer, type LayerIdentity } from '../refusal.ts';

/** Keras's activations that TensorFlow.js computes alike, and what its own JSON calls them. */
const activations: Readonly<Record<string, string>> = {
  elu: 'elu',
  linear: 'linear',
  log_softmax: 'log_softmax',
  mish: 'mish',
  relu: 'relu',
  relu6: 'relu6',
  selu: 'selu',
  sigmoid: 'sigmoid',
  silu: 'swish',
  softmax: 'softmax',
  softplus: 'softplus',
  softsign: 'softsign',
  swish: 'swish',
  tanh: 'tanh',
};

/**
 * TensorFlow.js's name of an activation, given as a name or as a serialized function.
 *
 * Keras 3 changed hard_sigmoid to relu6(x + 3) / 6, which this package computes; TensorFlow.js has that of Keras 2, clip(0.2 x + 0.5, 0, 1).
 */
export function activationName(value: Json, layer: LayerIdentity, origin: Origin): string {
  const name = functionName(value);
  if (name === 'hard_sigmoid' && origin !== 'keras-3') return name;
  const known = name !== undefined && Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (known !== undefined) return known;
  if (name !== undefined && Object.hasOwn(ownActivations, name)) return ownName(name);
  throw unsupportedLayer(layer, `the activation ${name === undefined ? shown(value) : `'${name}'`}`);
}

/** The name of a function, out of what Keras writes for it. */
function functionName(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  if (!isObject(value) || field(value, 'class_name') !== 'function') return undefined;
  const config = field(value, 'config');
  return typeof config === 'string' ? config : undefined;
}

import { field, isArray, isObject, type Json, type JsonObject } from '../json.ts';

/** The program that wrote a model: classes of the same name do not compute the same in all of them. */
export type Origin = 'tfjs' | 'keras-2' | 'keras-3';

/** Determines the writer of a model by the version that it names or, if it names none, by its form. */
export function originOf(model: JsonObject, version: Json | undefined): Origin {
  if (typeof version === 'string') {
    if (version.startsWith('tfjs')) return 'tfjs';
    const major = Number.parseInt(version, 10);
    if (!Number.isNaN(major)) return major >= 3 ? 'keras-3' : 'keras-2';
  }
  const config = field(model, 'config');
  const layers = isObject(config) ? field(config, 'layers') : config;
  return isArray(layers) && layers.some(isOfKeras3) ? 'keras-3' : 'keras-2';
}

function isOfKeras3(layer: Json): boolean {
  if (!isObject(layer)) return false;
  const config = field(layer, 'config');
  if (isObject(config)) {
    const dtype = field(config, 'dtype');
    if (field(config, 'batch_shape') !== undefined) return true;
    if (isObject(dtype) && field(dtype, 'class_name') === 'DTypePolicy') return true;
  }
  const nodes = field(layer, 'inbound_nodes');
  return isArray(nodes) && nodes.some((node) => isObject(node) && field(node, 'args') !== undefined);
}

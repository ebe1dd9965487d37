import { field, isObject, shown, type Json, type JsonObject } from '../json.ts';
import { LayerFields } from './layerFields.ts';
import {
  inputShapeOf,
  ownInput,
  refuseForeign,
  translateSimpleLayer,
  type LayerEntry,
  type TranslatedLayer,
} from './simpleLayer.ts';
import { invalidLayer, unsupportedLayer, type LayerIdentity } from '../refusal.ts';
import { ruleFor } from '../rules/index.ts';

/** Classes of layers that hold one other layer. */
export function isWrapper(className: string): boolean {
  return className === 'Bidirectional' || className === 'TimeDistributed';
}

/** Translates a wrapper and the layer in it; its weights are called after `tfjsName`. */
export function translateWrapper(wrapper: LayerEntry, tfjsName: string): TranslatedLayer {
  return wrapper.identity.className === 'Bidirectional'
    ? bidirectional(wrapper, tfjsName)
    : timeDistributed(wrapper, tfjsName);
}

function timeDistributed(wrapper: LayerEntry, tfjsName: string): TranslatedLayer {
  const fields = new LayerFields(wrapper.identity, wrapper.config, wrapper);
  const { name, layer } = inner(wrapper, { key: 'layer', value: fields.raw('layer'), tfjsName });
  fields.finish();
  return {
    className: 'TimeDistributed',
    config: { layer: serialized(layer, name), ...ownInput(wrapper) },
    weights: wrapping(wrapper, [{ attribute: 'layer', weights: layer.weights }]),
  };
}

/** Two recurrent layers, one of which reads backwards. TensorFlow.js makes the second out of the first. */
function bidirectional(wrapper: LayerEntry, tfjsName: string): TranslatedLayer {
  const { identity } = wrapper;
  const fields = new LayerFields(identity, wrapper.config, wrapper);
  const merge_mode = fields.choice('merge_mode', ['concat', 'sum', 'ave', 'mul'], 'concat');
  const value = fields.raw('layer');
  const name = innerName(value);
  const names = { forward: `${tfjsName}/forward_${name}`, backward: `${tfjsName}/backward_${name}` };
  const { layer: forward } = inner(wrapper, { key: 'layer', value, tfjsName: names.forward });
  const ownBackward = fields.raw('backward_layer');
  const { layer: backward } = inner(wrapper, {
    key: 'backward_layer',
    value: ownBackward ?? value,
    tfjsName: names.backward,
  });
  fields.finish();
  if (forward.weights.holder === '')
    throw unsupportedLayer(identity, `a layer of class ${forward.className}`);
  if (forward.config['return_state'] === true) throw unsupportedLayer(identity, 'return_state = true');
  if (ownBackward !== undefined && !isMirrored(forward, backward)) {
    throw unsupportedLayer(identity, 'a backward layer that differs from the forward layer');
  }
  return {
    className: 'Bidirectional',
    config: { layer: serialized(forward, name), merge_mode, ...ownInput(wrapper) },
    weights: wrapping(wrapper, [
      { attribute: 'forward_layer', weights: forward.weights },
      { attribute: 'backward_layer', weights: backward.weights },
    ]),
  };
}

function isMirrored(forward: TranslatedLayer, backward: TranslatedLayer): boolean {
  const turned = { ...backward.config, go_backwards: backward.config['go_backwards'] !== true };
  return (
    forward.className === backward.className && JSON.stringify(forward.config) === JSON.stringify(turned)
  );
}

interface Inner {
  readonly key: string;
  readonly value: Json | undefined;
  readonly tfjsName: string;
}

function inner(
  wrapper: LayerEntry,
  { key, value, tfjsName }: Inner,
): { name: string; layer: TranslatedLayer } {
  const { identity, origin } = wrapper;
  const config = isObject(value) ? field(value, 'config') : undefined;
  const className = isObject(value) ? field(value, 'class_name') : undefined;
  if (!isObject(value) || !isObject(config) || typeof className !== 'string') {
    throw invalidLayer(identity, { expected: `a layer as '${key}'`, got: shown(value) });
  }
  const name = innerName(value);
  const innerIdentity: LayerIdentity = { file: identity.file, name: `${identity.name}/${name}`, className };
  const inputShape = inputShapeOf(value, config);
  const layer = { identity: innerIdentity, entry: value, config, origin, inputShape };
  refuseForeign(layer);
  if (ruleFor(className) === undefined) throw unsupportedLayer(innerIdentity, `the class ${className}`);
  return { name, layer: translateSimpleLayer(layer, tfjsName) };
}

/** Keras 3 prefixes the name of the forward layer, as TensorFlow.js does itself. */
function innerName(value: Json | undefined): string {
  const config = isObject(value) ? field(value, 'config') : undefined;
  const name = isObject(config) ? field(config, 'name') : undefined;
  const text = typeof name === 'string' ? name.replace(/^(forward|backward)_/, '') : 'layer';
  return text.replaceAll(/[^\w.-]/g, '_');
}

function serialized({ className, config }: TranslatedLayer, name: string): JsonObject {
  return { class_name: className, config: { name, ...config } };
}

function wrapping(
  { identity, config }: LayerEntry,
  wrapped: TranslatedLayer['weights']['wrapped'],
): TranslatedLayer['weights'] {
  return {
    name: identity.name,
    className: identity.className,
    isTrained: field(config, 'trainable') !== false,
    arrays: [],
    holder: '',
    wrapped,
    layers: [],
  };
}

import type { Head } from '@edjm/core';
import { inferShapes } from './inferShapes.ts';
import type { Layer, LayerType } from './layer.ts';
import type { Network } from './network.ts';

/** A network that gives logits, and the head that it was made without. */
export interface Logits {
  readonly network: Network;
  readonly head: Head;
}

const heads: Partial<Record<LayerType, Head['kind']>> = {
  softmax: 'softmax',
  logSoftmax: 'log-softmax',
  sigmoid: 'sigmoid',
};

/** Layers in front of which no head is looked for: they make new values of all the ones before. */
const mixing: ReadonlySet<LayerType> = new Set(['dense', 'conv2d', 'residual']);

/**
 * The network without its final softmax, log-softmax or sigmoid, if it has one. If layers behind such a layer change its values, the network has no
 * logits, and stays as it is.
 *
 * @throws As {@link inferShapes}.
 *
 * @example
 * ```ts
 * import { logitsOf, relu, softmax } from '@edjm/network';
 *
 * const { network, head } = logitsOf({ name: 'classifier', inputShape: [3], layers: [relu(), softmax()] });
 * console.log(network.layers.length, head.kind); // 1 softmax
 * ```
 */
export function logitsOf(network: Network): Logits {
  const { layers } = network;
  const shape = inferShapes(network).at(-1) ?? [];
  const size = shape.reduce((product, value) => product * value, 1);
  const isFlat = shape.filter((value) => value > 1).length <= 1;
  const groups = isFlat ? { size, stride: 1 } : undefined;
  const place = placeOfHead(layers);
  const layer = layers[place];
  const kind = layer && heads[layer.type];
  if (kind === undefined) return { network, head: { kind: 'none', groups } };
  const at = `${layer?.type ?? ''} (layer ${String(place)})`;
  const behind = layers.slice(place + 1);
  const changing = behind.find(({ type }) => type !== 'flatten');
  if (changing !== undefined) {
    const reason = `${changing.type} (layer ${String(layers.indexOf(changing))}) changes the values of ${at}`;
    return { network, head: { kind: 'as-is', at, reason } };
  }
  return {
    network: { ...network, layers: [...layers.slice(0, place), ...behind] },
    head: { kind, at, ...(kind !== 'sigmoid' && { groups: { size, stride: 1 } }) },
  };
}

/** The place of the last layer that is a head, of those behind the last one that mixes values; -1 if there is none. */
function placeOfHead(layers: readonly Layer[]): number {
  const last = layers.findLastIndex(({ type }) => type in heads || mixing.has(type));
  const found = layers[last];
  return found !== undefined && found.type in heads ? last : -1;
}

/**
 * The network without its final softmax or log-softmax, if it has one: what training sees, whose losses contain that softmax.
 */
export function withoutSoftmax(network: Network): Network {
  const { layers } = network;
  const last = layers.at(-1)?.type;
  return last === 'softmax' || last === 'logSoftmax' ? { ...network, layers: layers.slice(0, -1) } : network;
}

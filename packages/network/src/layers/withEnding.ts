import type { OutputKind } from '@edjm/core';
import { flatten, logSoftmax, softmax } from './build.ts';
import { inferShapes } from './inferShapes.ts';
import type { Layer } from './layer.ts';
import type { Network } from './network.ts';

/**
 * The network with the ending that gives a kind of output: for `'logit'` without its final softmax or log-softmax, if it has one; for
 * `'probability'` and `'log-probability'` with that one in its place or at its end. Outputs of shape `[C, H, W]` are
 * flattened before a softmax is added.
 *
 * @throws As {@link inferShapes}.
 *
 * @example
 * ```ts
 * import { relu, softmax, withEnding } from '@edjm/network';
 *
 * const classifier = { name: 'classifier', inputShape: [3], layers: [relu(), softmax()] };
 * console.log(withEnding(classifier, 'logit').layers.length); // 1
 * ```
 */
export function withEnding(network: Network, outputKind: OutputKind): Network {
  const layers = withoutFinalSoftmax(network.layers);
  if (outputKind === 'logit') return { ...network, layers };
  const isFlat = inferShapes({ ...network, layers }).at(-1)?.length === 1;
  const ending = outputKind === 'probability' ? softmax() : logSoftmax();
  return { ...network, layers: [...layers, ...(isFlat ? [] : [flatten()]), ending] };
}

function withoutFinalSoftmax(layers: readonly Layer[]): readonly Layer[] {
  const last = layers.at(-1)?.type;
  return last === 'softmax' || last === 'logSoftmax' ? layers.slice(0, -1) : layers;
}

import type { Layer } from './layer.ts';

/**
 * A trained feed-forward or convolutional network as a plain value, in inference mode: a backend's `load` turns it
 * into something that runs.
 *
 * @example
 * ```ts
 * import { dense, inferShapes, relu, type Network } from '@edjm/network';
 *
 * const network: Network = {
 *   name: 'absolute value',
 *   inputShape: [1],
 *   layers: [
 *     dense({ weight: { shape: [2, 1], data: Float32Array.of(1, -1) } }),
 *     relu(),
 *     dense({ weight: { shape: [1, 2], data: Float32Array.of(1, 1) } }),
 *   ],
 * };
 * console.log(inferShapes(network)); // [[1], [2], [2], [1]]
 * ```
 */
export interface Network {
  /** For messages and reports. */
  readonly name: string;
  /** Shape of one sample, without the batch axis: `[d]`, or `[C, H, W]` for images. */
  readonly inputShape: readonly number[];
  /** Applied in order. */
  readonly layers: readonly Layer[];
}

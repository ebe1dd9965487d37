import type { Dropout } from '@edjm/core';
import { dropoutMask } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { channelsLast } from '../network/images.ts';

/** The dropout of a run of the model: of its inputs, and of values behind its hidden activations, in order. */
export interface Dropping {
  readonly dropInput: (x: Tensor) => Tensor;
  readonly dropHidden: (x: Tensor) => Tensor;
}

/** Dropout with masks that depend on the seed and the place in the network alone. */
export function dropping(tf: Tf, { input = 0, hidden = 0, seed }: Dropout = { seed: 0 }): Dropping {
  let place = 0;
  const drop = (rate: number, maskOf: (mask: Float32Array, shape: number[]) => Tensor) => (x: Tensor) => {
    place++;
    return rate === 0 ? x : tf.mul(x, maskOf(dropoutMask(x.size, { rate, seed, place }), x.shape));
  };
  const plain = (mask: Float32Array, shape: number[]) => tf.tensor(mask, shape);
  // Masks are laid out as images are everywhere else, channels first, for every engine to drop the same values.
  const ofHidden = (mask: Float32Array, shape: number[]) => {
    const [n = 1, height = 1, width = 1, channels = 1] = shape;
    return shape.length === 4
      ? channelsLast(tf.tensor(mask, [n, channels, height, width]))
      : plain(mask, shape);
  };
  return { dropInput: drop(input, plain), dropHidden: drop(hidden, ofHidden) };
}

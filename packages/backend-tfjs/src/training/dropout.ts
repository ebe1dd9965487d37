import type { Dropout } from '@edjm/core';
import { dropoutMask } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import type { Training } from '../sources/tensorFunction.ts';

/** What a run of the model drops: its inputs, and values behind its hidden activations, one after the other. */
export interface Dropping extends Training {
  readonly dropInput: (x: Tensor) => Tensor;
}

/** Dropout with masks that depend on the seed and the place in the network alone. */
export function dropping(tf: Tf, { input = 0, hidden = 0, seed }: Dropout = { seed: 0 }): Dropping {
  let place = 0;
  const drop = (rate: number) => (x: Tensor) => {
    place++;
    if (rate === 0) return x;
    return tf.mul(x, tf.tensor(dropoutMask(x.size, { rate, seed, place }), x.shape));
  };
  return { dropInput: drop(input), dropHidden: drop(hidden) };
}

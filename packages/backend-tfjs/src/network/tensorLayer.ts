import type { FloatArray } from '@edjm/core';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import type { Training } from '../sources/tensorFunction.ts';

/** A layer, or a network, as a function of tensors; images have their channels last. */
export type TensorLayer = (x: Tensor, training?: Training) => Tensor;

/** The parameters of a network that is being built. */
export interface Parameters {
  readonly tf: Tf;
  /** Holds values under a name, as a tensor to compute with. */
  readonly add: (name: string, values: Held) => Variable;
}

/** Values of a parameter or a constant, as they are outside of the engine. */
export interface Held {
  readonly shape: readonly number[];
  readonly data: FloatArray;
  /** Axis i of the tensor in the engine is axis `order[i]` of these. Defaults to the same. */
  readonly order?: readonly number[];
  /** Whether training leaves it as it is. Defaults to `false`. */
  readonly fixed?: boolean;
}

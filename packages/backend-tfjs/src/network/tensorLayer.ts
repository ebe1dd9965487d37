import type { FloatArray } from '@edjm/core';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { PrimalAndTangents, Training } from '../sources/tensorFunction.ts';

/** A layer, or a network, as a function f of tensors; images have their channels last. */
export interface TensorLayer {
  readonly run: (x: Tensor, training?: Training) => Tensor;
  /** f(x) and J(x) ẋ in inference mode, by operations that have derivatives. */
  readonly jvp: (pair: PrimalAndTangents) => PrimalAndTangents;
}

/** f(x) = A x + b, and A alone. */
export function affine(run: (x: Tensor) => Tensor, linear: (x: Tensor) => Tensor = run): TensorLayer {
  return { run, jvp: ({ primal: x, tangents }) => ({ primal: run(x), tangents: linear(tangents) }) };
}

/** Tangents times factors that are the same for the k tangents of a sample: [n, …]. */
export function timesEach(tangents: Tensor, factors: Tensor): Tensor {
  return tangents
    .reshape([-1, factors.size])
    .mul(factors.reshape([1, factors.size]))
    .reshape(tangents.shape);
}

/** Holds the values of a network that is being built. */
export interface Holder {
  readonly tf: Tf;
  /** Holds values under a name, as a tensor to compute with. */
  readonly add: (name: string, values: Held) => Variable;
}

/** Values of a parameter or of a statistic, as they are outside of the engine. */
export interface Held {
  readonly shape: readonly number[];
  readonly data: FloatArray;
  /** Axis i of the tensor in the engine is axis `order[i]` of these. Defaults to the same. */
  readonly order?: readonly number[];
  /** Whether they are a statistic, which no gradient changes. Defaults to `false`. */
  readonly statistic?: boolean;
}

import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../engines/tf.ts';
import type { JsonObject } from '../json.ts';
import type { TfjsLayer } from '../rules/rule.ts';
import type { Shape } from '../topology/layerFields.ts';
import type { LayerArray } from '../weights/layerWeights.ts';

/** The class of layers that this package computes itself. */
export const OWN_CLASS = 'EdjmKerasLayer';

type Options = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** A layer that TensorFlow.js lacks, or computes otherwise than Keras. TensorFlow.js rewrites names with underscores in it. */
export interface OwnConfig {
  readonly kind: string;
  readonly options: Options;
  /** A size that is not known is that of the axis that the options name, the last one by default. */
  readonly arrays: readonly { readonly name: string; readonly shape: Shape; readonly isTrained?: boolean }[];
  readonly goBackwards?: boolean | undefined;
  readonly returnSequences?: boolean | undefined;
}

/** What a kind of layer computes. */
export interface OwnKind {
  /** The shape of its output; that of its first input by default. */
  readonly shape?: (inputs: readonly Shape[], config: OwnConfig) => Shape;
  readonly call: (tf: Tf, call: OwnCall) => Tensor;
}

/** One call of a layer. */
export interface OwnCall {
  readonly inputs: readonly Tensor[];
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly config: OwnConfig;
}

/** The layer that TensorFlow.js is to build. */
export function own(kind: string, options: Options = {}, arrays: readonly LayerArray[] = []): TfjsLayer {
  const config = {
    kind,
    options: options as JsonObject,
    arrays: arrays.map(({ name, shape = [], isTrained = true }) => ({ name, shape, isTrained })),
  };
  return { className: OWN_CLASS, config, arrays };
}

/** The only input of a call. */
export function first({ inputs: [x] }: OwnCall): Tensor {
  if (x === undefined) throw new Error('expected an input, got none.');
  return x;
}

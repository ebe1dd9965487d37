import type { GeluLayer, Padding, Pair, ParametricActivationType, PlainLayerType } from '../layers/layer.ts';

/**
 * A network without its weights, as a file `NAME.json` holds it. Fields with a default may be left out.
 *
 * @example
 * ```ts
 * import type { NetworkDescription } from '@edjm/network';
 *
 * export const description: NetworkDescription = {
 *   inputShape: [1, 28, 28],
 *   layers: [
 *     { type: 'conv2d', channels: 16, kernel: 3, padding: 'same' },
 *     { type: 'relu' },
 *     { type: 'maxPool2d', kernel: 2 },
 *     { type: 'flatten' },
 *     { type: 'dense', units: 10 },
 *   ],
 * };
 * ```
 */
export interface NetworkDescription {
  /** The kind of the file. Handwritten files may leave it out. */
  readonly format?: 'edjm-network';
  /** The version of the format. Defaults to 1. */
  readonly version?: 1;
  /** For messages and reports. Defaults to `'network'`. */
  readonly name?: string;
  /** Shape of one sample, without the batch axis: `[d]`, or `[C, H, W]` for images. */
  readonly inputShape: readonly number[];
  /** Applied in order. */
  readonly layers: readonly LayerDescription[];
}

/** A layer without its weights. Their shapes follow from the input of the layer. */
export type LayerDescription =
  | DenseDescription
  | Conv2dDescription
  | PoolingDescription
  | BatchNormDescription
  | ScaleDescription
  | PlainLayerDescription
  | ParametricActivationDescription
  | GeluDescription
  | ResidualDescription;

/** y = W x + b. */
export interface DenseDescription {
  readonly type: 'dense';
  readonly units: number;
  /** Whether there is a b. Defaults to `true`. */
  readonly bias?: boolean;
}

/**
 * Zeros around an image: the same number on all sides, `[top, left, bottom, right]`, or as many as make ⌈size / stride⌉ positions
 * (`'same'`), where an odd one goes below and to the right, as in TensorFlow.
 */
export type PaddingDescription = number | Padding | 'same';

/** A convolution. */
export interface Conv2dDescription {
  readonly type: 'conv2d';
  /** O, of the output. */
  readonly channels: number;
  /** Height and width; one number for a square. */
  readonly kernel: number | Pair;
  /** Defaults to 1. */
  readonly stride?: number | Pair;
  /** Defaults to 0. */
  readonly padding?: PaddingDescription;
  /** Defaults to 1. */
  readonly dilation?: number | Pair;
  /** Defaults to 1. */
  readonly groups?: number;
  /** Whether there is a bias. Defaults to `true`. */
  readonly bias?: boolean;
}

/** Largest value or mean of each window. */
export type PoolingDescription = MaxPool2dDescription | AveragePool2dDescription;

/** The window of a pooling layer. */
export interface WindowDescription {
  /** Height and width; one number for a square. */
  readonly kernel: number | Pair;
  /** Defaults to the kernel: windows side by side. */
  readonly stride?: number | Pair;
  /** Defaults to 0. */
  readonly padding?: PaddingDescription;
}

/** Largest value of each window. */
export interface MaxPool2dDescription extends WindowDescription {
  readonly type: 'maxPool2d';
}

/** Mean of each window. */
export interface AveragePool2dDescription extends WindowDescription {
  readonly type: 'averagePool2d';
  /** Whether padding counts as zeros. Defaults to `false`. */
  readonly countIncludePad?: boolean;
}

/** Batch normalization by channel or feature. */
export interface BatchNormDescription {
  readonly type: 'batchNorm';
  /** Defaults to 1e-5. */
  readonly epsilon?: number;
}

/** One factor for each channel or feature. */
export interface ScaleDescription {
  readonly type: 'scale';
}

/** A layer that its name describes. */
export interface PlainLayerDescription {
  readonly type: PlainLayerType;
}

/** An activation with a slope or a scale. */
export interface ParametricActivationDescription {
  readonly type: ParametricActivationType;
  /** Defaults to 0.01 for `leakyRelu`, to 1 for `elu` and `celu`. */
  readonly alpha?: number;
}

/** x Φ(x). */
export interface GeluDescription {
  readonly type: 'gelu';
  /** Defaults to `'none'`. */
  readonly approximate?: GeluLayer['approximate'];
}

/** body(x) + shortcut(x). */
export interface ResidualDescription {
  readonly type: 'residual';
  readonly body: readonly LayerDescription[];
  /** Defaults to the identity. */
  readonly shortcut?: readonly LayerDescription[];
}

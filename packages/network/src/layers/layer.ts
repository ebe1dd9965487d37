import type { FloatArray } from '@edjm/core';

/** Numbers with a shape, in row-major order: the last axis is contiguous. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: FloatArray;
}

/** Two values for the two axes of an image: `[height, width]`. */
export type Pair = readonly [height: number, width: number];

/** Zeros (for pooling: nothing) added around an image: `[top, left, bottom, right]`. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

/** y = W x + b, for samples of shape `[inputs]`. */
export interface DenseLayer {
  readonly type: 'dense';
  /** W: `[units, inputs]`. */
  readonly weight: Tensor;
  /** b: `units` values; absent stands for zeros. */
  readonly bias?: FloatArray;
}

/**
 * Cross-correlation of an image `[C, H, W]` with O kernels, as every framework's convolution: group g of the output
 * channels sees group g of the input channels.
 */
export interface Conv2dLayer {
  readonly type: 'conv2d';
  /** `[O, C / groups, kH, kW]`. */
  readonly weight: Tensor;
  /** O values; absent stands for zeros. */
  readonly bias?: FloatArray;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
}

/** The window of a pooling layer, for images `[C, H, W]`. */
export interface PoolingWindow {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Largest value in each window; padding never wins. */
export interface MaxPool2dLayer extends PoolingWindow {
  readonly type: 'maxPool2d';
}

/** Mean of each window. */
export interface AveragePool2dLayer extends PoolingWindow {
  readonly type: 'averagePool2d';
  /** Whether padding counts as zeros in the mean (`true`) or not at all (`false`). */
  readonly countIncludePad: boolean;
}

/** y = scale (x − mean) / √(variance + epsilon) + bias for each channel of `[C, H, W]` or each feature of `[d]`. */
export interface BatchNormLayer {
  readonly type: 'batchNorm';
  readonly scale: FloatArray;
  readonly bias: FloatArray;
  readonly mean: FloatArray;
  readonly variance: FloatArray;
  readonly epsilon: number;
}

/** y = scale · x, one factor for each channel of `[C, H, W]` or each feature of `[d]`: the singular values of an SVD layer. */
export interface ScaleLayer {
  readonly type: 'scale';
  readonly scale: FloatArray;
}

/** The names of the layers that need no more than a name. */
export type PlainLayerType =
  /** `[C, H, W]` → `[C, 1, 1]`: mean of each channel. */
  | 'globalAveragePool2d'
  /** `[C, H, W]` → `[C, 1, 1]`: largest value of each channel. */
  | 'globalMaxPool2d'
  /** Any shape → one axis, in row-major order. */
  | 'flatten'
  /** max(x, 0). */
  | 'relu'
  /** λ x for x > 0, λ α (eˣ − 1) otherwise, with α = 1.6732632423543772, λ = 1.0507009873554805. */
  | 'selu'
  /** 1 / (1 + e⁻ˣ). */
  | 'sigmoid'
  | 'tanh'
  /** log(1 + eˣ). */
  | 'softplus'
  /** eˣⁱ / Σⱼ eˣʲ over the features of `[d]`. */
  | 'softmax'
  /** xᵢ − log Σⱼ eˣʲ over the features of `[d]`. */
  | 'logSoftmax';

/** A layer that is fully described by its name. */
export type PlainLayer<T extends PlainLayerType = PlainLayerType> = T extends T
  ? { readonly type: T }
  : never;

/** The names of the activations with a slope or a scale. */
export type ParametricActivationType =
  /** x for x > 0, α x otherwise. */
  | 'leakyRelu'
  /** x for x > 0, α (eˣ − 1) otherwise. */
  | 'elu'
  /** max(x, 0) + min(0, α (e^{x/α} − 1)). */
  | 'celu';

/** An activation with a slope or a scale. */
export type ParametricActivationLayer<T extends ParametricActivationType = ParametricActivationType> =
  T extends T ? { readonly type: T; readonly alpha: number } : never;

/** x Φ(x), Φ the normal distribution function: exact, or ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export interface GeluLayer {
  readonly type: 'gelu';
  readonly approximate: 'none' | 'tanh';
}

/** y = body(x) + shortcut(x). */
export interface ResidualLayer {
  readonly type: 'residual';
  readonly body: readonly Layer[];
  /** Empty for the identity. */
  readonly shortcut: readonly Layer[];
}

/** One step of a network; match on `type`. */
export type Layer =
  | DenseLayer
  | Conv2dLayer
  | MaxPool2dLayer
  | AveragePool2dLayer
  | BatchNormLayer
  | ScaleLayer
  | PlainLayer
  | ParametricActivationLayer
  | GeluLayer
  | ResidualLayer;

/** The names of all layers. */
export type LayerType = Layer['type'];

import type { FloatArray } from '@edjm/core';
import type {
  AveragePool2dLayer,
  BatchNormLayer,
  Conv2dLayer,
  DenseLayer,
  GeluLayer,
  Layer,
  MaxPool2dLayer,
  Padding,
  Pair,
  ParametricActivationLayer,
  PlainLayer,
  PoolingWindow,
  ResidualLayer,
  ScaleLayer,
  Tensor,
} from './layer.ts';

/** Options of a pooling layer's window. */
export interface PoolingOptions {
  /** Height and width of the window; one number for a square. */
  readonly kernel: number | Pair;
  /** Defaults to the kernel: windows side by side. */
  readonly stride?: number | Pair;
  /** Defaults to 0; one number for all four sides. */
  readonly padding?: number | Padding;
}

/**
 * Fully connected layer, y = W x + b.
 *
 * @param options - `weight`: `[units, inputs]`; `bias`: `units` values, defaults to none.
 *
 * @example
 * ```ts
 * import { dense } from '@edjm/network';
 *
 * const sum = dense({ weight: { shape: [1, 3], data: Float32Array.of(1, 1, 1) } });
 * ```
 */
export function dense(options: { readonly weight: Tensor; readonly bias?: FloatArray }): DenseLayer {
  return { type: 'dense', ...options };
}

/**
 * Two-dimensional convolution with zero padding.
 *
 * @param options - `weight`: `[O, C / groups, kH, kW]`; `bias`: O values, defaults to none; `stride` and `dilation`
 * default to 1, `padding` to 0, `groups` to 1. One number stands for both axes or all four sides.
 *
 * @example
 * ```ts
 * import { conv2d } from '@edjm/network';
 *
 * const blur = conv2d({ weight: { shape: [1, 1, 3, 3], data: new Float32Array(9).fill(1 / 9) }, padding: 1 });
 * ```
 */
export function conv2d(options: {
  readonly weight: Tensor;
  readonly bias?: FloatArray;
  readonly stride?: number | Pair;
  readonly padding?: number | Padding;
  readonly dilation?: number | Pair;
  readonly groups?: number;
}): Conv2dLayer {
  const { stride = 1, padding = 0, dilation = 1, groups = 1, ...parameters } = options;
  return {
    type: 'conv2d',
    ...parameters,
    stride: pair(stride),
    padding: sides(padding),
    dilation: pair(dilation),
    groups,
  };
}

/** Largest value of each window: `maxPool2d({ kernel: 2 })` halves height and width. */
export function maxPool2d(options: PoolingOptions): MaxPool2dLayer {
  return { type: 'maxPool2d', ...poolingWindow(options) };
}

/** Mean of each window; `countIncludePad` (default `false`) says whether padding counts as zeros. */
export function averagePool2d(
  options: PoolingOptions & { readonly countIncludePad?: boolean },
): AveragePool2dLayer {
  const { countIncludePad = false } = options;
  return { type: 'averagePool2d', ...poolingWindow(options), countIncludePad };
}

/** Mean of each channel: `[C, H, W]` → `[C, 1, 1]`. */
export function globalAveragePool2d(): PlainLayer<'globalAveragePool2d'> {
  return { type: 'globalAveragePool2d' };
}

/** Largest value of each channel: `[C, H, W]` → `[C, 1, 1]`. */
export function globalMaxPool2d(): PlainLayer<'globalMaxPool2d'> {
  return { type: 'globalMaxPool2d' };
}

/**
 * Batch normalization with stored statistics, scale (x − mean) / √(variance + epsilon) + bias.
 *
 * @param options - One value a channel (for `[C, H, W]`) or a feature (for `[d]`); `epsilon` defaults to 1e-5.
 */
export function batchNorm(
  options: Omit<BatchNormLayer, 'type' | 'epsilon'> & { readonly epsilon?: number },
): BatchNormLayer {
  return { type: 'batchNorm', epsilon: 1e-5, ...options };
}

/**
 * One factor for each channel or feature, y = factors · x.
 *
 * @param factors - One value a channel (for `[C, H, W]`) or a feature (for `[d]`).
 */
export function scale(factors: FloatArray): ScaleLayer {
  return { type: 'scale', scale: factors };
}

/** Any shape to one axis, in row-major order. */
export function flatten(): PlainLayer<'flatten'> {
  return { type: 'flatten' };
}

/** max(x, 0). */
export function relu(): PlainLayer<'relu'> {
  return { type: 'relu' };
}

/** x for x > 0, `alpha` x otherwise; `alpha` defaults to 0.01. */
export function leakyRelu(alpha: number = 0.01): ParametricActivationLayer<'leakyRelu'> {
  return { type: 'leakyRelu', alpha };
}

/** x for x > 0, `alpha` (eˣ − 1) otherwise; `alpha` defaults to 1 (Clevert, Unterthiner, Hochreiter 2016). */
export function elu(alpha: number = 1): ParametricActivationLayer<'elu'> {
  return { type: 'elu', alpha };
}

/** max(x, 0) + min(0, `alpha` (e^{x/alpha} − 1)); `alpha` defaults to 1 (Barron 2017). */
export function celu(alpha: number = 1): ParametricActivationLayer<'celu'> {
  return { type: 'celu', alpha };
}

/** Scaled exponential linear unit (Klambauer, Unterthiner, Mayr, Hochreiter 2017). */
export function selu(): PlainLayer<'selu'> {
  return { type: 'selu' };
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(): PlainLayer<'sigmoid'> {
  return { type: 'sigmoid' };
}

/** Hyperbolic tangent. */
export function tanh(): PlainLayer<'tanh'> {
  return { type: 'tanh' };
}

/** x Φ(x), exact (`'none'`, the default) or with the hyperbolic tangent (Hendrycks, Gimpel 2016). */
export function gelu(approximate: GeluLayer['approximate'] = 'none'): GeluLayer {
  return { type: 'gelu', approximate };
}

/** log(1 + eˣ). */
export function softplus(): PlainLayer<'softplus'> {
  return { type: 'softplus' };
}

/** eˣⁱ / Σⱼ eˣʲ over the features of a flat sample. */
export function softmax(): PlainLayer<'softmax'> {
  return { type: 'softmax' };
}

/** xᵢ − log Σⱼ eˣʲ over the features of a flat sample. */
export function logSoftmax(): PlainLayer<'logSoftmax'> {
  return { type: 'logSoftmax' };
}

/** body(x) + shortcut(x); `shortcut` defaults to the identity (He, Zhang, Ren, Sun 2016). */
export function residual(body: readonly Layer[], shortcut: readonly Layer[] = []): ResidualLayer {
  return { type: 'residual', body, shortcut };
}

function poolingWindow({ kernel, stride = kernel, padding = 0 }: PoolingOptions): PoolingWindow {
  return { kernel: pair(kernel), stride: pair(stride), padding: sides(padding) };
}

function pair(value: number | Pair): Pair {
  return typeof value === 'number' ? [value, value] : value;
}

function sides(value: number | Padding): Padding {
  return typeof value === 'number' ? [value, value, value, value] : value;
}

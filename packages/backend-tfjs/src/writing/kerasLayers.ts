import { EdjmError } from '@edjm/core';
import {
  type BatchNormLayer,
  type Conv2dLayer,
  type DenseLayer,
  type Layer,
  type Padding,
  type PoolingWindow,
  type ResidualLayer,
  type Shape,
  type Tensor,
} from '@edjm/network';
import { permuted, spreadKernel } from './kernels.ts';

/** A layer of Keras, with its weights by the names that Keras gives them. */
export interface KerasLayer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights?: Readonly<Record<string, Tensor>>;
}

/** The place of a layer. */
export interface Standing {
  /** For messages. */
  readonly where: string;
  /** The shape of the input, channels first. */
  readonly shape: Shape;
  /** The layer before, if there is one. */
  readonly before: Layer | undefined;
}

/** From images with channels first. */
export const channelsLast: KerasLayer = { className: 'Permute', config: { dims: [2, 3, 1] } };
/** From images with channels last. */
export const channelsFirst: KerasLayer = { className: 'Permute', config: { dims: [3, 1, 2] } };

/** The number added to the variance of a factor of one's own: a power of 2, so that the sum is exactly 1. */
const EPSILON = 2 ** -10;

/** Layers whose values are never below 0. */
const POSITIVE: ReadonlySet<Layer['type'] | undefined> = new Set(['relu', 'sigmoid', 'softplus'] as const);

/**
 * A layer as layers of Keras, one after the other, that take images channels last.
 *
 * @throws EdjmError `UNSUPPORTED` for layers without a counterpart.
 */
export function kerasLayers(layer: Exclude<Layer, ResidualLayer>, at: Standing): readonly KerasLayer[] {
  switch (layer.type) {
    case 'dense':
      return [dense(layer)];
    case 'conv2d':
      return [...padding(layer.padding), convolution(layer)];
    case 'maxPool2d':
      return maxPooling(layer, at);
    case 'averagePool2d':
      if (layer.countIncludePad) return [...padding(layer.padding), pooling('Average', layer, 'valid')];
      return [pooling('Average', layer, paddingMode(layer, at))];
    case 'globalAveragePool2d':
      return [pooling('Average', wholeImage(at.shape), 'valid')];
    case 'globalMaxPool2d':
      return [pooling('Max', wholeImage(at.shape), 'valid')];
    case 'batchNorm':
      return [batchNormalization(layer)];
    case 'scale':
      return [factors(layer.scale)];
    case 'flatten':
      return at.shape.length === 1 ? [] : [channelsFirst, { className: 'Flatten', config: {} }];
    case 'leakyRelu':
      return [{ className: 'LeakyReLU', config: { alpha: layer.alpha } }];
    case 'elu':
      if (layer.alpha !== 1) throw refused(at, `alpha = 1, got ${String(layer.alpha)}`);
      return [activation('elu')];
    case 'celu':
      return [
        factors(new Float32Array(at.shape[0] ?? 0).fill(1 / layer.alpha)),
        activation('elu'),
        factors(new Float32Array(at.shape[0] ?? 0).fill(layer.alpha)),
      ];
    case 'gelu':
      // TensorFlow.js has the approximate one, and does not find it by the name that it gives it.
      if (layer.approximate !== 'none') throw refused(at, `the exact function, got '${layer.approximate}'`);
      return [activation('gelu')];
    case 'relu':
    case 'selu':
    case 'sigmoid':
    case 'tanh':
    case 'softplus':
    case 'softmax':
    case 'logSoftmax':
      return [activation(layer.type)];
  }
}

function activation(name: string): KerasLayer {
  return { className: 'Activation', config: { activation: name } };
}

function dense({ weight, bias }: DenseLayer): KerasLayer {
  const kernel = permuted(weight, [1, 0]);
  return {
    className: 'Dense',
    config: { units: weight.shape[0], use_bias: bias !== undefined },
    weights: { kernel, ...(bias && { bias: vector(bias) }) },
  };
}

/** Depthwise if each group has one channel. TensorFlow.js lacks other groups, so they become one kernel with zeros. */
function convolution(layer: Conv2dLayer): KerasLayer {
  const { bias, groups, stride } = layer;
  const [outputs = 0, inputs = 0] = layer.weight.shape;
  const isDepthwise = groups > 1 && inputs === 1 && stride[0] === stride[1];
  const kernel = permuted(spreadKernel(layer, isDepthwise), [2, 3, 1, 0]);
  const [height = 1, width = 1] = kernel.shape;
  const config = { kernel_size: [height, width], strides: stride, use_bias: bias !== undefined };
  const offset = bias && { bias: vector(bias) };
  if (!isDepthwise) {
    return { className: 'Conv2D', config: { ...config, filters: outputs }, weights: { kernel, ...offset } };
  }
  const multiplier = outputs / groups;
  return {
    className: 'DepthwiseConv2D',
    config: { ...config, depth_multiplier: multiplier },
    weights: { depthwise_kernel: { ...kernel, shape: [height, width, groups, multiplier] }, ...offset },
  };
}

function padding([top, left, bottom, right]: Padding): readonly KerasLayer[] {
  if (top + left + bottom + right === 0) return [];
  const sides = [
    [top, bottom],
    [left, right],
  ];
  return [{ className: 'ZeroPadding2D', config: { padding: sides } }];
}

/** Behind an activation that is never below 0, zeros around the image win no window. */
function maxPooling(window: PoolingWindow, at: Standing): readonly KerasLayer[] {
  if (POSITIVE.has(at.before?.type)) return [...padding(window.padding), pooling('Max', window, 'valid')];
  return [pooling('Max', window, paddingMode(window, at))];
}

function pooling(kind: 'Max' | 'Average', { kernel, stride }: PoolingWindow, mode: string): KerasLayer {
  return { className: `${kind}Pooling2D`, config: { pool_size: kernel, strides: stride, padding: mode } };
}

/** Keras pads windows without zeros in two ways: not at all, and for outputs of 1/stride of the size. */
function paddingMode({ kernel, stride, padding: sides }: PoolingWindow, at: Standing): 'valid' | 'same' {
  if (sides.every((size) => size === 0)) return 'valid';
  const isSame = [0, 1].every((axis) => {
    const [size = 1, window = 1, step = 1] = [at.shape[axis + 1], kernel[axis], stride[axis]];
    const total = Math.max(0, (Math.ceil(size / step) - 1) * step + window - size);
    const before = Math.floor(total / 2);
    return sides[axis] === before && sides[axis + 2] === total - before;
  });
  if (isSame) return 'same';
  throw refused(at, `the padding that Keras calls "same", got [${sides.join(', ')}]`);
}

function wholeImage([, height = 1, width = 1]: Shape): PoolingWindow {
  return { kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0] };
}

function batchNormalization({ scale, bias, mean, variance, epsilon }: BatchNormLayer): KerasLayer {
  return {
    className: 'BatchNormalization',
    config: { axis: -1, epsilon },
    weights: {
      gamma: vector(scale),
      beta: vector(bias),
      moving_mean: vector(mean),
      moving_variance: vector(variance),
    },
  };
}

/** Factors of channels, as a normalization that does nothing else. */
function factors(scale: Tensor['data']): KerasLayer {
  return {
    className: 'BatchNormalization',
    config: { axis: -1, epsilon: EPSILON, center: false },
    weights: {
      gamma: vector(scale),
      moving_mean: vector(new Float32Array(scale.length)),
      moving_variance: vector(new Float32Array(scale.length).fill(1 - EPSILON)),
    },
  };
}

function vector(data: Tensor['data']): Tensor {
  return { shape: [data.length], data };
}

function refused({ where }: Standing, what: string): EdjmError {
  return new EdjmError(
    'UNSUPPORTED',
    `${where}: expected ${what}. TensorFlow.js has no layer for it; write the network as ONNX.`,
  );
}

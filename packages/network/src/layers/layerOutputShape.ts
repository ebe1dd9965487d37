import { allFinite } from '@edjm/linalg';
import { EdjmError, type FloatArray } from '@edjm/core';
import type { Conv2dLayer, DenseLayer, Layer, Padding, PoolingWindow, Tensor } from './layer.ts';
import { checkSizes, formatShape, type Shape, valueCount } from './shape.ts';

/** The shape that one layer gives for an input shape; `where` names the layer in messages. Residual layers apart. */
export function layerOutputShape(
  layer: Exclude<Layer, { type: 'residual' }>,
  input: Shape,
  where: string,
): Shape {
  switch (layer.type) {
    case 'dense':
      return denseShape(layer, input, where);
    case 'conv2d':
      return conv2dShape(layer, input, where);
    case 'maxPool2d':
    case 'averagePool2d':
      return poolingShape(layer, input, where);
    case 'globalAveragePool2d':
    case 'globalMaxPool2d':
      return [imageShape(input, where)[0], 1, 1];
    case 'batchNorm': {
      const channels = input[0] as number;
      for (const name of ['scale', 'bias', 'mean', 'variance'] as const) {
        checkParameter(layer[name], channels, `${where}, ${name}`);
      }
      checkNumber(layer.epsilon, layer.epsilon >= 0, `${where}, epsilon: expected a number of at least 0`);
      if (layer.variance.some((variance) => !(variance + layer.epsilon > 0))) {
        throw new EdjmError('INVALID_ARGUMENT', `${where}: expected variance + epsilon above 0 everywhere.`);
      }
      return input;
    }
    case 'scale':
      checkParameter(layer.scale, input[0] as number, `${where}, scale`);
      return input;
    case 'flatten':
      return [valueCount(input)];
    case 'softmax':
    case 'logSoftmax':
      return vectorShape(input, where);
    case 'leakyRelu':
    case 'elu':
      checkNumber(layer.alpha, true, `${where}, alpha: expected a finite number`);
      return input;
    case 'celu':
      checkNumber(layer.alpha, layer.alpha > 0, `${where}, alpha: expected a number above 0`);
      return input;
    case 'relu':
    case 'selu':
    case 'sigmoid':
    case 'tanh':
    case 'gelu':
    case 'softplus':
      return input;
    default: {
      const unknown: { readonly type: unknown } = layer satisfies never;
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `${where}: expected a layer type, got ${String(unknown.type)}.`,
      );
    }
  }
}

function denseShape({ weight, bias }: DenseLayer, input: Shape, where: string): Shape {
  checkTensor(weight, 2, `${where}, weight [units, inputs]`);
  const [units, inputs] = weight.shape as [number, number];
  const [features] = vectorShape(input, where);
  if (features !== inputs) {
    throw mismatch(where, `${inputs} input values for weight ${formatShape(weight.shape)}`, String(features));
  }
  if (bias) checkParameter(bias, units, `${where}, bias`);
  return [units];
}

function conv2dShape(layer: Conv2dLayer, input: Shape, where: string): Shape {
  const { weight, bias, stride, padding, dilation, groups } = layer;
  checkTensor(weight, 4, `${where}, weight [O, C / groups, kH, kW]`);
  checkSizes([groups], `${where}, groups`);
  checkSizes(dilation, `${where}, dilation`);
  const [outputs, channelsPerGroup, kernelHeight, kernelWidth] = weight.shape as [
    number,
    number,
    number,
    number,
  ];
  const channels = imageShape(input, where)[0];
  if (channels !== channelsPerGroup * groups) {
    throw mismatch(
      where,
      `${channelsPerGroup * groups} input channels for weight ${formatShape(weight.shape)} in ${groups} group(s)`,
      String(channels),
    );
  }
  if (outputs % groups !== 0) {
    throw mismatch(where, `a multiple of ${groups} group(s) as output channels`, String(outputs));
  }
  if (bias) checkParameter(bias, outputs, `${where}, bias`);
  const extent = [(kernelHeight - 1) * dilation[0] + 1, (kernelWidth - 1) * dilation[1] + 1] as const;
  return [outputs, ...windowPositions({ kernel: extent, stride, padding }, input, where)];
}

function poolingShape(layer: PoolingWindow, input: Shape, where: string): Shape {
  const { kernel, padding } = layer;
  const [channels] = imageShape(input, where);
  checkSizes(kernel, `${where}, kernel`);
  // Otherwise a window could lie in the padding alone, where neither a maximum nor a mean exists.
  if (Math.max(padding[0], padding[2]) >= kernel[0] || Math.max(padding[1], padding[3]) >= kernel[1]) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${where}: expected padding below the kernel ${formatShape(kernel)}, got ${formatShape(padding)}.`,
    );
  }
  return [channels, ...windowPositions(layer, input, where)];
}

/** How many windows fit, down and across. */
function windowPositions(
  { kernel, stride, padding }: PoolingWindow,
  input: Shape,
  where: string,
): [number, number] {
  checkSizes(stride, `${where}, stride`);
  checkPadding(padding, where);
  const [, height, width] = imageShape(input, where);
  const free = [
    height + padding[0] + padding[2] - kernel[0],
    width + padding[1] + padding[3] - kernel[1],
  ] as const;
  if (free[0] < 0 || free[1] < 0) {
    const padded = [free[0] + kernel[0], free[1] + kernel[1]];
    throw mismatch(where, `a padded image of at least ${formatShape(kernel)}`, formatShape(padded));
  }
  return [Math.floor(free[0] / stride[0]) + 1, Math.floor(free[1] / stride[1]) + 1];
}

function vectorShape(input: Shape, where: string): readonly [number] {
  if (input.length !== 1)
    throw mismatch(where, 'a flat sample [d] (put flatten() before it)', formatShape(input));
  return input as readonly [number];
}

function imageShape(input: Shape, where: string): readonly [number, number, number] {
  if (input.length !== 3) throw mismatch(where, 'an image [C, H, W]', formatShape(input));
  return input as readonly [number, number, number];
}

function checkTensor({ shape, data }: Tensor, rank: number, what: string): void {
  if (shape.length !== rank) throw mismatch(what, `${rank} axes`, formatShape(shape));
  checkSizes(shape, what);
  checkParameter(data, valueCount(shape), what);
}

function checkParameter(values: FloatArray, count: number, what: string): void {
  if (values.length !== count) throw mismatch(what, `${count} values`, String(values.length));
  if (!allFinite(values)) {
    throw new EdjmError('INVALID_DATA', `${what}: expected finite values, got NaN or an infinity.`);
  }
}

function checkPadding(padding: Padding, where: string): void {
  if (!padding.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${where}, padding: expected integers of at least 0, got ${formatShape(padding)}.`,
    );
  }
}

function checkNumber(value: number, holds: boolean, expected: string): void {
  if (!Number.isFinite(value) || !holds)
    throw new EdjmError('INVALID_ARGUMENT', `${expected}, got ${value}.`);
}

function mismatch(where: string, expected: string, got: string): EdjmError {
  return new EdjmError('SHAPE_MISMATCH', `${where}: expected ${expected}, got ${got}.`);
}

import type { backend_util, NamedAttrMap, NamedTensorInfoMap, Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from './tf.ts';

type Kernel = (tf: Tf, inputs: NamedTensorInfoMap, attributes: NamedAttrMap) => Tensor;
type Shape4D = [number, number, number, number];
type Info = backend_util.Conv2DInfo;

/**
 * Derivatives of convolutions that the WebAssembly engine lacks, made of kernels that it has: with respect to filters, and of depthwise
 * ones.
 */
export const missingKernels: Readonly<Record<string, Kernel>> = {
  Conv2DBackpropFilter: (tf, inputs, attributes) => {
    const [x, dy] = tensors(inputs, ['x', 'dy']);
    const info = convolution(
      tf,
      { x: x.shape, filter: filterShape(attributes), depthwise: false },
      attributes,
    );
    const [height, width, inChannels, outChannels] = info.filterShape;
    const columns = dy.reshape([-1, outChannels]);
    // One product for each place in the filter: of all that it saw with all that came of it.
    const products = windows(tf, x, info).map((seen) =>
      tf.matMul(seen.reshape([-1, inChannels]), columns, true),
    );
    return tf.stack(products).reshape([height, width, inChannels, outChannels]);
  },

  DepthwiseConv2dNativeBackpropFilter: (tf, inputs, attributes) => {
    const [x, dy] = tensors(inputs, ['x', 'dy']);
    const info = convolution(
      tf,
      { x: x.shape, filter: filterShape(attributes), depthwise: true },
      attributes,
    );
    const [, , inChannels, multiplier] = info.filterShape;
    const byChannel = dy.reshape([...info.outShape.slice(0, 3), inChannels, multiplier]);
    const sums = windows(tf, x, info).map((seen) => tf.mul(seen.expandDims(-1), byChannel).sum([0, 1, 2]));
    return tf.stack(sums).reshape(info.filterShape);
  },

  DepthwiseConv2dNativeBackpropInput: (tf, inputs, attributes) => {
    const [dy, filter] = tensors(inputs, ['dy', 'filter']);
    const x = attributes['inputShape'] as Shape4D;
    const info = convolution(tf, { x, filter: filter.shape, depthwise: true }, attributes);
    const [, , inChannels, multiplier] = filter.shape;
    const [n, height, width] = info.outShape;
    const byChannel = dy.reshape([n, height, width, inChannels, multiplier]);
    const dilations: [number, number] = [info.dilationHeight, info.dilationWidth];
    const parts = Array.from({ length: multiplier }, (_, q) => {
      const part: Tensor4D = byChannel
        .slice([0, 0, 0, 0, q], [-1, -1, -1, -1, 1])
        .reshape([n, height, width, inChannels]);
      const flipped = tf.reverse4d(filter.slice([0, 0, 0, q], [-1, -1, -1, 1]), [0, 1]);
      return tf.depthwiseConv2d(spread(tf, part, info), flipped, 1, 'valid', 'NHWC', dilations);
    });
    return tf.addN(parts);
  },
};

/**
 * Replacements of slow kernels of the engine, which go through every value of the filter for every value of the input. The
 * derivative with respect to the input is itself a convolution, which the engine computes fast: that of the cotangents,
 * with zeros between them, and the flipped filter.
 */
export const fastKernels: Readonly<Record<string, Kernel>> = {
  Conv2DBackpropInput: (tf, inputs, attributes) => {
    const [dy, filter] = tensors(inputs, ['dy', 'filter']);
    const x = attributes['inputShape'] as Shape4D;
    const info = convolution(tf, { x, filter: filter.shape, depthwise: false }, attributes);
    const turned: Tensor4D = tf.transpose(tf.reverse4d(filter, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(spread(tf, dy, info), turned, 1, 'valid');
  },
};

/** The inputs of a kernel; they are tensors if TensorFlow.js itself calls it. */
function tensors(
  inputs: NamedTensorInfoMap,
  names: readonly [string, string],
): readonly [Tensor4D, Tensor4D] {
  return [inputs[names[0]] as Tensor4D, inputs[names[1]] as Tensor4D];
}

function filterShape(attributes: NamedAttrMap): Shape4D {
  return attributes['filterShape'] as Shape4D;
}

/** Sizes, strides and padding of a convolution, channels last. */
function convolution(
  { backend_util }: Tf,
  { x, filter, depthwise }: { x: Shape4D; filter: Shape4D; depthwise: boolean },
  { strides, dilations = 1, pad }: NamedAttrMap,
): Info {
  return backend_util.computeConv2DInfo(
    x,
    filter,
    strides as number | [number, number],
    dilations as number | [number, number],
    pad as 'same' | 'valid' | number | backend_util.ExplicitPadding,
    undefined,
    depthwise,
  );
}

/**
 * For each place of a filter or of a pooling window, row by row, the input values under it: [n, height, width, channels] of
 * the output.
 */
export function windows(tf: Tf, x: Tensor4D, info: Info): readonly Tensor[] {
  const { top, bottom, left, right } = info.padInfo;
  const padded = tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  const { batchSize, inChannels, strideHeight, strideWidth, outHeight, outWidth } = info;
  const seen: Tensor[] = [];
  for (let i = 0; i < info.filterHeight; i++) {
    for (let j = 0; j < info.filterWidth; j++) {
      const [row, column] = [i * info.dilationHeight, j * info.dilationWidth];
      const end = [row + (outHeight - 1) * strideHeight + 1, column + (outWidth - 1) * strideWidth + 1];
      seen.push(
        tf.stridedSlice(
          padded,
          [0, row, column, 0],
          [batchSize, ...end, inChannels],
          [1, strideHeight, strideWidth, 1],
        ),
      );
    }
  }
  return seen;
}

/**
 * The cotangents of a convolution's output, spread over the input: zeros between them for the strides, and as many around
 * them as a flipped filter needs to give the size of the input.
 */
function spread(tf: Tf, dy: Tensor4D, info: Info): Tensor4D {
  const [n, height, width, channels] = dy.shape;
  const { strideHeight, strideWidth, padInfo, effectiveFilterHeight, effectiveFilterWidth } = info;
  const apart = tf
    .pad(dy.reshape([n, height, 1, width, 1, channels]), [
      [0, 0],
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ])
    .reshape<Tensor4D>([n, height * strideHeight, width * strideWidth, channels]);
  const rows = along(info.inHeight, { filter: effectiveFilterHeight, before: padInfo.top }, apart.shape[1]);
  const columns = along(info.inWidth, { filter: effectiveFilterWidth, before: padInfo.left }, apart.shape[2]);
  return tf
    .pad<Tensor4D>(apart, [[0, 0], rows.pad, columns.pad, [0, 0]])
    .slice([0, rows.first, columns.first, 0], [n, rows.size, columns.size, channels]);
}

/** The zeros before and after, and the part of the sum to take: not all of it if the padding is wider than the filter. */
function along(
  size: number,
  { filter, before }: { readonly filter: number; readonly before: number },
  have: number,
): { readonly pad: [number, number]; readonly first: number; readonly size: number } {
  const start = filter - 1 - before;
  const wanted = size + filter - 1;
  const pad: [number, number] = [Math.max(0, start), Math.max(0, wanted - start - have)];
  return { pad, first: Math.max(0, -start), size: wanted };
}

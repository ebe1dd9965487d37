import type { AveragePool2dLayer, Conv2dLayer, Padding } from '@edjm/network';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { affine, type Holder, type TensorLayer } from './tensorLayer.ts';

/** [n, height, width, channels], from [n, channels, height, width]. */
export function channelsLast(x: Tensor): Tensor {
  return x.transpose([0, 2, 3, 1]);
}

/** [n, channels, height, width], from [n, height, width, channels]. */
export function channelsFirst(x: Tensor): Tensor {
  return x.transpose([0, 3, 1, 2]);
}

/** A convolution. TensorFlow.js has no derivatives of dilated ones: their weights are spread with zeros instead. */
export function conv2d(layer: Conv2dLayer, name: string, { tf, add }: Holder): TensorLayer {
  const { weight, bias, stride, padding, dilation, groups } = layer;
  const [outputs = 1, inputs = 1] = weight.shape;
  const held = add(`${name}weight`, { ...weight, order: [2, 3, 1, 0] });
  const offset = bias && add(`${name}bias`, { shape: [outputs], data: bias });
  const strides: [number, number] = [...stride];
  // One input channel a group: the filter of a depthwise convolution is [height, width, groups, outputs of a group].
  // TensorFlow has none with different strides.
  const isDepthwise = groups > 1 && inputs === 1 && stride[0] === stride[1];
  const linear = (x: Tensor): Tensor => {
    const filter = spread(held as Tensor as Tensor4D, dilation);
    const [height, width] = filter.shape;
    const image = padded(x, padding);
    return isDepthwise
      ? tf.depthwiseConv2d(
          image,
          filter.reshape<Tensor4D>([height, width, groups, outputs / groups]),
          strides,
          'valid',
        )
      : grouped(tf, { image, filter, groups }, strides);
  };
  return affine((x) => (offset === undefined ? linear(x) : linear(x).add(offset)), linear);
}

/** Each group of the output channels sees its group of the input channels. */
function grouped(
  tf: Tf,
  { image, filter, groups }: { readonly image: Tensor4D; readonly filter: Tensor4D; readonly groups: number },
  strides: [number, number],
): Tensor {
  if (groups === 1) return tf.conv2d(image, filter, strides, 'valid');
  const images = tf.split<Tensor4D>(image, groups, 3);
  const filters = tf.split<Tensor4D>(filter, groups, 3);
  return tf.concat(
    images.map((part, group) => tf.conv2d(part, filters[group] as Tensor4D, strides, 'valid')),
    3,
  );
}

/** A convolution's weight with zeros between its entries. */
function spread(weight: Tensor4D, [down, across]: readonly [number, number]): Tensor4D {
  if (down === 1 && across === 1) return weight;
  const [height, width, inputs, outputs] = weight.shape;
  // Along one axis after the other: not every engine pads tensors of six.
  return weight
    .reshape([height, 1, width * inputs * outputs])
    .pad([
      [0, 0],
      [0, down - 1],
      [0, 0],
    ])
    .reshape([height * down, width, 1, inputs * outputs])
    .pad([
      [0, 0],
      [0, 0],
      [0, across - 1],
      [0, 0],
    ])
    .reshape<Tensor4D>([height * down, width * across, inputs, outputs])
    .slice([0, 0, 0, 0], [(height - 1) * down + 1, (width - 1) * across + 1, inputs, outputs]);
}

/** Mean of each window. */
export function averagePool2d(
  { kernel, stride, padding, countIncludePad }: AveragePool2dLayer,
  tf: Tf,
): TensorLayer {
  const mean = (x: Tensor) => tf.avgPool(padded(x, padding), [...kernel], [...stride], 'valid');
  if (countIncludePad || padding.every((size) => size === 0)) return affine(mean);
  // The share of each window that lies inside the image.
  return affine((x) => mean(x).div(mean(tf.ones([1, ...x.shape.slice(1)]))));
}

/** An image with a border. */
export function padded(x: Tensor, [top, left, bottom, right]: Padding, value = 0): Tensor4D {
  if (top + left + bottom + right === 0) return x as Tensor4D;
  return x.pad<Tensor4D>(
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    value,
  );
}

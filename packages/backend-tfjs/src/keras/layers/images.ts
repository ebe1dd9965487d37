import type { Tensor3D } from '@tensorflow/tfjs';
import { alongAxis, interpolation } from '../../tape/resizing.ts';
import { activate } from './activations.ts';
import { first, type OwnConfig, type OwnKind } from './ownLayer.ts';

/** Layers that crop, pad, repeat or interpolate along axes of x, [n, …sizes, channels], and convolutions. */
export const imageKinds: Readonly<Record<string, OwnKind>> = {
  /** Margins before and after each axis of a sample. */
  Cropping: {
    shape: ([input = []], { options }) =>
      input.map((size, i) => plus(size, -margin(options, i, 0) - margin(options, i, 1))),
    call: (tf, call) => {
      const x = first(call);
      const begin = x.shape.map((_, i) => margin(call.config.options, i, 0));
      const size = x.shape.map((length, i) => length - (begin[i] ?? 0) - margin(call.config.options, i, 1));
      return tf.slice(x, begin, size);
    },
  },
  ZeroPadding: {
    shape: ([input = []], { options }) =>
      input.map((size, i) => plus(size, margin(options, i, 0) + margin(options, i, 1))),
    call: (tf, call) =>
      tf.pad(
        first(call),
        first(call).shape.map((_, i) => [
          margin(call.config.options, i, 0),
          margin(call.config.options, i, 1),
        ]),
      ),
  },
  /** Each value as often as its axis says. */
  Repeat: {
    shape: ([input = []], { options }) =>
      input.map((size, i) => (size === null ? null : size * count(options, i))),
    call: (tf, call) =>
      first(call).shape.reduce((x, _, axis) => {
        const times = count(call.config.options, axis);
        if (times === 1) return x;
        const { shape } = x;
        const split = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
        const tiled = tf.tile(
          x.reshape(split),
          split.map((_, i) => (i === axis + 1 ? times : 1)),
        );
        return tiled.reshape(shape.map((size, i) => (i === axis ? size * times : size)));
      }, first(call)),
  },
  /** Bilinear, between the centers of pixels, as products with two matrices of weights. */
  Bilinear: {
    shape: ([[n = null, , , channels = null] = []], { options }) => [
      n,
      ...(options['size'] as number[]),
      channels,
    ],
    call: (tf, call) => {
      const size = call.config.options['size'] as readonly number[];
      return size.reduce((x, to, i) => {
        const matrix = interpolation(tf, [x.shape[i + 1] ?? 1, to], { halfPixelCenters: true });
        return alongAxis(tf, x, { axis: i + 1, matrix });
      }, first(call));
    },
  },
  /** Convolution along one axis with values of the past alone. */
  Conv1D: {
    shape: ([[n = null, length = null] = []], { options }) => [
      n,
      length === null ? null : Math.ceil(length / Number(options['stride'])),
      Number(options['filters']),
    ],
    call: (tf, call) => {
      const { kernel, bias } = call.weights;
      const { options } = call.config;
      if (kernel === undefined) throw new Error('expected a kernel, got none.');
      const [size = 1, inputs = 1, filters = 1] = kernel.shape;
      const dilation = Number(options['dilation']);
      // TensorFlow.js has no derivatives of dilated convolutions.
      const spread = tf
        .pad(kernel.reshape([size, 1, inputs, filters]), [
          [0, 0],
          [0, dilation - 1],
          [0, 0],
          [0, 0],
        ])
        .reshape([size * dilation, inputs, filters])
        .slice([0, 0, 0], [(size - 1) * dilation + 1, inputs, filters]) as Tensor3D;
      const padded = tf.pad(first(call) as Tensor3D, [
        [0, 0],
        [(size - 1) * dilation, 0],
        [0, 0],
      ]);
      const y = tf.conv1d(padded, spread, Number(options['stride']), 'valid');
      return activate(tf, options['activation'], bias === undefined ? y : tf.add(y, bias));
    },
  },
};

function plus(size: number | null, more: number): number | null {
  return size === null ? null : size + more;
}

function margin(options: OwnConfig['options'], axis: number, side: 0 | 1): number {
  return (options['margins'] as readonly number[])[2 * axis + side] ?? 0;
}

function count(options: OwnConfig['options'], axis: number): number {
  return (options['times'] as readonly number[])[axis] ?? 1;
}

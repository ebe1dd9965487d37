import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { Tf } from '../../engines/tf.ts';
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
      const [height = 1, width = 1] = call.config.options['size'] as readonly number[];
      const x = first(call);
      return alongAxis(tf, alongAxis(tf, x, [1, height]), [2, width]);
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

/** Interpolates along one axis. */
function alongAxis(tf: Tf, x: Tensor, [axis, size]: readonly [number, number]): Tensor {
  const length = x.shape[axis] ?? 1;
  const weights = new Float32Array(length * size);
  for (let to = 0; to < size; to++) {
    const from = Math.min(Math.max(((to + 0.5) * length) / size - 0.5, 0), length - 1);
    const low = Math.floor(from);
    const high = Math.min(low + 1, length - 1);
    weights[low * size + to] = (weights[low * size + to] ?? 0) + 1 - (from - low);
    weights[high * size + to] = (weights[high * size + to] ?? 0) + from - low;
  }
  const order = x.shape.map((_, i) => i);
  order.push(...order.splice(axis, 1));
  const back = order.map((_, i) => order.indexOf(i));
  const last = tf.transpose(x, order);
  const product = tf.matMul(last.reshape([-1, length]), tf.tensor2d(weights, [length, size]));
  return tf.transpose(product.reshape([...last.shape.slice(0, -1), size]), back);
}

import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';

/** Where values lie on an axis. */
interface Sampling {
  /** Whether first and last values fall together. Defaults to false. */
  readonly alignCorners?: boolean;
  /** Whether values are the middles of pixels, not their beginnings. Defaults to false. */
  readonly halfPixelCenters?: boolean;
}

/** The weights of linear interpolation from values to others, [from, to]. */
export function interpolation(tf: Tf, [from, to]: readonly [number, number], sampling: Sampling): Tensor {
  const { alignCorners = false, halfPixelCenters = false } = sampling;
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  const shift = halfPixelCenters ? 0.5 : 0;
  const weights = new Float32Array(from * to);
  for (let target = 0; target < to; target++) {
    const place = Math.min(Math.max((target + shift) * scale - shift, 0), from - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, from - 1);
    weights[low * to + target] = 1 - (place - low);
    if (high > low) weights[high * to + target] = place - low;
  }
  return tf.tensor2d(weights, [from, to]);
}

/** The product of a matrix [sizes of the axis, new sizes] with an axis of x. */
export function alongAxis(
  tf: Tf,
  x: Tensor,
  { axis, matrix }: { readonly axis: number; readonly matrix: Tensor },
): Tensor {
  const [from = 1, to = 1] = matrix.shape;
  const order = x.shape.map((_, i) => i);
  order.push(...order.splice(axis, 1));
  const last = tf.transpose(x, order);
  const product = tf.matMul(last.reshape([-1, from]), matrix).reshape([...last.shape.slice(0, -1), to]);
  return tf.transpose(
    product,
    order.map((_, i) => order.indexOf(i)),
  );
}

/** The way back through an interpolation of images, [n, height, width, channels]. */
export function resizedBack(
  tf: Tf,
  dy: Tensor,
  { shape, ...sampling }: Sampling & { readonly shape: readonly number[] },
): Tensor {
  return [1, 2].reduce((cotangent, axis) => {
    const matrix = interpolation(tf, [shape[axis] ?? 1, dy.shape[axis] ?? 1], sampling);
    return alongAxis(tf, cotangent, { axis, matrix: tf.transpose(matrix) });
  }, dy);
}

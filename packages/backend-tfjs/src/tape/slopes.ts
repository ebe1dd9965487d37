import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';

/** The slope of ReLU: 1 for x > 0, 0 otherwise. */
export function reluSlope(tf: Tf, x: Tensor): Tensor {
  return tf.cast(tf.greater(x, 0), 'float32');
}

/** 1 / cosh²x = 4 e / (1 + e)², e = e^{−2|x|}. */
export function tanhSlope(tf: Tf, x: Tensor): Tensor {
  const e = tf.exp(tf.mul(tf.abs(x), -2));
  return tf.div(tf.mul(e, 4), tf.square(tf.add(e, 1)));
}

/** σ(x) σ(−x). */
export function logisticSlope(tf: Tf, x: Tensor): Tensor {
  return tf.mul(tf.sigmoid(x), tf.sigmoid(tf.neg(x)));
}

/**
 * Slopes f′(x) of operations that act on each value alone, computed from their input. They are the same for every output,
 * so that a run computes them once. TensorFlow.js computes them anew for each output, and some from the operation's output,
 * as 1 − tanh²x and σ(1 − σ), which rounds to 0 if the operation is saturated.
 */
export const slopes: Readonly<Record<string, (tf: Tf, x: Tensor) => Tensor>> = {
  Relu: reluSlope,
  Tanh: tanhSlope,
  Sigmoid: logisticSlope,
};

import type { Tensor } from '@tensorflow/tfjs';
import type { BetterKernel } from './longSums.ts';

/**
 * Batch normalization along any axis. Kernels of TensorFlow.js repeat means and scales along the last axis, whatever their shapes: the layer
 * BatchNormalization with another axis comes out wrong.
 */
export const broadcastBatchNorm: BetterKernel = (tf, own, call) => {
  const { x, mean, variance, scale, offset } = call.inputs as Readonly<Record<string, Tensor | undefined>>;
  if (x === undefined || mean === undefined || variance === undefined) return own(call);
  const isPlain = [mean, variance, scale, offset].every(
    (tensor) => tensor === undefined || tensor.rank <= 1 || tensor.size === x.size,
  );
  if (isPlain) return own(call);
  return tf.tidy(() => {
    const factor = tf.rsqrt(tf.add(variance, call.attrs?.['varianceEpsilon'] as number));
    const normalized = tf.mul(tf.sub(x, mean), scale === undefined ? factor : tf.mul(factor, scale));
    return offset === undefined ? normalized : tf.add(normalized, offset);
  });
};

import type { DenseMatrix, Loss, LossFunction } from '@edjm/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';

/** The mean loss of a batch, and its gradient with respect to the outputs, [n, d_out]. */
export interface LossAndGradient {
  readonly value: number;
  readonly gradient: Tensor;
}

/**
 * Computes a loss in the engine, or with a function, whose gradient was checked.
 *
 * @param outputs - [n, d_out].
 * @param targets - n × d_out.
 */
export function lossOf(
  tf: Tf,
  loss: Loss,
  { outputs, targets }: { readonly outputs: Tensor; readonly targets: DenseMatrix },
): LossAndGradient {
  const { rows, columns } = targets;
  if (typeof loss === 'function') {
    const { value, gradient } = loss({ rows, columns, data: outputs.dataSync<'float32'>() }, targets);
    return { value, gradient: tf.tensor(new Float32Array(gradient.data), [rows, columns]) };
  }
  return tf.tidy(() => {
    const wanted = tf.tensor(targets.data, [rows, columns]);
    const { sum, gradient } = named(tf, loss, { outputs, wanted });
    const [total = NaN] = sum.dataSync();
    return { value: total / rows, gradient: gradient.div(rows) };
  });
}

/** Sums over the batch. */
function named(
  tf: Tf,
  loss: Exclude<Loss, LossFunction>,
  { outputs, wanted }: { readonly outputs: Tensor; readonly wanted: Tensor },
): { readonly sum: Scalar; readonly gradient: Tensor } {
  switch (loss) {
    case 'cross-entropy': {
      const logarithms = tf.logSoftmax(outputs);
      return {
        sum: tf.neg(tf.sum(tf.mul(wanted, logarithms))),
        gradient: tf.sub(tf.mul(tf.exp(logarithms), tf.sum(wanted, 1, true)), wanted),
      };
    }
    case 'squared-error': {
      const difference = tf.sub(outputs, wanted);
      return { sum: tf.div(tf.sum(tf.square(difference)), 2), gradient: difference };
    }
  }
}

import { checkFiniteValues, type DenseMatrix, type Loss, type LossFunction } from '@edjm/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import { checkColumns, checkRows } from '../inference/checks.ts';

/** The mean loss of a batch, and its gradient with respect to the outputs, [n, d_out]. */
export interface LossAndGradient {
  readonly value: number;
  readonly gradient: Tensor;
}

/**
 * Computes a loss in the engine, or with a function of the caller's.
 *
 * @param outputs - [n, d_out], and so are the targets.
 */
export function lossOf(
  tf: Tf,
  loss: Loss,
  {
    name,
    outputs,
    targets,
  }: { readonly name: string; readonly outputs: Tensor; readonly targets: DenseMatrix },
): LossAndGradient {
  if (typeof loss === 'function') return ownLoss(tf, loss, { name, outputs, targets });
  const [n = 1] = outputs.shape;
  return tf.tidy(() => {
    const wanted = tf.tensor(new Float32Array(targets.data), [targets.rows, targets.columns]);
    const { sum, gradient } = named(tf, loss, { outputs, wanted });
    const [total = NaN] = sum.dataSync();
    return { value: total / n, gradient: gradient.div(n) };
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

function ownLoss(
  tf: Tf,
  loss: LossFunction,
  {
    name,
    outputs,
    targets,
  }: { readonly name: string; readonly outputs: Tensor; readonly targets: DenseMatrix },
): LossAndGradient {
  const [rows = 0, columns = 0] = outputs.shape;
  const batch: DenseMatrix = { rows, columns, data: outputs.dataSync<'float32'>() };
  const { value, gradient } = loss(batch, targets);
  checkColumns(name, gradient, { columns, what: 'a gradient of the loss' });
  checkRows(name, gradient, { batch, what: 'gradient of the loss' });
  checkFiniteValues(name, gradient.data, 'a gradient of the loss');
  return { value, gradient: tf.tensor(new Float32Array(gradient.data), [rows, columns]) };
}

import type { DenseMatrix, Loss, LossFunction } from '@edjm/core';
import { logSoftmax } from '../layers/softmax.ts';
import { parts } from '../parts.ts';

/** The mean loss of a batch, and its gradient with respect to the outputs. */
export interface LossAndGradient {
  readonly value: number;
  /** n × d_out values. */
  readonly gradient: Float64Array;
}

/** Computes a loss, or calls a function that does, whose gradient was checked. */
export function lossOf(loss: Loss, outputs: DenseMatrix, targets: DenseMatrix): LossAndGradient {
  if (typeof loss !== 'function') return meanLoss(SAMPLE_LOSSES[loss], outputs, targets);
  const { value, gradient } = loss(outputs, targets);
  return { value, gradient: Float64Array.from(gradient.data) };
}

/** The loss of one sample y with the target t, and its gradient with respect to y. */
type SampleLoss = (y: Float64Array, t: Float64Array) => LossAndGradient;

const SAMPLE_LOSSES: Readonly<Record<Exclude<Loss, LossFunction>, SampleLoss>> = {
  'cross-entropy': (y, t) => {
    const { y: logarithms, vjp } = logSoftmax.value(y);
    return { value: -dot(t, logarithms), gradient: vjp(t.map((value) => -value)) };
  },
  'squared-error': (y, t) => {
    const difference = y.map((value, k) => value - (t[k] as number));
    return { value: dot(difference, difference) / 2, gradient: difference };
  },
};

function meanLoss(ofSample: SampleLoss, outputs: DenseMatrix, targets: DenseMatrix): LossAndGradient {
  const { rows, columns } = outputs;
  const wanted = parts(Float64Array.from(targets.data), rows);
  const gradient = new Float64Array(rows * columns);
  let total = 0;
  for (const [i, y] of parts(Float64Array.from(outputs.data), rows).entries()) {
    const found = ofSample(y, wanted[i] as Float64Array);
    total += found.value;
    gradient.set(
      found.gradient.map((value) => value / rows),
      i * columns,
    );
  }
  return { value: total / rows, gradient };
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
}

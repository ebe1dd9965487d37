import type { Tf } from '../engines/tf.ts';

/** Names of inputs to save. Missing inputs are left out. */
class Present extends Array<string> {
  override map<T>(f: (name: string, index: number, names: string[]) => T): T[] {
    return Array.from(this, (name, index) => f(name, index, this)).filter((saved) => saved !== undefined);
  }
}

/**
 * Records work with batch normalization that has no scale: TensorFlow.js saves its inputs for the derivative, and fails at
 * a missing one, although the derivative itself does not need it.
 */
export function withOptionalInputs<T>(tf: Tf, work: () => T): T {
  const gradient = tf.getGradient('FusedBatchNorm');
  const { inputsToSave = [] } = gradient;
  gradient.inputsToSave = Present.from(inputsToSave);
  try {
    return work();
  } finally {
    gradient.inputsToSave = inputsToSave;
  }
}

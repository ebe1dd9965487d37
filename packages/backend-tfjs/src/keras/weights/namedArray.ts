import type { io } from '@tensorflow/tfjs';

/** An array of weights under the name by which TensorFlow.js looks for it. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

/** Arrays in the form in which TensorFlow.js takes the weights of a model: one after the other. */
export function weightArtifacts(
  arrays: readonly NamedArray[],
): Required<Pick<io.ModelArtifacts, 'weightSpecs' | 'weightData'>> {
  const data = new Float32Array(arrays.reduce((count, { values }) => count + values.length, 0));
  let filled = 0;
  for (const { values } of arrays) {
    data.set(values, filled);
    filled += values.length;
  }
  return {
    weightSpecs: arrays.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
    weightData: data.buffer,
  };
}

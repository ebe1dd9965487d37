import { type DenseMatrix, type DifferentiableNetwork, EdjmError } from '@edjm/core';

/** Options of {@link teacherOutputs}. */
export interface TeacherOptions {
  /** The number of samples at once. Defaults to the preferred batch size of the teacher. */
  readonly batchSize?: number;
}

/**
 * The outputs of a network for samples, all in one matrix: the targets of a student that learns to give the same. For hints (Romero et al.
 * 2014) that is a network that ends with the teacher's hidden layer.
 *
 * @param samples - n × sampleSize.
 * @returns n × dOut, in the precision of the teacher.
 * @throws EdjmError `SHAPE_MISMATCH` for samples of another width, `INVALID_ARGUMENT` for a batch size that is no whole number above 0.
 *
 * @example
 * ```ts
 * import { cpuBackend } from '@edjm/backend-cpu';
 * import type { Network } from '@edjm/network';
 * import { teacherOutputs } from '@edjm/recipes';
 *
 * declare const teacher: Network;
 * declare const samples: { rows: number; columns: number; data: Float32Array };
 * // The outputs of layer 3, counted from 0.
 * const hint = await cpuBackend().load({ ...teacher, layers: teacher.layers.slice(0, 4) });
 * const targets = await teacherOutputs(hint, samples);
 * ```
 */
export async function teacherOutputs(
  teacher: DifferentiableNetwork,
  samples: DenseMatrix,
  options: TeacherOptions = {},
): Promise<DenseMatrix> {
  const { batchSize = teacher.preferredBatchSize } = options;
  const { rows, columns } = samples;
  if (columns !== teacher.sampleSize || samples.data.length !== rows * columns) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${teacher.name}: expected samples of ${teacher.sampleSize} values, got ${rows} × ${columns} in an array of ${samples.data.length}. Give the data that the teacher was trained on.`,
    );
  }
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a batch size of 1 or more, got ${batchSize}. Give such a number.`,
    );
  }
  const length = rows * teacher.dOut;
  const data = teacher.precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
  for (let first = 0; first < rows; first += batchSize) {
    const n = Math.min(batchSize, rows - first);
    const batch = { rows: n, columns, data: samples.data.subarray(first * columns, (first + n) * columns) };
    const outputs = await teacher.forward(batch);
    data.set(outputs.data, first * teacher.dOut);
  }
  return { rows, columns: teacher.dOut, data };
}

/**
 * The logits of a teacher; of log-probabilities and of probabilities' logarithms, which are logits up to a constant a sample. Those of
 * probabilities of 0 are −∞.
 *
 * @throws EdjmError `UNSUPPORTED` for a teacher that has none.
 */
export async function teacherLogits(
  teacher: DifferentiableNetwork,
  samples: DenseMatrix,
  options: TeacherOptions,
): Promise<DenseMatrix> {
  if (teacher.outputKind === 'as-is') {
    throw new EdjmError(
      'UNSUPPORTED',
      `${teacher.name}: expected a teacher with logits, got one whose outputs are as they are. End it in its softmax, or in its logits.`,
    );
  }
  const outputs = await teacherOutputs(teacher, samples, options);
  return teacher.outputKind === 'probability' ? { ...outputs, data: outputs.data.map(Math.log) } : outputs;
}

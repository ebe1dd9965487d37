import { type DenseMatrix, type DifferentiableNetwork, EdjmError } from '@edjm/core';
import { teacherLogits, type TeacherOptions } from './teacherOutputs.ts';

/** Options of {@link logitTargets}. */
export interface LogitTargetOptions extends TeacherOptions {
  /** Whether the mean of each sample's logits is taken off, which no softmax sees. Defaults to `true`. */
  readonly center?: boolean;
}

/**
 * The logits of a teacher as targets of a regression, with the loss `'squared-error'` (Ba, Caruana 2014).
 *
 * @param samples - n × sampleSize.
 * @returns n × dOut.
 * @throws EdjmError as `teacherOutputs`; `INVALID_DATA` for logits that are not finite, such as those of a probability of 0.
 *
 * @example
 * ```ts
 * import type { DenseMatrix, DifferentiableNetwork, TrainableNetwork } from '@edjm/core';
 * import { logitTargets } from '@edjm/recipes';
 *
 * export async function mimic(student: TrainableNetwork, teacher: DifferentiableNetwork, samples: DenseMatrix): Promise<void> {
 *   const targets = await logitTargets(teacher, samples);
 *   await student.step(samples, targets, { learningRate: 0.01, loss: 'squared-error' });
 * }
 * ```
 */
export async function logitTargets(
  teacher: DifferentiableNetwork,
  samples: DenseMatrix,
  options: LogitTargetOptions = {},
): Promise<DenseMatrix> {
  const { center = true } = options;
  const logits = await teacherLogits(teacher, samples, options);
  if (!logits.data.every(Number.isFinite)) {
    throw new EdjmError(
      'INVALID_DATA',
      `${teacher.name}: expected finite logits, got others. Load the teacher with outputKind: 'logit'.`,
    );
  }
  return center ? centered(logits) : logits;
}

/** A matrix whose rows have the mean 0. */
function centered({ rows, columns, data }: DenseMatrix): DenseMatrix {
  const result = data.slice();
  for (let row = 0; row < rows; row++) {
    const values = result.subarray(row * columns, (row + 1) * columns);
    let sum = 0;
    for (const value of values) sum += value;
    for (let k = 0; k < columns; k++) values[k] = (values[k] as number) - sum / columns;
  }
  return { rows, columns, data: result };
}

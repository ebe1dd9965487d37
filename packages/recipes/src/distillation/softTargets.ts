import { type DenseMatrix, type DifferentiableNetwork, EdjmError } from '@edjm/core';
import { completeMixture, mixtureParts, type MixtureOptions } from './mixture.ts';
import { teacherLogits, type TeacherOptions } from './teacherOutputs.ts';
import { temperedSoftmax } from './temperedSoftmax.ts';

/** Options of {@link softTargets}. */
export interface SoftTargetOptions extends TeacherOptions, MixtureOptions {
  /** The true class of each sample; needed where `hardWeight` is above 0. */
  readonly labels?: ArrayLike<number>;
}

/**
 * The labels of a teacher, softened by a temperature (Hinton, Vinyals, Dean 2015), with the true classes mixed in:
 *
 *     t = ((1 − α) T softmax(v / T) + α y) / ((1 − α) T + α)
 *
 * for the teacher's logits v and the class y, one-hot. These are all that {@link distillationLoss} of the same options needs to know of both; for
 * α = 0 they are the soft labels softmax(v / T), and for T = 1 the loss is the usual cross-entropy.
 *
 * The teacher may give logits, log-probabilities or probabilities p, as the mean of an ensemble does: softmax(log p / T) is the same.
 *
 * @param samples - n × sampleSize.
 * @returns n × dOut probabilities.
 * @throws EdjmError as `teacherOutputs`; `INVALID_ARGUMENT` for a temperature or weight out of its range, and for classes that are missing or
 * that the teacher does not have.
 */
export async function softTargets(
  teacher: DifferentiableNetwork,
  samples: DenseMatrix,
  options: SoftTargetOptions,
): Promise<DenseMatrix> {
  const mixture = completeMixture(options);
  const { softPart, hardPart } = mixtureParts(mixture);
  const classes = hardPart > 0 ? checkedLabels(teacher, samples.rows, options.labels) : undefined;
  const { rows, columns, data: logits } = await teacherLogits(teacher, samples, options);
  const data = logits.slice();
  for (let row = 0; row < rows; row++) {
    const { probabilities } = temperedSoftmax(
      logits.subarray(row * columns, (row + 1) * columns),
      mixture.temperature,
    );
    for (let k = 0; k < columns; k++) {
      const hard = classes?.[row] === k ? hardPart : 0;
      data[row * columns + k] = softPart * (probabilities[k] as number) + hard;
    }
  }
  return { rows, columns, data };
}

function checkedLabels(
  { name, dOut }: DifferentiableNetwork,
  n: number,
  labels: ArrayLike<number> | undefined,
): ArrayLike<number> {
  const isClass = (label: number) => Number.isInteger(label) && label >= 0 && label < dOut;
  if (labels?.length === n && Array.from(labels).every(isClass)) return labels;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${name}: expected labels from 0 to ${dOut - 1} for ${n} samples where hardWeight is above 0, got ${labels === undefined ? 'none' : `${labels.length}, or others`}. Give one a sample, or a hardWeight of 0.`,
  );
}

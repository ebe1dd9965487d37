import type { LossFunction } from '@edjm/core';
import { completeMixture, mixtureParts, type MixtureOptions } from './mixture.ts';
import { temperedSoftmax } from './temperedSoftmax.ts';

/**
 * The loss of a student that learns from a teacher's soft labels q = softmax(v / T) and the true classes y (Hinton, Vinyals, Dean 2015),
 *
 *     (1 − α) T² H(q, softmax(z / T)) + α H(y, softmax(z)),   H(t, p) = −Σ_k t_k log p_k,
 *
 * with gradient (1 − α) T (softmax(z / T) − q) + α (softmax(z) − y), of a size that T changes little. Both are linear in q and y, which
 * they need only as the mixture t that {@link softTargets} of the same options gives:
 *
 *     (1 − α) T² log Σ_k e^{z_k / T} + α log Σ_k e^{z_k} − ((1 − α) T + α) Σ_k t_k z_k.
 *
 * For T → ∞ and α = 0 the gradient is (z − v) / d_out without its mean: the regression on logits of Ba and Caruana (2014).
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a temperature or weight out of its range.
 *
 * @example
 * ```ts
 * import type { DenseMatrix, DifferentiableNetwork, TrainableNetwork } from '@edjm/core';
 * import { distillationLoss, softTargets } from '@edjm/recipes';
 *
 * export async function distill(
 *   student: TrainableNetwork,
 *   teacher: DifferentiableNetwork,
 *   { samples, labels }: { samples: DenseMatrix; labels: Uint8Array },
 * ): Promise<void> {
 *   const mixture = { temperature: 4, hardWeight: 0.1 };
 *   const targets = await softTargets(teacher, samples, { ...mixture, labels });
 *   await student.step(samples, targets, { learningRate: 0.01, loss: distillationLoss(mixture) });
 * }
 * ```
 */
export function distillationLoss(options: MixtureOptions): LossFunction {
  const mixture = completeMixture(options);
  const { temperature, hardWeight } = mixture;
  const { factor } = mixtureParts(mixture);
  return (outputs, targets) => {
    const { rows, columns } = outputs;
    const gradient = new Float64Array(rows * columns);
    let value = 0;
    for (let row = 0; row < rows; row++) {
      const logits = outputs.data.subarray(row * columns, (row + 1) * columns);
      const soft = temperedSoftmax(logits, temperature);
      const hard = temperedSoftmax(logits, 1);
      value += (1 - hardWeight) * soft.scaledLogSum + hardWeight * hard.scaledLogSum;
      for (let k = 0; k < columns; k++) {
        const target = factor * (targets.data[row * columns + k] as number);
        const model =
          (1 - hardWeight) * temperature * (soft.probabilities[k] as number) +
          hardWeight * (hard.probabilities[k] as number);
        value -= target * (logits[k] as number);
        gradient[row * columns + k] = (model - target) / rows;
      }
    }
    return { value: value / rows, gradient: { rows, columns, data: gradient } };
  };
}

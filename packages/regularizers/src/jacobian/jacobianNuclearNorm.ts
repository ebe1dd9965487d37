import type { Regularizer } from '@edjm/core';
import { type DenseMatrix, type SpectralFunction, spectralGradient } from '@edjm/linalg';
import { checkCount, checkNotNegative, checkPositive } from '../checkOptions.ts';
import { outputCotangents } from './outputCotangents.ts';

/** Options of {@link jacobianNuclearNorm}. */
export interface JacobianNuclearNormOptions {
  /** λ, above 0. */
  readonly strength: number;
  /** ε, at least 0, in the units of singular values: the norm is smooth for ε > 0. Defaults to 0. */
  readonly epsilon?: number;
  /** Samples of each batch. Defaults to all. */
  readonly samples?: number;
  /** Steps from one evaluation to the next. Defaults to 1. */
  readonly every?: number;
}

/**
 * Lowers the mean nuclear norm of the Jacobian of each sample, so that the function is locally of low rank.
 *
 *     penalty = λ / n Σ_i ‖J(x_i)‖_*,   ‖J‖_* = Σ σ, or Σ √(σ² + ε²)
 *
 * It takes all d_out rows of every sample, and is exact: the gradient is λ / n U diag(σ / √(σ² + ε²)) Vᵀ, from the eigenvectors of the d_out × d_out Gram
 * matrix; for ε = 0 that of U Vᵀ, the subgradient of least norm if singular values are 0. It suits some dozens of outputs.
 * For more outputs, the source avoids Jacobians altogether. For f = g ∘ h it penalizes ½ (‖J_g‖²_F + ‖J_h‖²_F), an upper
 * bound of the nuclear norm that is tight at the optimum. It estimates these norms from the changes of the functions under
 * small noise, as in denoising.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range.
 *
 * Source: Scarvelis and Solomon, "Nuclear Norm Regularization for Deep Learning", NeurIPS 2024.
 *
 * @example
 * ```ts
 * import { jacobianNuclearNorm } from '@edjm/regularizers';
 *
 * const regularizer = jacobianNuclearNorm({ strength: 1 });
 * const rows = [[3, 0], [0, 4]].map((row) => ({ rows: 1, columns: 2, data: Float64Array.from(row) }));
 * console.log(regularizer.penalty({ rows }, { n: 1, dIn: 2, dOut: 2, step: 0, seed: 0 })); // 3 + 4 = 7
 * ```
 */
export function jacobianNuclearNorm(options: JacobianNuclearNormOptions): Regularizer<'rows'> {
  const { strength, epsilon = 0, samples, every = 1 } = options;
  const name = 'jacobian-nuclear-norm';
  checkPositive(name, 'strength', strength);
  checkNotNegative(name, 'epsilon', epsilon);
  if (samples !== undefined) checkCount(name, 'samples', samples);
  checkCount(name, 'every', every);
  const norm = smoothNuclearNorm(epsilon);
  return {
    name,
    needs: ['rows'],
    options: { strength, epsilon, every, ...(samples !== undefined && { samples }) },
    ...(samples !== undefined && { samples }),
    every,
    cotangents: (context) =>
      outputCotangents(
        context,
        Array.from({ length: context.dOut }, (_, output) => output),
      ),
    penalty: ({ rows }, { n }) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += spectralGradient(jacobianOf(rows, i), norm).value;
      return (strength / n) * sum;
    },
    gradient: ({ rows }, { n }) => {
      const gradients = rows.map(({ columns }) => new Float64Array(n * columns));
      for (let i = 0; i < n; i++) {
        const { gradient } = spectralGradient(jacobianOf(rows, i), norm);
        const { columns } = gradient;
        for (const [output, target] of gradients.entries()) {
          for (let j = 0; j < columns; j++) {
            target[i * columns + j] = (strength / n) * (gradient.data[output * columns + j] as number);
          }
        }
      }
      return { rows: rows.map((row, output) => ({ ...row, data: gradients[output] as Float64Array })) };
    },
  };
}

/** J(x_i), d_out × d_in: row i of each of the EDJMs. */
function jacobianOf(edjms: readonly DenseMatrix[], i: number): DenseMatrix {
  const columns = edjms[0]?.columns ?? 0;
  const data = new Float64Array(edjms.length * columns);
  for (const [output, edjm] of edjms.entries()) {
    data.set(edjm.data.subarray(i * columns, (i + 1) * columns), output * columns);
  }
  return { rows: edjms.length, columns, data };
}

function smoothNuclearNorm(epsilon: number): SpectralFunction {
  return {
    name: 'nuclear-norm',
    evaluate: (singularValues) => ({
      value: singularValues.reduce((sum, sigma) => sum + Math.hypot(sigma, epsilon), 0),
      slopes: singularValues.map((sigma) => (sigma === 0 ? 0 : sigma / Math.hypot(sigma, epsilon))),
    }),
  };
}

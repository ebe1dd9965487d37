import type { Regularizer, RegularizerContext } from '@edjm/core';
import type { DenseMatrix } from '@edjm/linalg';
import type { RandomStream } from '@edjm/network';
import { checkCount, checkPositive } from '../checkOptions.ts';
import { squaredNorm, times } from '../matrixFunctions/matrixFunction.ts';
import { stepRandom } from './stepRandom.ts';

/** Options of {@link jacobianFrobenius}. */
export interface JacobianFrobeniusOptions {
  /** λ, above 0. */
  readonly strength: number;
  /** Random directions for each sample. Defaults to 1, which the paper finds enough. */
  readonly projections?: number;
  /** Samples of each batch. Defaults to all. */
  readonly samples?: number;
  /** Steps from one evaluation to the next. Defaults to 1. */
  readonly every?: number;
}

/**
 * Lowers half the mean squared Frobenius norm of the Jacobian, so that outputs change little with the input.
 *
 *     penalty = ½ λ / n Σ_i ‖J(x_i)‖²_F,   ‖J‖²_F = d_out E ‖vᵀJ‖²,   v uniform on the unit sphere of R^d_out
 *
 * The expectation is estimated without bias from `projections` directions for each sample, which depend on the seed and the step alone. The gradient is exact for
 * the directions drawn: λ d_out / (n p) vᵀJ for each row.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range.
 *
 * Source: Hoffman, Roberts and Yaida, "Robust Learning with Jacobian Regularization", 2019.
 *
 * @example
 * ```ts
 * import { jacobianFrobenius } from '@edjm/regularizers';
 *
 * const regularizer = jacobianFrobenius({ strength: 0.01 });
 * const rows = [{ rows: 1, columns: 2, data: Float64Array.of(3, 4) }];
 * console.log(regularizer.penalty({ rows }, { n: 1, dIn: 2, dOut: 10, step: 0, seed: 0 })); // 0.01 · ½ · 10 · 25 = 1.25
 * ```
 */
export function jacobianFrobenius(options: JacobianFrobeniusOptions): Regularizer<'rows'> {
  const { strength, projections = 1, samples, every = 1 } = options;
  const name = 'jacobian-frobenius';
  checkPositive(name, 'strength', strength);
  checkCount(name, 'projections', projections);
  if (samples !== undefined) checkCount(name, 'samples', samples);
  checkCount(name, 'every', every);
  const factorOf = ({ n, dOut }: RegularizerContext) => (strength * dOut) / (n * projections);
  return {
    name,
    needs: ['rows'],
    options: { strength, projections, every, ...(samples !== undefined && { samples }) },
    ...(samples !== undefined && { samples }),
    every,
    cotangents: (context) => {
      const random = stepRandom(context);
      return Array.from({ length: projections }, () => unitRows(context, random));
    },
    penalty: ({ rows }, context) =>
      (factorOf(context) / 2) * rows.reduce((sum, row) => sum + squaredNorm(row), 0),
    gradient: ({ rows }, context) => ({ rows: rows.map((row) => times(factorOf(context), row)) }),
  };
}

/** n × d_out: rows of length 1, uniformly distributed over all directions. */
function unitRows({ n, dOut }: RegularizerContext, { normal }: RandomStream): DenseMatrix {
  const data = new Float64Array(n * dOut);
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * dOut, (i + 1) * dOut);
    for (let k = 0; k < dOut; k++) row[k] = normal();
    const length = Math.sqrt(squaredNorm({ data: row }));
    for (let k = 0; k < dOut; k++) row[k] = (row[k] as number) / length;
  }
  return { rows: n, columns: dOut, data };
}

import type { Regularizer, RegularizerContext } from '@edjm/core';
import type { DenseMatrix } from '@edjm/linalg';
import { checkCount, checkPositive } from '../checkOptions.ts';
import {
  checkLogDetOptions,
  logDet,
  type LogDetOptions,
  recordedLogDetOptions,
} from '../matrixFunctions/logDet.ts';
import { times } from '../matrixFunctions/matrixFunction.ts';
import { outputCotangents } from './outputCotangents.ts';
import { stepRandom } from './stepRandom.ts';

/** Options of {@link edjmLogDet}. */
export interface EdjmLogDetOptions extends Omit<LogDetOptions, 'scaleFree'> {
  /** λ, above 0. */
  readonly strength: number;
  /** Defaults to `'raise'`, as in the paper. */
  readonly direction?: 'raise' | 'lower';
  /** Whether m log ‖J‖_F is subtracted, so that scaling the outputs changes nothing. Defaults to `true`. */
  readonly scaleFree?: boolean;
  /** How many outputs each step takes, drawn at random, or `'all'`. Defaults to `'all'`. */
  readonly outputs?: 'all' | number;
  /** Samples of each batch whose rows make J. Defaults to 64. */
  readonly samples?: number;
  /** Steps from one evaluation to the next. Defaults to 1. */
  readonly every?: number;
}

/** Enough for the upper tenth of the spectrum to hold several values, and cheap: a sixth of a usual batch of digits or less. */
const DEFAULT_SAMPLES = 64;

/**
 * Eq 13 itself, on a mini-batch: the logarithms of all singular values of the EDJM are raised. With J_k the m rows ∂f_k(x_i)/∂x of output k,
 *
 *     penalty = −λ Σ_k ( ½ log det(J_k J_kᵀ + δ I) − m log ‖J_k‖_F ),
 *
 * the second term if it is scale-free. With δ = 0 the first is Σ_σ log σ. The gradient with respect to J_k is
 * −λ (J_k J_kᵀ + δ I)⁻¹ J_k plus that of the terms with ‖J_k‖_F. It takes one Cholesky factorization of m × m numbers and
 * no singular value decomposition, some milliseconds an output. If m is above d_in, J_kᵀ J_k and d_in take the places of
 * J_k J_kᵀ and m.
 *
 * - The sum is over all outputs, as in Eq 13. If `outputs` are drawn, each counts d_out / `outputs` times, so that the
 * expectation is the same.
 * - By default it is scale-free, like the score Σ σ / σ₁. The first term alone grows by m log c if the rows grow c times.
 * Larger weights in the last layer would achieve that without any change in the form of the spectrum. With `scaleFree:
 * false` it is Eq 13 to the letter.
 * - A relative δ = ρ ‖J_k‖²_F / m is differentiated as well; scale-free, the penalty is then the same for every multiple of J_k, exactly.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range.
 *
 * Source: Wang et al., "Analysis of Deep Neural Networks with the Extended Data Jacobian Matrix", ICML 2016, Eq 13, which the authors
 * replaced by the spectra of layers, as singular value decompositions in every step were too expensive.
 *
 * @example
 * ```ts
 * import { edjmLogDet } from '@edjm/regularizers';
 *
 * const regularizer = edjmLogDet({ strength: 1e-4, outputs: 2 });
 * const context = { n: 1, dIn: 2, dOut: 10, step: 0, seed: 0 };
 * console.log(regularizer.cotangents?.(context).length); // 2
 * ```
 */
export function edjmLogDet(options: EdjmLogDetOptions): Regularizer<'rows'> {
  const { strength, direction = 'raise', scaleFree = true, outputs = 'all' } = options;
  const { samples = DEFAULT_SAMPLES, every = 1 } = options;
  const name = 'edjm-log-det';
  checkPositive(name, 'strength', strength);
  checkLogDetOptions(name, options);
  if (outputs !== 'all') checkCount(name, 'outputs', outputs);
  checkCount(name, 'samples', samples);
  checkCount(name, 'every', every);
  const form = { ...options, scaleFree };
  const signed = direction === 'raise' ? -strength : strength;
  const factorOf = ({ dOut }: RegularizerContext) =>
    outputs === 'all' ? signed : (signed * dOut) / Math.min(outputs, dOut);
  return {
    name,
    needs: ['rows'],
    options: {
      strength,
      direction,
      outputs,
      samples,
      every,
      ...recordedLogDetOptions(form),
    },
    samples,
    every,
    cotangents: (context) => outputCotangents(context, drawnOutputs(context, outputs)),
    penalty: ({ rows }, context) =>
      factorOf(context) * rows.reduce((sum, edjm) => sum + logDet(edjm, form).value, 0),
    gradient: ({ rows }, context) => ({
      rows: rows.map((edjm): DenseMatrix => times(factorOf(context), logDet(edjm, form).gradient())),
    }),
  };
}

/** All outputs, or as many different ones, drawn by the step. */
function drawnOutputs(context: RegularizerContext, outputs: 'all' | number): readonly number[] {
  const all = Array.from({ length: context.dOut }, (_, output) => output);
  if (outputs === 'all' || outputs >= context.dOut) return all;
  const { uniform } = stepRandom(context);
  // The first steps of the shuffle of Fisher and Yates.
  return Array.from({ length: outputs }, (_, i) => {
    const from = i + Math.floor(uniform() * (all.length - i));
    const drawn = all[from] as number;
    all[from] = all[i] as number;
    return drawn;
  });
}

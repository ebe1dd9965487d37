import type { Regularizer } from '@edjm/core';
import { multiply } from '@edjm/linalg';
import { leadingVector } from '../matrixFunctions/leadingVector.ts';
import { squaredNorm } from '../matrixFunctions/matrixFunction.ts';
import { type WeightChoice, weightRegularizer } from './weightRegularizer.ts';

/** Options of {@link spectralNormPenalty}. */
export interface SpectralNormPenaltyOptions extends WeightChoice {
  /** λ, above 0. */
  readonly strength: number;
  /** Steps from one evaluation to the next. Defaults to 1. */
  readonly every?: number;
}

/**
 * Lowers half the sum of the squared spectral norms of the weights, and so the growth of a change of the input from layer
 * to layer.
 *
 *     penalty = ½ λ Σ_l σ₁(W_l)²,   gradient λ σ₁ u₁ v₁ᵀ = λ W_l v₁ v₁ᵀ
 *
 * The source takes one step of power iteration and keeps the vector from step to step. Here nothing is kept, so that a
 * resumed run gives the same results: Lanczos iterations find v₁ anew each time, to some digits. On large weights `every:
 * 10` makes that cheap. Kernels of convolutions count as matrices O × (C · kH · kW).
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range.
 *
 * Source: Yoshida and Miyato, "Spectral Norm Regularization for Improving the Generalizability of Deep Learning", 2017, Eq 6.
 *
 * @example
 * ```ts
 * import { spectralNormPenalty } from '@edjm/regularizers';
 *
 * const regularizer = spectralNormPenalty({ strength: 0.01 });
 * const parameters = new Map([['0.weight', { shape: [2, 2], data: Float64Array.of(3, 0, 0, 4) }]]);
 * const context = { n: 0, dIn: 2, dOut: 2, step: 0, seed: 0 };
 * console.log(regularizer.penalty({ parameters }, context)); // 0.01 · ½ · 4² = 0.08
 * ```
 */
export function spectralNormPenalty(options: SpectralNormPenaltyOptions): Regularizer<'parameters'> {
  const { strength, every = 1, weights } = options;
  return weightRegularizer(
    { name: 'spectral-norm', strength, every, ...(weights && { weights }) },
    (matrix) => {
      const vector = leadingVector(matrix);
      const image = multiply(matrix, vector);
      return {
        value: squaredNorm(image) / 2,
        gradient: () => multiply(image, vector, { transposeB: true }),
      };
    },
  );
}

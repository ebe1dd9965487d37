import type { Regularizer } from '@edjm/core';
import { gramFault } from '../matrixFunctions/gramFault.ts';
import { type WeightChoice, weightRegularizer } from './weightRegularizer.ts';

/** Options of {@link orthogonality}. */
export interface OrthogonalityOptions extends WeightChoice {
  /** λ, above 0. */
  readonly strength: number;
  /** Steps from one evaluation to the next. Defaults to 1. */
  readonly every?: number;
}

/**
 * Pulls all singular values of each weight matrix toward 1.
 *
 *     penalty = ½ λ Σ_l ‖W_l W_lᵀ − I‖²_F = ½ λ Σ_l Σ_σ (σ² − 1)²,   gradient 2 λ (W_l W_lᵀ − I) W_l,
 *
 * with W Wᵀ the smaller of the two Gram matrices, so that the penalty can be 0. Kernels of convolutions count as matrices O × (C · kH · kW).
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range.
 *
 * Source: Brock et al., "Neural Photo Editing with Introspective Adversarial Networks", 2017; Bansal, Chen and Wang, "Can We Gain More from
 * Orthogonality Regularizations in Training Deep CNNs?", NeurIPS 2018.
 *
 * @example
 * ```ts
 * import { orthogonality } from '@edjm/regularizers';
 *
 * const regularizer = orthogonality({ strength: 0.1 });
 * const parameters = new Map([['0.weight', { shape: [1, 2], data: Float64Array.of(0, 2) }]]);
 * const context = { n: 0, dIn: 2, dOut: 1, step: 0, seed: 0 };
 * console.log(regularizer.penalty({ parameters }, context)); // 0.1 · ½ · (4 − 1)² = 0.45
 * ```
 */
export function orthogonality(options: OrthogonalityOptions): Regularizer<'parameters'> {
  const { strength, every = 1, weights } = options;
  return weightRegularizer(
    { name: 'orthogonality', strength, every, ...(weights && { weights }) },
    (matrix) => gramFault(matrix, matrix.rows <= matrix.columns ? 'rows' : 'columns'),
  );
}

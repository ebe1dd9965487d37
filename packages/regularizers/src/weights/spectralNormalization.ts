import type { Projection, Regularizer } from '@edjm/core';
import { multiply } from '@edjm/linalg';
import { checkPositive } from '../checkOptions.ts';
import { leadingVector } from '../matrixFunctions/leadingVector.ts';
import { squaredNorm, times } from '../matrixFunctions/matrixFunction.ts';
import { type WeightChoice, weightProjection } from './weightRegularizer.ts';

/** Options of {@link spectralNormalization}. */
export interface SpectralNormalizationOptions extends WeightChoice {
  /** The largest spectral norm that a weight may have, above 0. Defaults to 1. */
  readonly limit?: number;
  /** Steps from one projection to the next, or `'epoch'`. Defaults to 1. */
  readonly every?: number | 'epoch';
}

/**
 * Keeps the spectral norm of every weight below a limit, and so the Lipschitz constant of the network below the product of
 * the limits: from time to time W ← W / max(1, σ₁(W) / limit).
 *
 * Spectral normalization in the sense of Miyato et al. computes with W / σ₁ in every pass and differentiates σ₁; this is its projected
 * form, which leaves weights below the limit alone and needs no change of the network. It has no penalty.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range.
 *
 * Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018; the projection: Gouk et al., "Regularization of
 * Neural Networks by Enforcing Lipschitz Continuity", 2021, Eq 6.
 *
 * @example
 * ```ts
 * import { spectralNormalization } from '@edjm/regularizers';
 *
 * const { projection } = spectralNormalization({ limit: 2 });
 * const weights = new Map([['0.weight', { shape: [2, 2], data: Float64Array.of(3, 0, 0, 4) }]]);
 * console.log(projection.apply(weights, new Map()).parameters.get('0.weight')?.data); // [1.5, 0, 0, 2]
 * ```
 */
export function spectralNormalization(
  options: SpectralNormalizationOptions = {},
): Regularizer<never> & { readonly projection: Projection } {
  const { limit = 1, every = 1, weights } = options;
  const name = 'spectral-normalization';
  checkPositive(name, 'limit', limit);
  return weightProjection({ name, every, options: { limit }, ...(weights && { weights }) }, (matrix) => {
    const norm = Math.sqrt(squaredNorm(multiply(matrix, leadingVector(matrix))));
    return times(Math.min(1, limit / norm), matrix).data;
  });
}

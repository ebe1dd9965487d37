import { EdjmError, type Projection, type Regularizer } from '@edjm/core';
import { productOfTerms, svdTerms } from '../svd/svdTerms.ts';
import { type WeightChoice, weightProjection } from './weightRegularizer.ts';

/** Options of {@link singularValueBounding}. */
export interface SingularValueBoundingOptions extends WeightChoice {
  /** 1 + ε, above 1. Defaults to 1.05. */
  readonly bound?: number;
  /** Steps from one projection to the next, or `'epoch'`. Defaults to `'epoch'`. */
  readonly every?: number | 'epoch';
}

/**
 * From time to time clips all singular values of each weight to the range from 1 / (1 + ε) to 1 + ε: W ← U clip(σ) Vᵀ, the
 * nearest matrix with singular values in that range. It has no penalty. Kernels of convolutions count as matrices O × (C ·
 * kH · kW).
 *
 * A singular value decomposition of each weight takes one or two seconds for 1000 × 1000.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range.
 *
 * Source: Jia, Tao, Gao and Xu, "Improving Training of Deep Neural Networks via Singular Value Bounding", CVPR 2017.
 *
 * @example
 * ```ts
 * import { singularValueBounding } from '@edjm/regularizers';
 *
 * const { projection } = singularValueBounding({ bound: 1.25 });
 * const weights = new Map([['0.weight', { shape: [2, 2], data: Float64Array.of(3, 0, 0, 0.5) }]]);
 * console.log(projection.apply(weights, new Map()).parameters.get('0.weight')?.data); // [1.25, 0, 0, 0.8]
 * ```
 */
export function singularValueBounding(
  options: SingularValueBoundingOptions = {},
): Regularizer<never> & { readonly projection: Projection } {
  const { bound = 1.05, every = 'epoch', weights } = options;
  const name = 'singular-value-bounding';
  if (!(bound > 1 && bound < Infinity)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name}: expected a bound above 1, got ${String(bound)}. Give 1 + ε, such as 1.05.`,
    );
  }
  return weightProjection({ name, every, options: { bound }, ...(weights && { weights }) }, (matrix) => {
    const { left, values, right } = svdTerms(matrix, Math.min(matrix.rows, matrix.columns));
    const clipped = values.map((sigma) => Math.min(bound, Math.max(1 / bound, sigma)));
    return productOfTerms(left, clipped, right).data;
  });
}

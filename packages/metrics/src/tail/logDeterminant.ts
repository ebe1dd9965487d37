import type { Metric } from '@edjm/core';
import { tailMetric, type TailOptions } from './tail.ts';

/**
 * The logarithm of the pseudo-determinant: Σ log σ over the singular values that are no zeros, natural logarithms.
 *
 * It is what the EDJM regularizer raises in training, and shifts by log c for each of these values if the output is
 * scaled by c; 0 for the zero matrix.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if the tolerance lies outside 0 ≤ t < 1.
 *
 * Source: Wang et al., "Analysis of Deep Neural Networks with the Extended Data Jacobian Matrix", ICML 2016, Eq 13.
 *
 * @example
 * ```ts
 * import { logDeterminant } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 3, dIn: 3 };
 * console.log(logDeterminant().compute({ singularValues: Float64Array.of(Math.E, 1, 0) }, context)); // 1
 * ```
 */
export function logDeterminant(options: TailOptions = {}): Metric<'singularValues'> {
  const description = 'sum of the logarithms of the singular values that are no zeros';
  const reading = {
    formula: 'Σ log σ over σ > t σ₁',
    range: 'any number',
    high: 'many directions matter, and strongly',
    low: 'few directions matter, or weakly',
    source: 'Wang et al. 2016',
  };
  return tailMetric({ name: 'log-determinant', description, reading }, options, (values) =>
    values.reduce((sum, value) => sum + Math.log(value), 0),
  );
}

import type { Metric } from '@edjm/core';
import { tailMetric, type TailOptions } from './tail.ts';

/**
 * The condition number on the range: the largest singular value over the smallest that is no zero, σ₁ / σ_r with r the
 * numerical rank.
 *
 * Between 1 and 1 / tolerance, dimensionless; 0 for the zero matrix, for which it is not defined.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if the tolerance lies outside 0 ≤ t < 1.
 *
 * Source: Golub and Van Loan, "Matrix Computations", 4th edition, 2013, sections 2.6 and 5.5.
 *
 * @example
 * ```ts
 * import { conditionNumber } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 3, dIn: 3 };
 * console.log(conditionNumber().compute({ singularValues: Float64Array.of(2, 1, 0) }, context)); // 2
 * ```
 */
export function conditionNumber(options: TailOptions = {}): Metric<'singularValues'> {
  const description = 'largest singular value over the smallest that is no zero';
  const reading = {
    formula: 'σ₁ / σᵣ, σᵣ the smallest above t σ₁',
    range: '1 to 1/t',
    high: 'the output reacts to some directions far more than to others',
    low: 'the output reacts to all directions alike',
    source: 'Golub and Van Loan 2013',
  };
  return tailMetric({ name: 'condition-number', description, reading }, options, (values) => {
    const [largest = 0] = values;
    return largest / (values.at(-1) ?? largest);
  });
}

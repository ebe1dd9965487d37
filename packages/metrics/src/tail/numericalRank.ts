import type { Metric } from '@edjm/core';
import { tailMetric, type TailOptions } from './tail.ts';

/**
 * The numerical rank: how many singular values are above a fraction of the largest one.
 *
 * Between 1 and min(n, d_in), dimensionless; 0 for the zero matrix.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if the tolerance lies outside 0 ≤ t < 1.
 *
 * Source: Golub and Van Loan, "Matrix Computations", 4th edition, 2013, section 5.4.
 *
 * @example
 * ```ts
 * import { numericalRank } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 3, dIn: 3 };
 * console.log(numericalRank().compute({ singularValues: Float64Array.of(2, 1, 1e-9) }, context)); // 2
 * ```
 */
export function numericalRank(options: TailOptions = {}): Metric<'singularValues'> {
  const description = 'number of singular values above a fraction of the largest';
  const reading = {
    formula: 'number of σ above t σ₁',
    range: '1 to min(n, d_in), a whole number',
    high: 'the rows span many directions',
    low: 'the rows lie in few directions',
    source: 'Golub and Van Loan 2013',
  };
  return tailMetric({ name: 'numerical-rank', description, reading }, options, ({ length }) => length);
}

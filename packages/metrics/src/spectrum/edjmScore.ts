import { EdjmError, type Metric } from '@edjm/core';
import { normalizedSpectrum } from './normalizedSpectrum.ts';
import {
  checkPercent,
  countAbove,
  percentileOfLargest,
  type PercentileRule,
  percentileRules,
} from './percentile.ts';

/** The choices that the definition of the score leaves open. */
export interface EdjmScoreOptions {
  /** The percentile ε, 0 … 100. Defaults to 90. */
  readonly percentile?: number | undefined;
  /**
   * How ε is found between two values. Defaults to `'linear'`, as in numpy. `'lower'` and `'midpoint'` give the same
   * score, since the values above ε are then the same; `'higher'` and `'nearest'` may count one fewer.
   */
  readonly percentileRule?: PercentileRule | undefined;
  /**
   * The list whose percentile ε is. `'all'`: all min(n, d_in) values, so that the number of values that count does
   * not depend on the rank. `'nonzero'`: those above `zeroTolerance`. Defaults to `'all'`.
   */
  readonly percentileOf?: 'all' | 'nonzero' | undefined;
  /**
   * For `'nonzero'` alone: values up to this fraction of the largest are taken for zeros, 0 ≤ t < 1. Defaults to 1e-5:
   * rounding turns zeros into about 1e-8 if a spectrum comes from float64 products of rows, and into some 1e-6
   * if these were summed in float32.
   */
  readonly zeroTolerance?: number | undefined;
}

/** A sum of fewer values than that depends on each of them. */
const FEW = 20;

/**
 * The EDJM score of one output: the normalized singular values that stand out.
 *
 * score = Σ σ / σ₁ over the singular values σ > ε, with ε the 90th percentile of all min(n, d_in) of them.
 *
 * Dimensionless; 1 for rank one with n, d_in ≥ 2; at most a tenth of min(n, d_in), rounded up. As σ must be *greater*
 * than ε, it is 0 if the upper tenth of the values are all equal, as for n = 1 and for the zero matrix.
 *
 * Where the rank is below a tenth of the list, ε lies among the zeros. If these come with rounding noise, what of it is
 * above ε adds at most its size, relative to σ₁, times a tenth of the length of the list: some 1e-6 for d_in of 1000
 * and a spectrum from float64 products of rows.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if an option is out of its range.
 *
 * Source: Wang et al., "Analysis of Deep Neural Networks with the Extended Data Jacobian Matrix", ICML 2016, Eq 12.
 *
 * @example
 * ```ts
 * import { edjmScore } from '@edjm/metrics';
 *
 * const singularValues = Float64Array.of(4, 3, 2, 1, 0);
 * const context = { output: 0, n: 5, dIn: 5 };
 * console.log(edjmScore({ percentile: 50 }).compute({ singularValues }, context)); // 1.75
 * ```
 */
export function edjmScore(options: EdjmScoreOptions = {}): Metric<'singularValues'> {
  const percent = options.percentile ?? 90;
  const rule = options.percentileRule ?? 'linear';
  const listed = options.percentileOf ?? 'all';
  const zeroTolerance = options.zeroTolerance ?? 1e-5;
  checkPercent(percent);
  checkOneOf('percentileRule', rule, percentileRules);
  checkOneOf('percentileOf', listed, ['all', 'nonzero']);
  if (!(zeroTolerance >= 0 && zeroTolerance < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a zeroTolerance of at least 0 and below 1, got ${zeroTolerance}. Give a fraction of the largest value.`,
    );
  }

  return {
    name: 'edjm-score',
    description: `sum of the normalized singular values above percentile ${percent}`,
    reading: {
      formula: `Σ σ / σ₁ over σ > ε, ε percentile ${percent}`,
      range: '1 to a tenth of min(n, d_in); 0 if the upper tenth is one value',
      high: 'many directions of the input matter: a complex function',
      low: 'one direction dominates: nearly a linear map',
      source: 'Wang et al. 2016',
    },
    needs: ['singularValues'],
    options: {
      percentile: percent,
      percentileRule: rule,
      percentileOf: listed,
      ...(listed === 'nonzero' && { zeroTolerance }),
    },
    ...(listed === 'all' && { largest: (total: number) => countAbove(percent, total) }),
    caution: ({ n, dIn }) => {
      const counted = countAbove(percent, Math.min(n, dIn)) - 1;
      return counted < FEW
        ? `it adds up ${counted} of ${Math.min(n, dIn)} singular values, fewer than ${FEW}: ${n < dIn ? 'take more samples' : 'a lower percentile counts more'}`
        : undefined;
    },
    compute: ({ singularValues }, { n, dIn }) => {
      const spectrum = normalizedSpectrum(singularValues);
      const list = listed === 'all' ? spectrum : spectrum.filter((value) => value > zeroTolerance);
      if (list.length === 0) return 0;
      const total = listed === 'all' ? Math.min(n, dIn) : list.length;
      const epsilon = percentileOfLargest(list, total, { percent, rule });
      return list.reduce((sum, value) => (value > epsilon ? sum + value : sum), 0);
    },
  };
}

function checkOneOf(option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected ${option} to be one of ${allowed.join(', ')}, got '${value}'. Choose one of them.`,
    );
  }
}

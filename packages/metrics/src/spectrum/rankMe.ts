import { EdjmError, type Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/** Options of {@link rankMe}. */
export interface RankMeOptions {
  /** ε, added to every share, 0 ≤ ε < 1. Defaults to 1e-7, as in the paper. */
  readonly epsilon?: number | undefined;
}

/**
 * RankMe: the exponential of the entropy of the singular values, with a small constant added to their shares.
 *
 * exp(−Σ p log p) with p = σ / Σ σ + ε. Without ε it is the effective rank; ε keeps the logarithm finite, and moves the value by some
 * m ε log(1 / ε) for m values. Dimensionless, between 1 and min(n, d_in) to within that; 0 for the zero matrix.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if ε is out of its range.
 *
 * Source: Garrido et al., "RankMe: assessing the downstream performance of pretrained self-supervised representations by
 * their rank", ICML 2023.
 *
 * @example
 * ```ts
 * import { rankMe } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 2, dIn: 2 };
 * console.log(rankMe({ epsilon: 0 }).compute({ singularValues: Float64Array.of(3, 3) }, context)); // 2
 * ```
 */
export function rankMe({ epsilon = 1e-7 }: RankMeOptions = {}): Metric<'singularValues'> {
  if (!(epsilon >= 0 && epsilon < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected an epsilon of at least 0 and below 1, got ${epsilon}. Give a small share, such as 1e-7.`,
    );
  }
  return {
    name: 'rankme',
    description: 'exponential of the entropy of the singular values, smoothed',
    reading: {
      formula: 'exp(−Σ p log p), p = σ / Σ σ + ε',
      range: '1 to min(n, d_in)',
      high: 'many directions matter about equally',
      low: 'few directions matter',
      source: 'Garrido et al. 2023',
    },
    needs: ['singularValues'],
    options: { epsilon },
    compute: ({ singularValues }) => {
      const spectrum = normalizedSpectrum(singularValues);
      const total = powerSum(spectrum, 1);
      if (total === 0) return 0;
      const shares = spectrum.map((value) => value / total + epsilon).filter((share) => share > 0);
      return Math.exp(-shares.reduce((sum, share) => sum + share * Math.log(share), 0));
    },
  };
}

import type { SpectralFunction } from './spectralFunction.ts';

/** The choices that the definition of {@link scoreFunction} leaves open. */
export interface ScoreFunctionOptions {
  /** The percentile ε, 0 … 100, found by linear interpolation. Defaults to 90. */
  readonly percentile?: number;
}

/**
 * The EDJM score: Σ σ / σ₁ over the singular values σ > ε, with ε the 90th percentile of all min(n, d) of them.
 *
 * Dimensionless. Its value is that of `edjmScore` in `@edjm/metrics`. Its slopes are those of the sum of the largest
 * values over σ₁, as many of them as stand above the place of the percentile in the list: their number is fixed, so ε
 * itself has no part in them. If values tie at ε, none of the tied ones counts, and the function jumps there; the slopes
 * are those of values that are nearly equal. Both are 0 for the zero matrix.
 *
 * @throws RangeError if the percentile lies outside 0 … 100.
 *
 * Source: Wang et al., "Analysis of Deep Neural Networks with the Extended Data Jacobian Matrix", ICML 2016, Eq 12.
 *
 * @example
 * ```ts
 * import { scoreFunction, spectralGradient } from '@edjm/linalg';
 *
 * const rows = { rows: 2, columns: 2, data: Float64Array.of(4, 0, 0, 2) };
 * console.log(spectralGradient(rows, scoreFunction({ percentile: 50 })).value); // 1, as 4 alone is above the median
 * ```
 */
export function scoreFunction(options: ScoreFunctionOptions = {}): SpectralFunction {
  const { percentile = 90 } = options;
  if (!(percentile >= 0 && percentile <= 100)) {
    throw new RangeError(`expected a percentile of 0 … 100, got ${percentile}. Give a percentage.`);
  }
  return {
    name: 'score',
    evaluate: (singularValues) => {
      const slopes = new Float64Array(singularValues.length);
      const largest = singularValues[0] ?? 0;
      if (largest === 0) return { value: 0, slopes };
      const shares = singularValues.map((value) => value / largest);
      const last = shares.length - 1;
      const place = last * (percentile / 100);
      const epsilon = between(
        shares[last - Math.floor(place)] as number,
        shares[last - Math.ceil(place)] as number,
        place % 1,
      );
      const value = shares.reduce((sum, share) => (share > epsilon ? sum + share : sum), 0);

      const above = shares.subarray(0, last - Math.floor(place));
      slopes.fill(1 / largest, 0, above.length);
      slopes[0] = (slopes[0] as number) - above.reduce((sum, share) => sum + share, 0) / largest;
      return { value, slopes };
    },
  };
}

/** From the nearer end, as numpy does: exact at both ends and for equal ends. */
function between(a: number, b: number, way: number): number {
  return way < 0.5 ? a + (b - a) * way : b - (b - a) * (1 - way);
}

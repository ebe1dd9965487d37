import { EdjmError, type Metric } from '@edjm/core';
import { normalizedSpectrum, powerSum } from './normalizedSpectrum.ts';

/** Options of {@link explainedDirections}. */
export interface ExplainedDirectionsOptions {
  /** The share of Σ σ² that the directions hold, 0 < share ≤ 1. Defaults to 0.99. */
  readonly share?: number | undefined;
}

/**
 * How many of the strongest directions hold 99 % of the power: the least k with Σ_{i ≤ k} σᵢ² ≥ share · Σ σ².
 *
 * A whole number from 1 to the rank; 0 for the zero matrix. Divided by d_in it is the saturation of a layer.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if the share is out of its range.
 *
 * Source: Richter, Shenk et al., "Feature space saturation during training", BMVC 2021.
 *
 * @example
 * ```ts
 * import { explainedDirections } from '@edjm/metrics';
 *
 * const context = { output: 0, n: 3, dIn: 3 };
 * const metric = explainedDirections({ share: 0.9 });
 * console.log(metric.compute({ singularValues: Float64Array.of(3, 2, 0.1) }, context)); // 2
 * ```
 */
export function explainedDirections({
  share = 0.99,
}: ExplainedDirectionsOptions = {}): Metric<'singularValues'> {
  if (!(share > 0 && share <= 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a share above 0 and up to 1, got ${share}. Give a share of the power, such as 0.99.`,
    );
  }
  return {
    name: 'explained-directions',
    description: `number of directions that hold ${Number((100 * share).toPrecision(12))} % of the sum of the squared singular values`,
    reading: {
      formula: 'least k with Σ σᵢ² over i ≤ k at least a share of Σ σ²',
      range: '1 to min(n, d_in), a whole number',
      high: 'the output depends on many directions of the input',
      low: 'few directions of the input explain the output',
      source: 'Richter et al. 2021',
    },
    needs: ['singularValues'],
    options: { share },
    compute: ({ singularValues }) => {
      const spectrum = normalizedSpectrum(singularValues);
      const target = share * powerSum(spectrum, 2);
      let held = 0;
      let count = 0;
      while (held < target && count < spectrum.length) held += (spectrum[count++] as number) ** 2;
      return count;
    },
  };
}

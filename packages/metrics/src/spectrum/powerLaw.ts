import type { Metric } from '@edjm/core';

/** A power law p(λ) ∝ λ^−α for λ ≥ λ_min, fitted to the squared singular values. */
export interface PowerLaw {
  /** α. */
  readonly exponent: number;
  /** λ_min: the smallest value that belongs to the tail. */
  readonly from: number;
  /** The largest difference between the distribution functions of the tail and of the law, 0 … 1. */
  readonly distance: number;
  /** How many values belong to the tail. */
  readonly count: number;
}

/** Values up to this fraction of the largest are rounding noise. */
const NOISE = 1e-10;

/**
 * Fits a power law to the tail of large values: for every candidate λ_min the exponent of maximum likelihood,
 *
 * α = 1 + k / Σ log(λᵢ / λ_min) over the k values λᵢ ≥ λ_min,
 *
 * and of all candidates the one whose law is closest to the values in the Kolmogorov-Smirnov distance. It takes O(m²) operations.
 *
 * @param values - positive numbers, descending, such as squared singular values.
 * @returns undefined if fewer than two different values are above rounding noise.
 *
 * Source: Clauset, Shalizi and Newman, "Power-law distributions in empirical data", SIAM Review 2009, Eqs 3.1 and 3.9.
 *
 * @example
 * ```ts
 * import { fitPowerLaw } from '@edjm/metrics';
 *
 * console.log(fitPowerLaw(Float64Array.of(8, 4, 2, 1))?.count);
 * ```
 */
export function fitPowerLaw(values: Float64Array): PowerLaw | undefined {
  const logs = values.filter((value) => value > NOISE * (values[0] ?? 0)).map(Math.log);
  let best: PowerLaw | undefined;
  let sum = logs[0] ?? 0;
  for (let count = 2; count <= logs.length; count++) {
    const from = logs[count - 1] as number;
    sum += from;
    // Equal values belong to the tail together.
    if (logs[count] === from || from === logs[0]) continue;
    const slope = count / (sum - count * from);
    const distance = distanceOf(logs.subarray(0, count), slope);
    if (best === undefined || distance < best.distance) {
      best = { exponent: 1 + slope, from: Math.exp(from), distance, count };
    }
  }
  return best;
}

/** sup |F − G| for the step function F of the values and G(λ) = 1 − (λ / λ_min)^−slope. */
function distanceOf(logs: Float64Array, slope: number): number {
  const count = logs.length;
  const from = logs[count - 1] as number;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const law = 1 - Math.exp(-slope * ((logs[i] as number) - from));
    // F steps from 1 − (i + 1) / k to 1 − i / k at the i-th largest value.
    largest = Math.max(largest, Math.abs(law - (1 - (i + 1) / count)), Math.abs(law - (1 - i / count)));
  }
  return largest;
}

function fitOf(singularValues: Float64Array): PowerLaw | undefined {
  const largest = singularValues[0] ?? 0;
  return largest === 0 ? undefined : fitPowerLaw(singularValues.map((value) => (value / largest) ** 2));
}

/**
 * The exponent α of the power law that fits the tail of the squared singular values best, see {@link fitPowerLaw}.
 *
 * Above 1, dimensionless; 0 if there is no tail: fewer than two different values. Read it together with
 * {@link powerLawDistance}: a large distance says that the tail is no power law.
 *
 * Source: Clauset, Shalizi and Newman 2009; for spectra of networks Martin and Mahoney, "Implicit self-regularization in deep
 * neural networks", JMLR 2021.
 *
 * @example
 * ```ts
 * import { powerLawExponent } from '@edjm/metrics';
 *
 * const singularValues = Float64Array.from({ length: 100 }, (_, i) => 1 / (i + 1));
 * console.log(powerLawExponent().compute({ singularValues }, { output: 0, n: 100, dIn: 100 }) > 1); // true
 * ```
 */
export function powerLawExponent(): Metric<'singularValues'> {
  return {
    name: 'power-law-exponent',
    description: 'exponent of the power law that fits the large squared singular values',
    reading: {
      formula: 'α = 1 + k / Σ log(σᵢ² / λ_min) over the k values σᵢ² ≥ λ_min',
      range: 'above 1; 0 without a tail',
      high: 'the large values fall off fast, as noise does',
      low: 'a heavy tail: a few values are far above the others',
      source: 'Clauset et al. 2009',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }) => fitOf(singularValues)?.exponent ?? 0,
  };
}

/**
 * The Kolmogorov-Smirnov distance between the tail of the squared singular values and the power law that fits it best, see
 * {@link fitPowerLaw}.
 *
 * Between 0 and 1, dimensionless; 1 if there is no tail.
 *
 * Source: Clauset, Shalizi and Newman 2009, Eq 3.9.
 *
 * @example
 * ```ts
 * import { powerLawDistance } from '@edjm/metrics';
 *
 * const singularValues = Float64Array.from({ length: 100 }, (_, i) => 1 / (i + 1));
 * console.log(powerLawDistance().compute({ singularValues }, { output: 0, n: 100, dIn: 100 }) < 0.1); // true
 * ```
 */
export function powerLawDistance(): Metric<'singularValues'> {
  return {
    name: 'power-law-distance',
    description: 'Kolmogorov-Smirnov distance of the large squared singular values from their power law',
    reading: {
      formula: 'sup |F − G|, F of the values σ² ≥ λ_min, G of the law',
      range: '0 to 1',
      high: 'the tail is no power law; do not read the exponent',
      low: 'a power law describes the tail',
      source: 'Clauset et al. 2009',
    },
    needs: ['singularValues'],
    compute: ({ singularValues }) => fitOf(singularValues)?.distance ?? 1,
  };
}

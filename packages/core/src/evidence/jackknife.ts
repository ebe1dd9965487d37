import { studentQuantile } from './studentQuantile.ts';

/** How sure a value is, for data sets of this size from the same source. */
export interface Interval {
  /** The probability with which intervals that are made like this one hold the value of the mean data set of this size. */
  readonly level: number;
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  /**
   * The jackknife's estimate of how much the value exceeds its limit for many samples, which is not taken off; absent if the metric reads small values whose second-order
   * changes are not known.
   */
  readonly bias?: number;
  /** How many groups of samples were left out, one at a time. */
  readonly groups: number;
}

/**
 * The delete-a-group jackknife: the interval of a value from those without each of G groups of samples.
 *
 * With the mean m of the values θ_g, the standard error is (Σ (θ_g − m)² (G − 1) / G)^½, the bias (G − 1)(m − θ), and the interval θ ± t · error, t of Student's
 * distribution with G − 1 degrees of freedom.
 *
 * Source: Shao and Tu, "The Jackknife and Bootstrap", 1995, section 2.1; Kott, "The delete-a-group jackknife", 2001.
 *
 * @param value - θ, of all samples.
 * @param without - the values θ_g; 2 at least.
 * @param level - between 0 and 1.
 */
export function jackknifeInterval(
  value: number,
  without: readonly number[],
  level: number,
): Required<Interval> {
  const groups = without.length;
  const mean = without.reduce((sum, one) => sum + one, 0) / groups;
  const squares = without.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const standardError = Math.sqrt((squares * (groups - 1)) / groups);
  const half = studentQuantile(level, groups - 1) * standardError;
  return {
    level,
    low: value - half,
    high: value + half,
    standardError,
    bias: (groups - 1) * (mean - value),
    groups,
  };
}

/** u: half the distance from 1 to the next float64, the most by which one operation rounds, relatively. */
export const UNIT_ROUNDOFF: number = 2 ** -53;

/** The same for float32. */
export const UNIT_ROUNDOFF_FLOAT32: number = 2 ** -24;

/** The smallest float64 above 0: an operation whose result leaves the normal numbers is off by at most half of it. */
export const SMALLEST: number = 2 ** -1074;

/** Bounds are sums of positive numbers and round as all sums do: a part in a million covers a billion operations. */
export const SLACK: number = 1 + 2 ** -20;

/**
 * γ = k u / (1 − k u): a sum of k products, in any order, is off by at most γ Σ |aᵢ bᵢ|; infinite from 1 / u terms on.
 *
 * Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, (3.5).
 */
export function sumError(terms: number, unit: number = UNIT_ROUNDOFF): number {
  const error = terms * unit;
  return error < 1 ? error / (1 - error) : Infinity;
}

import { EdjmError } from '@edjm/core';

/** How a percentile that falls between two values is found; the names and results are those of `numpy.percentile`. */
export const percentileRules = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const;

/**
 * Between two neighbors: `'linear'` interpolates, `'lower'` and `'higher'` take one of them, `'nearest'` the closer
 * (half way: the one with the even index), `'midpoint'` their mean.
 */
export type PercentileRule = (typeof percentileRules)[number];

/**
 * The p-th percentile of a list, as `numpy.percentile` gives it: the value at position (m − 1) p / 100 of the m values
 * in ascending order, counted from 0.
 *
 * @param values - in any order; not changed.
 * @param percent - p, 0 … 100.
 * @param rule - what to do between two values. Defaults to `'linear'`.
 * @throws EdjmError `INVALID_ARGUMENT` if there are no values, or p lies outside 0 … 100.
 *
 * Source: Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, definition 7 (`'linear'`).
 *
 * @example
 * ```ts
 * import { percentile } from '@edjm/metrics';
 *
 * console.log(percentile([1, 2, 3, 4], 90)); // 3.7
 * console.log(percentile([1, 2, 3, 4], 90, 'higher')); // 4
 * ```
 */
export function percentile(
  values: ArrayLike<number>,
  percent: number,
  rule: PercentileRule = 'linear',
): number {
  if (values.length === 0) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      'expected at least one value, got none. Give a list that is not empty.',
    );
  }
  checkPercent(percent);
  const descending = Float64Array.from(values).sort().reverse();
  return percentileOfLargest(descending, descending.length, { percent, rule });
}

/** The percentile, and the rule between two values. */
export interface Percentile {
  readonly percent: number;
  readonly rule: PercentileRule;
}

/**
 * A percentile of a list, from its largest values.
 *
 * @param descending - all values, or at least the {@link countAbove} largest.
 * @param total - how many values there are in all.
 */
export function percentileOfLargest(
  descending: Float64Array,
  total: number,
  { percent, rule }: Percentile,
): number {
  const position = positionOf(percent, total);
  const at = (index: number): number => descending[total - 1 - index] as number;
  const below = at(Math.floor(position));
  const above = at(Math.ceil(position));
  switch (rule) {
    case 'linear':
      return between(below, above, position % 1);
    case 'lower':
      return below;
    case 'higher':
      return above;
    case 'nearest':
      return at(roundHalfToEven(position));
    case 'midpoint':
      return between(below, above, 0.5);
  }
}

/** How many of the largest of `total` values a percentile depends on. */
export function countAbove(percent: number, total: number): number {
  return total - Math.floor(positionOf(percent, total));
}

/** The place of a percentile in ascending order, counted from 0. */
function positionOf(percent: number, total: number): number {
  return (total - 1) * (percent / 100);
}

/** Refuses a percentage outside 0 … 100. */
export function checkPercent(percent: number): void {
  if (!(percent >= 0 && percent <= 100)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a percentile of 0 … 100, got ${percent}. Give a percentage.`,
    );
  }
}

/** From the nearer end, as numpy does: exact at both ends and for equal ends. */
function between(a: number, b: number, way: number): number {
  return way < 0.5 ? a + (b - a) * way : b - (b - a) * (1 - way);
}

function roundHalfToEven(position: number): number {
  const floor = Math.floor(position);
  return position - floor === 0.5 ? floor + (floor % 2) : Math.round(position);
}

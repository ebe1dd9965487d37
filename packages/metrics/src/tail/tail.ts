import { EdjmError, type Metric } from '@edjm/core';

/** The options of metrics of the small end of a spectrum. */
export interface TailOptions {
  /**
   * Values up to this fraction of the largest are taken for zeros, 0 ≤ t < 1. Defaults to 1e-6: an engine that computes in
   * float32 turns zeros into noise of about 1e-7.
   */
  readonly tolerance?: number;
}

/** The error that a metric of the small end bears: far below what its tolerance tells from zero. */
const TAIL_ACCURACY = 1e-9;

/**
 * The metric of the values that are no zeros, for one that depends on the smallest of them.
 *
 * @param compute - of the values above the tolerance, descending; there is at least one.
 */
export function tailMetric(
  about: Pick<Metric, 'name' | 'description' | 'reading'>,
  { tolerance = 1e-6 }: TailOptions,
  compute: (values: Float64Array) => number,
): Metric<'singularValues'> {
  if (!(tolerance >= 0 && tolerance < 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a tolerance of at least 0 and below 1, got ${tolerance}. Give a fraction of the largest value.`,
    );
  }
  return {
    ...about,
    needs: ['singularValues'],
    accuracy: TAIL_ACCURACY,
    options: { tolerance },
    compute: ({ singularValues }) => {
      const threshold = tolerance * (singularValues[0] ?? 0);
      const values = singularValues.filter((value) => value > threshold);
      return values.length === 0 ? 0 : compute(values);
    },
  };
}

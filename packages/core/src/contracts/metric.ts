import type { DenseMatrix } from '@edjm/linalg';

/** The quantities of the EDJM of one output that a metric asked for. All metrics share these arrays: do not write to them. */
export interface Quantities {
  /** Descending: all min(n, d_in) singular values, zeros included, or as many of the largest as the metric asks for. */
  readonly singularValues: Float64Array;
  /** Σ_i r_i r_iᵀ over the rows r_i of the EDJM: d_in × d_in, float64. */
  readonly gram: DenseMatrix;
  /**
   * Right singular vectors v_i of the largest singular values, count × d_in, orthonormal rows in the order of the values: as many as
   * the metric asks for by `largest`, without those of values up to 1e-5 of the largest.
   */
  readonly rightSingularVectors: DenseMatrix;
}

/** The quantities that a metric may need; one pass over the data serves the union of all requests. */
export type Need = keyof Quantities;

/** In place of an output's index, if the rows of all outputs make one matrix. */
export const STACKED = -1;

/** The origin of the quantities. */
export interface MetricContext {
  /** Index of the output; −1 if the rows of all outputs make one matrix. */
  readonly output: number;
  /** Rows of the EDJM: the number of samples, times the number of outputs if the rows of all outputs make one matrix. */
  readonly n: number;
  /** d_in: columns of the EDJM. */
  readonly dIn: number;
}

/** How people read the value of a metric, in plain text for tables and reports. */
export interface MetricReading {
  /** Such as `'Σ σ² / σ₁²'`. */
  readonly formula: string;
  /** Such as `'1 to min(n, d_in)'`, with the unit if it has one. */
  readonly range: string;
  /** The meaning of a high value, in one sentence without a full stop. */
  readonly high: string;
  /** The meaning of a low value. */
  readonly low: string;
  /** Authors and year, if it comes from a publication. */
  readonly source?: string;
}

/**
 * One number made of the EDJM of one output; a report gives it for every output and averaged over them.
 *
 * @example
 * ```ts
 * import type { Metric } from '@edjm/core';
 *
 * export const spectralNorm: Metric<'singularValues'> = {
 *   name: 'spectral-norm',
 *   description: 'largest singular value',
 *   needs: ['singularValues'],
 *   compute: ({ singularValues }) => singularValues[0] ?? 0,
 * };
 * ```
 */
export interface Metric<N extends Need = Need> {
  /** Kebab case and unique in a report, such as `'edjm-score'`. */
  readonly name: string;
  /** One line for tables and `--help`. */
  readonly description: string;
  /** How its value is read. Defaults to none. */
  readonly reading?: MetricReading | undefined;
  /** The quantities that `compute` reads. */
  readonly needs: readonly N[];
  /** The options that the value depends on, for the report. */
  readonly options?: Readonly<Record<string, string | number | boolean>> | undefined;
  /**
   * How many of the largest of `total` = min(n, d_in) singular values the metric reads; it may get more. Defaults to all of
   * them. A method that finds the largest values alone cannot serve a metric that reads all of them.
   */
  readonly largest?: (total: number) => number;
  /**
   * The largest error of a singular value, relative to the largest one, that the metric tolerates. Defaults to the accuracy
   * that the analysis is asked for. A metric of the small end, such as a rank, asks for 1e-12. The analysis then avoids
   * products of rows, which lose values below some 1e-8 of the largest.
   */
  readonly accuracy?: number;
  /** Why the value says little for so few samples or columns, in one sentence that says what to do; undefined if it is fine. */
  caution?(context: MetricContext): string | undefined;
  /** Computes a finite number from the quantities in `needs` alone; the same quantities give the same number. */
  compute(quantities: Pick<Quantities, N>, context: MetricContext): number;
}

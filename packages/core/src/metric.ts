import type { DenseMatrix } from '@edjm/linalg';

/** The EDJM of one network output, as far as a metric asked for it. */
export interface Quantities {
  /** All min(n, d_in) singular values, descending, zeros included. */
  readonly singularValues: Float64Array;
  /** Σ_i r_i r_iᵀ over the rows r_i of the EDJM: d_in × d_in, float64. */
  readonly gram: DenseMatrix;
}

/** What a metric may ask for; one pass over the data serves the union of all requests. */
export type Need = keyof Quantities;

/** Where the quantities come from. */
export interface MetricContext {
  /** Index of the output. */
  readonly output: number;
  /** Number of data points: rows of the EDJM. */
  readonly n: number;
  /** d_in: columns of the EDJM. */
  readonly dIn: number;
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
  /** The quantities that `compute` reads. */
  readonly needs: readonly N[];
  /** The options that the value depends on, for the report. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  compute(quantities: Pick<Quantities, N>, context: MetricContext): number;
}

import type { DenseMatrix } from '@edjm/linalg';
import { EdjmError } from './errors.ts';

/** The EDJM of one network output, as far as a metric asked for it. All metrics share these arrays: read them only. */
export interface Quantities {
  /** Descending: all min(n, d_in) singular values, zeros included, or as many of the largest as the metric asks for. */
  readonly singularValues: Float64Array;
  /** Σ_i r_i r_iᵀ over the rows r_i of the EDJM: d_in × d_in, float64. */
  readonly gram: DenseMatrix;
}

/** The quantities that a metric may need; one pass over the data serves the union of all requests. */
export type Need = keyof Quantities;

/** In place of an output's index, if the rows of all outputs make one matrix. */
export const STACKED = -1;

/** Where the quantities come from. */
export interface MetricContext {
  /** Index of the output; −1 where the rows of all outputs make one matrix. */
  readonly output: number;
  /** Rows of the EDJM: the number of data points, times that of the outputs where these make one matrix. */
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
  readonly options?: Readonly<Record<string, string | number | boolean>> | undefined;
  /**
   * How many of the largest of `total` = min(n, d_in) singular values suffice; more may come. Defaults to all of them.
   * Methods that find the largest values alone serve no metric that reads them all.
   */
  readonly largest?: (total: number) => number;
  /**
   * The largest error of a singular value, relative to the largest one, that the metric bears. Defaults to what the
   * analysis is asked for. A metric of the small end, such as a rank, asks for 1e-12, and products of rows, which lose what
   * lies below some 1e-8 of the largest value, are then not used.
   */
  readonly accuracy?: number;
  /** A finite number from the quantities in `needs`, no others; the same one each time. */
  compute(quantities: Pick<Quantities, N>, context: MetricContext): number;
}

const KNOWN_NEEDS: Readonly<Record<Need, true>> = { singularValues: true, gram: true };

/**
 * Refuses metrics of the same name, and metrics that need what is not computed.
 *
 * @throws EdjmError `INVALID_ARGUMENT`, `UNSUPPORTED`.
 */
export function checkMetrics(metrics: readonly Metric[]): void {
  const names = metrics.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected metrics of different names, got "${repeated}" twice. Name one of them anew: { ...metric, name }.`,
    );
  }
  for (const { name, needs } of metrics) {
    const unknown = needs.find((need) => !Object.hasOwn(KNOWN_NEEDS, need));
    if (unknown === undefined) continue;
    throw new EdjmError(
      'UNSUPPORTED',
      `metric ${name}: expected needs among ${Object.keys(KNOWN_NEEDS).join(', ')}, got ${unknown}. Is the metric for a later version of @edjm/core?`,
    );
  }
}

import type { Spectrum, SpectrumSolver } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { Metric, MetricContext, Quantities } from '../contracts/metric.ts';
import type { SeenRows } from '../analysis/target.ts';

/** The singular values of an output's EDJM, and what metrics make of them. */
export interface OutputResult {
  readonly index: number;
  /** Descending. */
  readonly singularValues: Float64Array;
  /** A bound of the absolute error of each, for the rows as the engine gave them. */
  readonly errorBounds: Float64Array;
  /** One for each metric. */
  readonly values: readonly number[];
}

/** What is to be found of each output. */
export interface SpectrumRequest {
  /** How many singular values, the largest. */
  readonly values: number;
  /** Samples: rows of the EDJM. */
  readonly n: number;
  /** d_in: columns of the EDJM. */
  readonly dIn: number;
  readonly metrics: readonly Metric[];
  readonly solver: SpectrumSolver;
}

/**
 * The spectrum of an output and its metrics; JᵀJ is formed once, and only where a metric needs it.
 *
 * @throws EdjmError `INVALID_DATA` where a metric is not finite.
 */
export async function outputResult(
  rows: SeenRows,
  index: number,
  request: SpectrumRequest,
): Promise<OutputResult> {
  const { values, metrics, solver } = request;
  const spectrum = await rows.accumulator.finish({ largest: values, solver });
  const needsGram = metrics.some(({ needs }) => needs.includes('gram'));
  return withMetrics(index, spectrum, { ...request, ...(needsGram && { gram: rows.gram() }) });
}

/** A spectrum with what metrics make of it. Values that it lacks are those of a matrix of lower rank: zeros, exactly. */
export function withMetrics(
  index: number,
  spectrum: Pick<Spectrum, 'singularValues' | 'errorBounds'>,
  request: Omit<SpectrumRequest, 'solver'> & Partial<Pick<Quantities, 'gram'>>,
): OutputResult {
  const { values, n, dIn, metrics, gram } = request;
  const singularValues = padded(spectrum.singularValues, values);
  const quantities = { singularValues, ...(gram && { gram }) };
  const context = { output: index, n, dIn };
  return {
    index,
    singularValues,
    errorBounds: padded(spectrum.errorBounds, values),
    values: metrics.map((metric) => valueOf(metric, quantities, context)),
  };
}

function padded(numbers: Float64Array, length: number): Float64Array {
  if (numbers.length === length) return numbers;
  const result = new Float64Array(length);
  result.set(numbers);
  return result;
}

function valueOf(metric: Metric, quantities: Partial<Quantities>, context: MetricContext): number {
  const declared = new Set<string>(metric.needs);
  const entries = Object.entries(quantities).filter(([name]) => declared.has(name));
  const read: Partial<Quantities> = Object.fromEntries(entries);
  // The metric's own type keeps it from reading what it does not declare.
  const value = metric.compute(read as Quantities, context);
  if (Number.isFinite(value)) return value;
  const what = context.output === STACKED ? 'the outputs together' : `output ${context.output}`;
  throw new EdjmError(
    'INVALID_DATA',
    `metric ${metric.name}: expected a finite number for ${what}, got ${value}. Correct the metric, or leave it out.`,
  );
}

/** In place of an output's index, where the rows of all outputs make one matrix. */
export const STACKED = -1;

import type { SpectrumAccumulator } from '@edjm/linalg';
import { EdjmError } from './errors.ts';
import type { Metric, MetricContext, Quantities } from './metric.ts';

/** What is found of one output. */
export interface OutputResult {
  readonly index: number;
  readonly singularValues: Float64Array;
  /** One for each metric. */
  readonly values: readonly number[];
}

/**
 * The spectrum of an output and its metrics; JᵀJ is formed once, and only where a metric needs it.
 *
 * @throws EdjmError `INVALID_DATA` where a metric is not finite.
 */
export function outputResult(
  accumulator: SpectrumAccumulator,
  index: number,
  metrics: readonly Metric[],
): OutputResult {
  const { singularValues, rows } = accumulator.finish();
  const needsGram = metrics.some(({ needs }) => needs.includes('gram'));
  const quantities = { singularValues, ...(needsGram && { gram: accumulator.gram() }) };
  const context = { output: index, n: rows, dIn: accumulator.columns };
  return { index, singularValues, values: metrics.map((metric) => valueOf(metric, quantities, context)) };
}

function valueOf(metric: Metric, quantities: Partial<Quantities>, context: MetricContext): number {
  const declared = new Set<string>(metric.needs);
  const entries = Object.entries(quantities).filter(([name]) => declared.has(name));
  const read: Partial<Quantities> = Object.fromEntries(entries);
  // The metric's own type keeps it from reading what it does not declare.
  const value = metric.compute(read as Quantities, context);
  if (Number.isFinite(value)) return value;
  throw new EdjmError(
    'INVALID_DATA',
    `metric ${metric.name}: expected a finite number for output ${context.output}, got ${value}. Correct the metric, or leave it out.`,
  );
}

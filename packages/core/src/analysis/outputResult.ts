import type { DenseMatrix } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import { type Metric, type MetricContext, type Quantities, STACKED } from '../contracts/metric.ts';
import type { FoundSpectrum, MethodRun } from '../contracts/spectrumMethod.ts';

/** The singular values of an output's EDJM, and the metrics of them. */
export interface OutputResult {
  readonly index: number;
  /** Descending. */
  readonly singularValues: Float64Array;
  /** A bound of the absolute error of each, for the rows as the engine gave them. */
  readonly errorBounds: Float64Array;
  /** One for each metric. */
  readonly values: readonly number[];
}

/**
 * The metrics of a spectrum. Missing values are exact zeros, since the matrix then has a lower rank. JᵀJ is formed once,
 * and only if a metric needs it.
 *
 * @throws EdjmError `INVALID_DATA` if a metric is not finite; `UNSUPPORTED` if one reads JᵀJ and the method does not form it.
 */
export function outputResult(
  found: FoundSpectrum,
  { target, plan, values }: Pick<MethodRun, 'target' | 'plan' | 'values'>,
  metrics: readonly Metric[],
): OutputResult {
  const { output, n } = found;
  const { dIn } = target;
  const count = output === STACKED ? Math.min(values, n, dIn) : plan.values;
  const singularValues = padded(found.singularValues, count);
  const reader = metrics.find(({ needs }) => needs.includes('gram'));
  const gram = reader && gramOf(found, reader);
  const quantities = { singularValues, ...(gram && { gram }) };
  const context = { output, n, dIn };
  return {
    index: output,
    singularValues,
    errorBounds: padded(found.errorBounds, count),
    values: metrics.map((metric) => valueOf(metric, quantities, context)),
  };
}

function gramOf({ gram }: FoundSpectrum, { name }: Metric): DenseMatrix {
  if (gram !== undefined) return gram();
  throw new EdjmError(
    'UNSUPPORTED',
    `metric ${name}: expected a method that forms JᵀJ, got one that does not. Take another method, or leave the metric out.`,
  );
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
  // The type of a metric keeps it from reading quantities that it does not declare.
  const value = metric.compute(read as Quantities, context);
  if (Number.isFinite(value)) return value;
  const what = context.output === STACKED ? 'the outputs together' : `output ${context.output}`;
  throw new EdjmError(
    'INVALID_DATA',
    `metric ${metric.name}: expected a finite number for ${what}, got ${value}. Correct the metric, or leave it out.`,
  );
}

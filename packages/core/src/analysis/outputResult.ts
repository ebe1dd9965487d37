import { type DenseMatrix, dominantDirections } from '@edjm/linalg';
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
  /** For each metric its values without each of the groups of samples; absent if that is not known. */
  readonly without: readonly (ValuesWithout | undefined)[];
}

/** The values of a metric without each of the groups of samples. */
export interface ValuesWithout {
  readonly values: readonly number[];
  /** Whether they are right to second order in the size of a group, so that they tell a bias. */
  readonly areSecondOrder: boolean;
}

/**
 * The metrics of a spectrum. Missing values are exact zeros, since the matrix then has a lower rank. JᵀJ is formed once,
 * and only if a metric needs it or its eigenvectors.
 *
 * @throws EdjmError `INVALID_DATA` if a metric is not finite; `UNSUPPORTED` if one reads JᵀJ or its vectors and the method does not form it.
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
  const quantities = { singularValues, ...ofProducts(found, metrics, Math.min(n, dIn)) };
  const context = { output, n, dIn };
  return {
    index: output,
    singularValues,
    errorBounds: padded(found.errorBounds, count),
    values: metrics.map((metric) => valueOf(metric, quantities, context)),
    without: metrics.map((metric) => valuesWithout(metric, found, { count, context })),
  };
}

/** The values of a metric of singular values without each of the groups of samples. */
function valuesWithout(
  metric: Metric,
  { without }: FoundSpectrum,
  { count, context }: { readonly count: number; readonly context: MetricContext },
): ValuesWithout | undefined {
  if (without === undefined || metric.needs.some((need) => need !== 'singularValues')) return undefined;
  const values = without.map(({ n, singularValues }) => {
    const total = Math.min(count, n, context.dIn);
    const quantities = { singularValues: padded(singularValues.subarray(0, total), total) };
    return valueOf(metric, quantities, { ...context, n });
  });
  const total = Math.min(context.n, context.dIn);
  const read = metric.largest?.(total) ?? total;
  return { values, areSecondOrder: without.every(({ followed }) => read <= followed) };
}

/** JᵀJ and its eigenvectors, each if a metric reads it. */
function ofProducts(
  found: FoundSpectrum,
  metrics: readonly Metric[],
  total: number,
): Partial<Pick<Quantities, 'gram' | 'rightSingularVectors'>> {
  const directed = metrics.filter(({ needs }) => needs.includes('rightSingularVectors'));
  const [reader] = [...directed, ...metrics.filter(({ needs }) => needs.includes('gram'))];
  if (reader === undefined) return {};
  const gram = gramOf(found, reader);
  if (directed.length === 0) return { gram };
  const most = Math.max(...directed.map(({ largest }) => largest?.(total) ?? total));
  return { gram, rightSingularVectors: dominantDirections(gram, { most }).vectors };
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

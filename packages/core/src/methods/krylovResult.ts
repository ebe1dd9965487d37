import { largestSingularValues } from '@edjm/linalg';
import { asAborted } from '../run/cancellation.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { Metric } from '../contracts/metric.ts';
import { type OutputResult, withMetrics } from './outputResult.ts';
import type { Plan } from '../plan/plan.ts';
import type { Target } from '../analysis/target.ts';

/** What the values of an output are found from. */
export interface KrylovRun {
  readonly target: Target;
  readonly data: Dataset;
  readonly plan: Plan;
  readonly metrics: readonly Metric[];
  readonly signal: AbortSignal | undefined;
  /** Told in each pass over the data, after each batch, how many samples it had. */
  readonly onRows: (count: number) => void;
}

/**
 * The largest singular values of an output's EDJM from products with it, until their error bounds are within the accuracy of
 * the plan.
 */
export async function krylovResult(output: number, run: KrylovRun): Promise<OutputResult> {
  const { target, data, plan, metrics, signal, onRows } = run;
  const { batchSize, values, accuracy, blockSize, keptRows } = plan;
  const options = {
    batchSize,
    onRows,
    ...(keptRows !== undefined && { keepRows: keptRows }),
    ...(signal && { signal }),
  };
  const spectrum = await largestSingularValues(target.operator(data, output, options), {
    count: values,
    tolerance: accuracy,
    ...(blockSize !== undefined && { blockSize }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw asAborted(error, signal);
  });
  return withMetrics(output, spectrum, { values, n: data.n, dIn: target.dIn, metrics });
}

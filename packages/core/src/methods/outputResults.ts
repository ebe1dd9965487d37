import type { SpectrumAccumulator } from '@edjm/linalg';
import { accumulate, emptyAccumulator } from './accumulate.ts';
import { nextTask, throwIfAborted } from '../run/cancellation.ts';
import { dualBlocksResult, type DualBlocksRun } from './dualBlocksResult.ts';
import { krylovResult } from './krylovResult.ts';
import { outputResult, STACKED, type OutputResult } from './outputResult.ts';
import type { Plan } from '../plan/plan.ts';

/** What all outputs of a run have in common. */
export interface OutputsRun extends DualBlocksRun {
  /** Whether the rows of all outputs together are wanted too. */
  readonly stacked: boolean;
  /** How many singular values are wanted of a spectrum, if it has so many. */
  readonly values: number;
}

/** The outputs of a plan by its method, in their order; in the end all of them together, if that is wanted. */
export function outputResults(run: OutputsRun): AsyncGenerator<OutputResult, undefined> {
  switch (run.plan.method) {
    case 'krylov':
      return singleResults(run, krylovResult);
    case 'dual-blocks':
      return singleResults(run, dualBlocksResult);
    case 'dual':
    case 'gram':
    case 'gram-of-rows':
    case 'tsqr':
    case 'frequent-directions':
      return accumulatedResults(run);
  }
}

/** Groups of outputs, one pass over the data each; in the end all of them together, if that is wanted. */
async function* accumulatedResults(run: OutputsRun): AsyncGenerator<OutputResult, undefined> {
  const { target, data, plan, signal, stacked } = run;
  const { dIn } = target.network;
  const outputs = plan.groups.flat().length;
  const together = stacked ? stackedAccumulator(plan, dIn, data.n * outputs) : undefined;
  for (const group of plan.groups) {
    const accumulators = await accumulate(target.network, data, { plan, group, signal, onRows: run.onRows });
    for (const accumulator of accumulators) together?.merge(accumulator);
    yield* resultsOf(accumulators, group, run);
  }
  if (together) yield* resultsOf([together], [STACKED], run);
}

/** J Jᵀ of all rows is larger than JᵀJ from some number of outputs on. */
function stackedAccumulator(plan: Plan, columns: number, rows: number): SpectrumAccumulator {
  return emptyAccumulator(
    plan.method === 'dual' && rows > columns ? { method: 'gram' } : plan,
    columns,
    rows,
  );
}

/** As many spectra at once as there are threads. The accumulators are gone before the next group begins. */
async function* resultsOf(
  accumulators: readonly SpectrumAccumulator[],
  indices: readonly number[],
  run: OutputsRun,
): AsyncGenerator<OutputResult, undefined> {
  const { target, plan, metrics, solver, signal, values } = run;
  for (let first = 0; first < accumulators.length; first += plan.threads) {
    throwIfAborted(signal);
    const part = accumulators.slice(first, first + plan.threads);
    yield* await Promise.all(
      part.map((accumulator, at) => {
        const request = {
          values: Math.min(values, accumulator.rows, target.dIn),
          n: accumulator.rows,
          dIn: target.dIn,
          metrics,
          solver,
        };
        return outputResult(target.finished(accumulator), indices[first + at] as number, request);
      }),
    );
    await nextTask();
  }
}

/** One output after the other, each with as many passes over the data as it takes. */
async function* singleResults(
  run: OutputsRun,
  resultOf: (output: number, run: OutputsRun) => Promise<OutputResult>,
): AsyncGenerator<OutputResult, undefined> {
  for (const output of run.plan.groups.flat()) {
    throwIfAborted(run.signal);
    yield await resultOf(output, run);
  }
}

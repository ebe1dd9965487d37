import { comparisonTable } from '@edjm/plot';
import { gridSearch, type Trial } from '@edjm/recipes';
import { flag } from '../commandLine/runOptions.ts';
import type { TrainOptions } from '../commandLine/trainOptions.ts';
import type { Trained } from './trainOnce.ts';

/** A combination of options that was tried, as JSON. */
export interface TrialRecord {
  readonly options: Readonly<Record<string, number>>;
  /** The best accuracy in validation, and its epoch; absent if the trial failed. */
  readonly accuracy?: number;
  readonly epoch?: number;
  /** Why it failed. */
  readonly error?: string;
}

/** The result of a search. */
export interface SearchOutcome {
  readonly trials: readonly TrialRecord[];
  /** Absent if all have failed. */
  readonly best?: Trained;
}

type Space = Readonly<Record<string, readonly number[]>>;

interface Score {
  readonly score: number;
  readonly epoch: number;
}

/**
 * Calls `check` with one trial for each value of `--grid`; all other options have their first value. So a value that cannot
 * work is found before hours are spent on the values before it.
 */
export function checkGrid(options: TrainOptions, check: (options: TrainOptions) => void): void {
  const values = Object.entries(options.grid ?? {});
  const first = Object.fromEntries(values.map(([name, [value]]) => [name, value]));
  for (const [name, all] of values) {
    for (const value of all) check({ ...options, ...first, [name]: value });
  }
}

/**
 * Trains with all combinations of the values of `--grid`, or a sample of them, and keeps the network that is best in validation alone.
 *
 * @param run - trains with the options of a trial; `title` says which one it is.
 */
export async function search(
  options: TrainOptions,
  run: (options: TrainOptions, title: string) => Promise<Trained>,
  signal: AbortSignal,
): Promise<SearchOutcome> {
  const space = Object.fromEntries(
    Object.entries(options.grid ?? {}).map(([name, values]) => [name, values]),
  ) satisfies Space;
  const { gridSample, seed } = options;
  let best: { readonly score: number; readonly trained: Trained } | undefined;
  let count = 0;
  const { trials } = await gridSearch<Space, Score>(
    space,
    async (point) => {
      const values = Object.entries(point).map(([name, value]) => `${optionName(name)} ${String(value)}`);
      const trained = await run({ ...options, ...point }, `trial ${String(++count)}, ${values.join(', ')}`);
      const { epochs, best: found } = trained.history;
      const { epoch = 0 } = found ?? {};
      const score = epochs[epoch - 1]?.validation.accuracy ?? NaN;
      if (best === undefined || score > best.score) best = { score, trained };
      return { score, epoch };
    },
    { seed, signal, sample: gridSample },
  );
  return { trials: trials.map(record), ...(best && { best: best.trained }) };
}

function record(trial: Trial<Space, Score>): TrialRecord {
  return trial.status === 'done'
    ? { options: trial.point, accuracy: trial.result.score, epoch: trial.result.epoch }
    : { options: trial.point, error: trial.error.message };
}

function optionName(name: string): string {
  return flag(name).slice(2);
}

/** The trials as a table. */
export function searchTable(trials: readonly TrialRecord[]): string {
  const rows = trials.map(({ options, accuracy, epoch }, index) => ({
    label: String(index + 1),
    values: {
      ...Object.fromEntries(
        Object.entries(options).map(([name, value]) => [optionName(name), String(value)]),
      ),
      accuracy: accuracy ?? 'failed',
      ...(epoch !== undefined && { epoch: String(epoch) }),
    },
  }));
  return comparisonTable(rows, { labelTitle: 'trial', digits: 4 });
}

import { EdjmError } from '@edjm/core';
import { seedFor } from '../random/seedFor.ts';
import { chosenIndices, type Point, pointAt, pointCount, type Space } from './points.ts';

/** Options of {@link gridSearch}. */
export interface GridSearchOptions<S extends Space, R> {
  /** How many points to try, drawn at random without repetition. Defaults to all. */
  readonly sample?: number | undefined;
  /** A 32-bit integer, for which ones are drawn. Defaults to 0. */
  readonly seed?: number | undefined;
  /** Goes to each trial, and also ends the search between two trials. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each trial. */
  readonly onResult?: ((trial: Trial<S, R>) => void) | undefined;
}

/** The least that a trial returns. */
export interface TrialResult {
  /** The larger the better: the accuracy in validation, say. */
  readonly score: number;
}

/** The outcome of a point. */
export type Trial<S extends Space, R> =
  | { readonly point: Point<S>; readonly status: 'done'; readonly result: R }
  | { readonly point: Point<S>; readonly status: 'failed'; readonly error: EdjmError };

/** The result of a search. */
export interface SearchResult<S extends Space, R> {
  /** In the order of the grid. */
  readonly trials: readonly Trial<S, R>[];
  /** The first trial with the best score; absent if all have failed. */
  readonly best?: Extract<Trial<S, R>, { status: 'done' }>;
}

/**
 * Tries all combinations of some values, or a random sample of them, one after the other. A trial that diverges (`INVALID_DATA`, or a score that
 * is no number) counts as failed and the search goes on; any other error ends it.
 *
 * @param space - the values of each hyper-parameter by name; the last one varies fastest.
 * @param run - trains with a point, and scores what comes out in validation.
 * @throws EdjmError `INVALID_ARGUMENT` for an empty space or a sample out of its range; `ABORTED`.
 *
 * @example
 * ```ts
 * import { gridSearch } from '@edjm/recipes';
 *
 * const { best } = await gridSearch(
 *   { learningRate: [0.01, 0.1], momentum: [0, 0.9] },
 *   async ({ learningRate, momentum }) => ({ score: learningRate * (1 - momentum) }),
 * );
 * console.log(best?.point); // { learningRate: 0.1, momentum: 0 }
 * ```
 */
export async function gridSearch<const S extends Space, R extends TrialResult>(
  space: S,
  run: (point: Point<S>, context: { readonly signal?: AbortSignal }) => Promise<R>,
  options: GridSearchOptions<S, R> = {},
): Promise<SearchResult<S, R>> {
  const { sample, seed = 0, signal, onResult } = options;
  const total = pointCount(space);
  const trials: Trial<S, R>[] = [];
  for (const index of chosenIndices(total, sample ?? total, seedFor(seed, 'sample'))) {
    if (signal?.aborted === true) throw aborted(trials.length, signal.reason);
    const point = pointAt(space, index);
    const trial = await tried(point, () => run(point, signal ? { signal } : {}));
    trials.push(trial);
    onResult?.(trial);
  }
  const best = bestOf(trials);
  return { trials, ...(best && { best }) };
}

async function tried<S extends Space, R extends TrialResult>(
  point: Point<S>,
  run: () => Promise<R>,
): Promise<Trial<S, R>> {
  try {
    const result = await run();
    if (Number.isFinite(result.score)) return { point, status: 'done', result };
    throw new EdjmError(
      'INVALID_DATA',
      `search: expected a finite score, got ${result.score}. Leave this point out.`,
    );
  } catch (error) {
    if (EdjmError.is(error, 'INVALID_DATA')) return { point, status: 'failed', error };
    throw error;
  }
}

function bestOf<S extends Space, R extends TrialResult>(
  trials: readonly Trial<S, R>[],
): Extract<Trial<S, R>, { status: 'done' }> | undefined {
  return trials
    .filter((trial) => trial.status === 'done')
    .reduce<Extract<Trial<S, R>, { status: 'done' }> | undefined>(
      (best, trial) => (best === undefined || trial.result.score > best.result.score ? trial : best),
      undefined,
    );
}

function aborted(done: number, cause: unknown): EdjmError {
  return new EdjmError(
    'ABORTED',
    `expected the search to finish, but it was canceled after ${done} trials.`,
    { cause },
  );
}

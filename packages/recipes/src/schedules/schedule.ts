/**
 * How the learning rate follows from what validation has found so far. It is a function of these results alone, so a run that goes on from a
 * checkpoint needs no state of it.
 */
export interface Schedule {
  /** Kebab case, such as `'halving'`. */
  readonly name: string;
  /** The options that its rates depend on. A run does not resume from a checkpoint of other options. */
  readonly options: Readonly<Record<string, number>>;
  /**
   * The rate of the next epoch.
   *
   * @param first - that of the first epoch.
   * @param results - one an epoch so far; the smaller the better.
   * @returns undefined if training is to end.
   */
  learningRate(first: number, results: readonly number[]): number | undefined;
}

/** How many epochs ago the last result was found that was better than all before; 0 for no epochs. */
export function epochsWithoutBetter(results: readonly number[]): number {
  return results.length === 0 ? 0 : results.length - 1 - bestEpoch(results);
}

/** The index of the first of the smallest results; −1 for none. */
export function bestEpoch(results: readonly number[]): number {
  return results.reduce((best, result, epoch) => (result < (results[best] ?? Infinity) ? epoch : best), -1);
}

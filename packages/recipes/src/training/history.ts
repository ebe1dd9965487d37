import { bestEpoch } from '../schedules/schedule.ts';

/** The result of a validation. */
export interface ValidationResult {
  /** Mean loss. */
  readonly loss: number;
  /** The fraction of samples whose largest output is that of their class; absent if there are no labels. */
  readonly accuracy?: number;
  /** 1 − accuracy. */
  readonly error?: number;
}

/** The spectrum of the network after an epoch. */
export interface SpectrumRecord {
  /** By the metric's name, such as `'edjm-score'`: the mean over the outputs. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Singular values divided by the largest one, averaged over the outputs. */
  readonly normalizedSpectrum: readonly number[];
}

/** An epoch of a run. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** The mean of its samples' losses, each before the step that it was in, penalties not included. */
  readonly trainingLoss: number;
  readonly validation: ValidationResult;
  readonly learningRate: number;
  /** Wall time, of all processes that worked on it. */
  readonly seconds: number;
  /** Mean penalties by the regularizer's name, of the first evaluation of the epoch and every tenth; `{}` without regularizers. */
  readonly penalties: Readonly<Record<string, number>>;
  /** Where it was asked for. */
  readonly spectrum?: SpectrumRecord;
}

/** The measure that validation decides by; smaller is better. */
export type Monitor = 'error' | 'loss';

/** Why a run ended: all epochs done, no better result for long, or a learning rate below the least. */
export type StopReason = 'epochs' | 'early-stop' | 'learning-rate';

/** The record of a run, epoch by epoch, as plain JSON. */
export interface History {
  readonly version: 1;
  readonly monitor: Monitor;
  readonly epochs: readonly EpochRecord[];
  /** The first epoch with the best validation result, counted from 1, and this result; absent before the first epoch. */
  readonly best?: { readonly epoch: number; readonly result: number };
  readonly stopped: StopReason;
}

/** The results that schedules follow, one an epoch. */
export function resultsOf(epochs: readonly EpochRecord[], monitor: Monitor): readonly number[] {
  return epochs.map(({ validation }) => validation[monitor] ?? validation.loss);
}

/** Puts a history together. */
export function historyOf(epochs: readonly EpochRecord[], monitor: Monitor, stopped: StopReason): History {
  const results = resultsOf(epochs, monitor);
  const best = bestEpoch(results);
  const result = results[best];
  return {
    version: 1,
    monitor,
    epochs,
    ...(result !== undefined && { best: { epoch: best + 1, result } }),
    stopped,
  };
}

/**
 * A history as a text, to be kept in a file.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { historyJson, type TrainingResult } from '@edjm/recipes';
 *
 * declare const result: TrainingResult;
 * writeFileSync('history.json', historyJson(result.history));
 * ```
 */
export function historyJson(history: History): string {
  return `${JSON.stringify(history, undefined, 2)}\n`;
}

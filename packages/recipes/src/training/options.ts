import { type DenseMatrix, EdjmError, type Loss, type Metric, type Regularizer } from '@edjm/core';
import type { CheckpointOptions } from '../checkpoints/checkpointOptions.ts';
import { isLabeled, type TrainingSamples } from '../data/samples.ts';
import { momentumSgd } from '../optimizers/momentumSgd.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { halving } from '../schedules/halving.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { EpochRecord, Monitor } from './history.ts';

/** The training samples, and the validation samples. */
export interface TrainingData {
  readonly training: TrainingSamples;
  readonly validation: TrainingSamples;
}

/** Options of `train`. */
export interface TrainingOptions {
  /** Passes over the training samples. Defaults to 100. */
  readonly epochs?: number;
  /** Samples a step; the last one of an epoch may have fewer. Defaults to 128. */
  readonly batchSize?: number;
  /** Defaults to `momentumSgd()`: a learning rate of 0.1 and a momentum of 0.9. */
  readonly optimizer?: Optimizer;
  /** Defaults to `halving()`: half the rate after 5 epochs in a row without a better result. */
  readonly schedule?: Schedule;
  /** Ends a run after so many epochs in a row without a better result. Defaults to never. */
  readonly earlyStop?: { readonly patience: number };
  /** Defaults to `'cross-entropy'`, for classes and probabilities; `'squared-error'` is that of regressions. */
  readonly loss?: Loss;
  /** Decay of every weight with two axes or more. Defaults to 0. */
  readonly weightDecay?: number;
  /** Rates, from 0 up to 1, 1 excluded; each step drops other values. Defaults to none. */
  readonly dropout?: { readonly input?: number; readonly hidden?: number };
  /**
   * Where given, batch normalization uses each batch's own mean and variance, and the stored ones move by this fraction, such as 0.1. Defaults
   * to what is stored.
   */
  readonly batchStatistics?: number;
  /** Penalties that are added to the loss. Defaults to none. */
  readonly regularizers?: readonly Regularizer[];
  /** The spectrum of the EDJM, and metrics of it, every so many epochs. Defaults to never. */
  readonly spectrum?: SpectrumOptions;
  /** The measure of a better result: fewer errors or less loss. Defaults to `'error'` if the validation samples have labels, to `'loss'` otherwise. */
  readonly monitor?: Monitor;
  /** A 32-bit integer, for the order of samples, dropout and regularizers. Defaults to 0. */
  readonly seed?: number;
  /** Whether the network ends with the parameters of the best epoch instead of the last. Defaults to `true`. */
  readonly restoreBest?: boolean;
  /** Where to keep checkpoints, from which a run resumes after an interruption. Defaults to nowhere. */
  readonly checkpoints?: CheckpointOptions;
  /** Ends the run after the step, the validation or the spectrum at work. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called after every epoch. */
  readonly onEpoch?: (record: EpochRecord) => void;
}

/** When and of what to compute spectra during training. */
export interface SpectrumOptions {
  /** Epochs from one to the next. Defaults to 1. */
  readonly every?: number;
  /** n × sampleSize: the score depends on n. */
  readonly samples: DenseMatrix;
  /** Defaults to the score of Wang et al. (2016). */
  readonly metrics?: readonly Metric[];
}

/** How far a run is. */
export interface TrainingProgress {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps of this epoch that are done. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** The mean loss of this epoch so far. */
  readonly loss: number;
  /** The accuracy of the last validation; absent before the first one and if there are no labels. */
  readonly accuracy?: number;
  readonly learningRate: number;
  /** An estimate for the run, all epochs. */
  readonly secondsLeft: number;
}

/** Options without a default. */
type Optional =
  | 'earlyStop'
  | 'dropout'
  | 'batchStatistics'
  | 'spectrum'
  | 'checkpoints'
  | 'signal'
  | 'onProgress'
  | 'onEpoch';

/** The options of a run with their defaults. */
export type CompleteOptions = Required<Omit<TrainingOptions, Optional>> & Pick<TrainingOptions, Optional>;

/**
 * Refuses options out of their range, as {@link train} does before work starts: to check many at once.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export function checkTrainingOptions(data: TrainingData, options: TrainingOptions = {}): void {
  completeOptions(data, options);
}

/**
 * Fills in the defaults.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for an option out of its range.
 */
export function completeOptions(data: TrainingData, options: TrainingOptions): CompleteOptions {
  const complete: CompleteOptions = {
    ...options,
    epochs: options.epochs ?? 100,
    batchSize: options.batchSize ?? 128,
    optimizer: options.optimizer ?? momentumSgd(),
    schedule: options.schedule ?? halving(),
    loss: options.loss ?? 'cross-entropy',
    weightDecay: options.weightDecay ?? 0,
    regularizers: options.regularizers ?? [],
    monitor: options.monitor ?? (isLabeled(data.validation) ? 'error' : 'loss'),
    seed: options.seed ?? 0,
    restoreBest: options.restoreBest ?? true,
  };
  check(complete, data);
  return complete;
}

function check(options: CompleteOptions, { training, validation }: TrainingData): void {
  const { epochs, batchSize, weightDecay, seed, dropout, batchStatistics, monitor } = options;
  checkCount('epochs', epochs);
  checkCount('batchSize', batchSize);
  checkCount('earlyStop.patience', options.earlyStop?.patience ?? 1);
  checkCount('spectrum.every', options.spectrum?.every ?? 1);
  checkCount('checkpoints.everySteps', options.checkpoints?.everySteps ?? 1);
  const { everySeconds = 1 } = options.checkpoints ?? {};
  checkThat(everySeconds > 0, `checkpoints.everySeconds: expected more than 0, got ${everySeconds}`);
  for (const { name, every = 1 } of options.regularizers) checkCount(`${name}, every`, every);
  checkThat(
    weightDecay >= 0 && weightDecay < Infinity,
    `weightDecay: expected 0 or more, got ${weightDecay}`,
  );
  checkThat((seed | 0) === seed, `seed: expected a 32-bit integer, got ${seed}`);
  for (const rate of [dropout?.input ?? 0, dropout?.hidden ?? 0]) {
    checkThat(rate >= 0 && rate < 1, `dropout: expected rates from 0 up to 1, 1 excluded, got ${rate}`);
  }
  checkThat(
    monitor === 'loss' || isLabeled(validation),
    "monitor: expected 'loss' for validation samples without labels, got 'error'",
  );
  const names = options.regularizers.map(({ name }) => name);
  checkThat(
    new Set(names).size === names.length,
    `regularizers: expected a name once each, got ${names.join(', ')}`,
  );
  checkThat(
    batchStatistics === undefined || (batchStatistics > 0 && batchStatistics <= 1),
    `batchStatistics: expected a fraction above 0 up to 1, got ${batchStatistics}`,
  );
  checkThat(
    batchStatistics === undefined || (batchSize > 1 && training.samples.rows % batchSize !== 1),
    `batchSize: expected no batch of 1 sample where batch normalization uses the batch's own statistics, got ${training.samples.rows} samples in batches of ${batchSize}`,
  );
  checkThat(
    ['error', 'loss'].includes(monitor),
    `monitor: expected 'error' or 'loss', got ${JSON.stringify(monitor)}`,
  );
}

function checkCount(what: string, value: number): void {
  checkThat(
    Number.isSafeInteger(value) && value >= 1,
    `${what}: expected a whole number of 1 or more, got ${value}`,
  );
}

function checkThat(holds: boolean, expected: string): void {
  if (!holds) throw new EdjmError('INVALID_ARGUMENT', `${expected}. Give another value.`);
}

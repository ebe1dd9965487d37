import { EdjmError, nextTask, type ParameterValues, type TrainableNetwork } from '@edjm/core';
import type { Checkpoint, RunProgress } from '../checkpoints/checkpoint.ts';
import { saveCheckpoint } from '../checkpoints/checkpoints.ts';
import type { Fingerprint } from '../checkpoints/fingerprint.ts';
import { batchAt } from '../data/batch.ts';
import type { OptimizerRun } from '../optimizers/optimizer.ts';
import { seedFor } from '../random/seedFor.ts';
import { shuffled } from '../random/shuffled.ts';
import { bestEpoch, epochsWithoutBetter } from '../schedules/schedule.ts';
import { type EpochRecord, resultsOf, type StopReason } from './history.ts';
import type { CompleteOptions, TrainingData } from './options.ts';
import { penaltiesAt } from './penalties.ts';
import { project } from './projections.ts';
import { spectrumOf } from './spectrumOf.ts';
import { validate } from './validate.ts';

/** The parts of a run. */
export interface RunContext {
  readonly network: TrainableNetwork;
  readonly data: TrainingData;
  readonly options: CompleteOptions;
  readonly fingerprint: Fingerprint;
}

type Values = ReadonlyMap<string, ParameterValues>;

const EPOCH_START = { step: 0, lossSum: 0, penalties: {}, seconds: 0 } as const;

/** A run of training. Between two steps its whole state is the network's, the optimizer's, the progress and the best parameters. */
export class TrainingRun {
  readonly #context: RunContext;
  readonly #optimizer: OptimizerRun;
  /** Steps of an epoch. */
  readonly #steps: number;
  readonly #started: number = performance.now();
  #progress: RunProgress = { epochs: [], ...EPOCH_START };
  #best: { readonly parameters: Values; readonly statistics: Values } = {
    parameters: new Map(),
    statistics: new Map(),
  };
  /** Steps of this process. */
  #stepsHere = 0;
  #saved: number = performance.now();

  constructor(context: RunContext) {
    const { network, data, options } = context;
    this.#context = context;
    this.#optimizer = options.optimizer.start(network);
    this.#steps = Math.ceil(data.training.samples.rows / options.batchSize);
  }

  get epochs(): readonly EpochRecord[] {
    return this.#progress.epochs;
  }

  /** Writes the initial checkpoint, so that an unwritable place is refused before work starts. */
  async begin(): Promise<void> {
    const { network } = this.#context;
    // Velocities of an earlier run would be the start of this one.
    await network.setParameters(await network.parameters());
    await this.#save();
  }

  async goOnFrom({ progress, tensors }: Checkpoint): Promise<void> {
    const { network } = this.#context;
    await network.setParameters(tensors.parameters);
    await network.setStatistics(tensors.statistics);
    await this.#optimizer.restore(tensors.optimizer);
    this.#progress = progress;
    this.#best = { parameters: tensors.bestParameters, statistics: tensors.bestStatistics };
  }

  async toTheEnd(): Promise<StopReason> {
    for (;;) {
      const next = this.#next();
      if (typeof next !== 'number') {
        await this.#restoreBest();
        return next;
      }
      await this.#epoch(next);
    }
  }

  /** The learning rate of the epoch at work, or why there is none. */
  #next(): StopReason | number {
    const { epochs, schedule, optimizer, earlyStop, monitor } = this.#context.options;
    const results = resultsOf(this.epochs, monitor);
    if (results.length >= epochs) return 'epochs';
    if (earlyStop && epochsWithoutBetter(results) >= earlyStop.patience) return 'early-stop';
    return schedule.learningRate(optimizer.learningRate, results) ?? 'learning-rate';
  }

  async #epoch(learningRate: number): Promise<void> {
    const { network, data, options } = this.#context;
    const epoch = this.epochs.length;
    const order = shuffled(data.training.samples.rows, seedFor(options.seed, 'order', epoch));
    const before = this.#progress.seconds;
    const started = performance.now();
    const seconds = (): number => before + (performance.now() - started) / 1000;
    while (this.#progress.step < this.#steps) {
      await nextTask();
      if (options.signal?.aborted === true) await this.#abort(options.signal.reason);
      const first = this.#progress.step * options.batchSize;
      await this.#step(order.subarray(first, first + options.batchSize), learningRate);
      this.#progress = { ...this.#progress, seconds: seconds() };
      this.#report(learningRate);
      if (this.#progress.step < this.#steps && this.#isDue()) await this.#save();
    }
    await this.#named('its end', () => project(network, options.regularizers, 'epoch'));
    await this.#endEpoch(learningRate, seconds);
  }

  async #step(indices: Uint32Array, learningRate: number): Promise<void> {
    const { network, data, options } = this.#context;
    const { loss, weightDecay, dropout, batchStatistics, regularizers, seed } = options;
    const { batch, targets } = batchAt(data.training, indices, network.dOut);
    const step = this.#stepsDone();
    const where = `step ${this.#progress.step + 1} of ${this.#steps}`;
    const result = await this.#named(where, async () => {
      const { gradients, values } = await penaltiesAt(network, regularizers, {
        batch,
        step,
        seed,
        known: Object.keys(this.#progress.penalties),
      });
      const taken = await this.#optimizer.step(batch, targets, {
        learningRate,
        loss,
        weightDecay,
        dropout: dropout && { ...dropout, seed: seedFor(seed, 'dropout', step) },
        batchStatistics,
        ...(gradients.size > 0 && { addedGradients: gradients }),
      });
      await project(network, regularizers, { step: step + 1 });
      return { loss: taken.loss, values };
    });
    this.#stepsHere++;
    this.#progress = {
      ...this.#progress,
      step: this.#progress.step + 1,
      lossSum: this.#progress.lossSum + result.loss * indices.length,
      penalties: withPenalties(this.#progress.penalties, result.values),
    };
  }

  /** Names the step at which the loss stopped being a number. */
  async #named<T>(where: string, work: () => Promise<T>): Promise<T> {
    return work().catch((cause: unknown) => {
      if (!EdjmError.is(cause, 'INVALID_DATA')) throw cause;
      throw new EdjmError(
        'INVALID_DATA',
        `epoch ${this.epochs.length + 1}, ${where}: ${cause.message} Checkpoints before are as they were.`,
        { cause },
      );
    });
  }

  async #endEpoch(learningRate: number, seconds: () => number): Promise<void> {
    const { network, data, options } = this.#context;
    const { spectrum, loss, monitor } = options;
    const { epochs, lossSum, penalties } = this.#progress;
    const epoch = epochs.length + 1;
    const validation = await this.#named('validation', () => validate(network, data.validation, { loss }));
    const isMeasured = spectrum !== undefined && epoch % (spectrum.every ?? 1) === 0;
    const measured = isMeasured ? await spectrumOf(network, spectrum) : undefined;
    const means = Object.entries(penalties).map(([name, { sum, count }]) => [name, sum / count] as const);
    const record: EpochRecord = {
      epoch,
      trainingLoss: lossSum / data.training.samples.rows,
      validation,
      learningRate,
      seconds: seconds(),
      penalties: Object.fromEntries(means),
      ...(measured && { spectrum: measured }),
    };
    this.#progress = { epochs: [...epochs, record], ...EPOCH_START };
    if (bestEpoch(resultsOf(this.epochs, monitor)) === epoch - 1) {
      this.#best = { parameters: await network.parameters(), statistics: await network.statistics() };
    }
    await this.#save();
    options.onEpoch?.(record);
  }

  async #restoreBest(): Promise<void> {
    const { network, options } = this.#context;
    if (!options.restoreBest || this.#best.parameters.size === 0) return;
    await network.setParameters(this.#best.parameters);
    await network.setStatistics(this.#best.statistics);
  }

  /** Steps of the whole run. */
  #stepsDone(): number {
    return this.epochs.length * this.#steps + this.#progress.step;
  }

  #report(learningRate: number): void {
    const { data, options } = this.#context;
    const { epochs, onProgress, batchSize } = options;
    const { step, lossSum } = this.#progress;
    const accuracy = this.epochs.at(-1)?.validation.accuracy;
    const secondsAStep = (performance.now() - this.#started) / 1000 / this.#stepsHere;
    onProgress?.({
      epoch: this.epochs.length + 1,
      epochs,
      step,
      steps: this.#steps,
      loss: lossSum / Math.min(step * batchSize, data.training.samples.rows),
      ...(accuracy !== undefined && { accuracy }),
      learningRate,
      secondsLeft: secondsAStep * (epochs * this.#steps - this.#stepsDone()),
    });
  }

  #isDue(): boolean {
    const { everySteps = Infinity, everySeconds = Infinity } = this.#context.options.checkpoints ?? {};
    return this.#stepsDone() % everySteps === 0 || performance.now() - this.#saved >= 1000 * everySeconds;
  }

  async #save(): Promise<void> {
    const { network, options, fingerprint } = this.#context;
    if (!options.checkpoints) return;
    const tensors = {
      parameters: await network.parameters(),
      statistics: await network.statistics(),
      optimizer: await this.#optimizer.state(),
      bestParameters: this.#best.parameters,
      bestStatistics: this.#best.statistics,
    };
    const best = bestEpoch(resultsOf(this.epochs, options.monitor));
    await saveCheckpoint(
      options.checkpoints.store,
      { fingerprint, progress: this.#progress, tensors },
      { done: this.#stepsDone(), best: best === -1 ? undefined : (best + 1) * this.#steps },
    );
    this.#saved = performance.now();
  }

  async #abort(cause: unknown): Promise<never> {
    await this.#save();
    const remedy = this.#context.options.checkpoints
      ? 'Go on with the same arguments and resume: true'
      : 'Give checkpoints, to be able to go on after a cancellation';
    throw new EdjmError(
      'ABORTED',
      `expected training to finish, but it was canceled after step ${this.#progress.step} of ${this.#steps} of epoch ${this.epochs.length + 1}. ${remedy}.`,
      { cause },
    );
  }
}

function withPenalties(
  sums: RunProgress['penalties'],
  values: ReadonlyMap<string, number>,
): RunProgress['penalties'] {
  const added = [...values].map(([name, value]) => {
    const { sum, count } = sums[name] ?? { sum: 0, count: 0 };
    return [name, { sum: sum + value, count: count + 1 }] as const;
  });
  return { ...sums, ...Object.fromEntries(added) };
}

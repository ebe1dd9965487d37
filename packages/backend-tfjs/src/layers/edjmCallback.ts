import {
  type Analysis,
  analyze,
  type AnalyzeOptions,
  type Dataset,
  EdjmError,
  type JacobianBackend,
  type Metric,
} from '@edjm/core';
import type * as TensorFlow from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';

/** Options of {@link edjmCallback}: those of `analyze`, and what it analyzes when. */
export interface EdjmCallbackOptions extends AnalyzeOptions {
  /** The instance that the model is made of. */
  readonly tf: Tf;
  /** Loads the model: `tfjsBackend({ tf })`. */
  readonly backend: Pick<JacobianBackend<TensorFlow.LayersModel>, 'load'>;
  /** The data points, such as the validation set or a part of it. */
  readonly data: Dataset;
  readonly metrics: readonly Metric[];
  /** After every how many epochs. Defaults to 1. */
  readonly every?: number;
  /** Called with each analysis, and waited for. */
  readonly onReport?: (epoch: number, analysis: Analysis) => void | Promise<void>;
}

/** Metrics of the model after an epoch. */
export interface EdjmReport {
  /** From 0, as TensorFlow.js counts. */
  readonly epoch: number;
  /** By the metric's name: the mean over the outputs. */
  readonly values: Readonly<Record<string, number>>;
}

/** The result of {@link edjmCallback}, for the `callbacks` of `model.fit` and `model.fitDataset`. */
export interface EdjmCallback extends TensorFlow.Callback {
  /** All reports of the current or last training. */
  readonly reports: readonly EdjmReport[];
}

/**
 * A callback that computes EDJM metrics of a model while it is trained: at the end of every k-th epoch, and at the end of
 * the training if the last epoch is not a k-th one.
 *
 * The values go into the epoch's logs, so that the history of `fit` has them under the metrics' names, one for each epoch
 * with a report, except the report at the end of the training. Callbacks after this one, such as
 * `tf.callbacks.earlyStopping`, can watch them. The model is analyzed as it is, in inference mode; its weights, its
 * optimizer and the random numbers of its training are left alone.
 *
 * An analysis that fails ends the training: `fit` rejects with its EdjmError, such as `INVALID_DATA` once weights are NaN.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if `every` is no positive integer.
 *
 * @example
 * ```ts
 * import { tfjsBackend } from '@edjm/backend-tfjs';
 * import { edjmCallback } from '@edjm/backend-tfjs/layers';
 * import { openDataset } from '@edjm/datasets';
 * import { edjmScore } from '@edjm/metrics';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 10, inputShape: [784] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const callback = edjmCallback({
 *   tf,
 *   backend: tfjsBackend({ tf }),
 *   data: await openDataset('sample:digits'),
 *   metrics: [edjmScore()],
 *   every: 5,
 * });
 * const { history } = await model.fit(tf.ones([32, 784]), tf.ones([32, 10]), { epochs: 20, callbacks: callback });
 * console.log(history['edjm-score']); // four values
 * ```
 */
export function edjmCallback(options: EdjmCallbackOptions): EdjmCallback {
  const { tf, backend, data, every = 1, onReport, ...analyzeOptions } = options;
  if (!Number.isSafeInteger(every) || every < 1) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `every: expected a positive number of epochs, got ${String(every)}. Give 1 for each epoch.`,
    );
  }

  class ReportingCallback extends tf.Callback implements EdjmCallback {
    readonly reports: EdjmReport[] = [];
    #lastEpoch: number | undefined;

    override async onTrainBegin(): Promise<void> {
      this.reports.length = 0;
      this.#lastEpoch = undefined;
    }

    override async onEpochEnd(
      epoch: number,
      logs?: Parameters<TensorFlow.Callback['onEpochEnd']>[1],
    ): Promise<void> {
      this.#lastEpoch = epoch;
      if ((epoch + 1) % every !== 0) return;
      Object.assign(logs ?? {}, await this.#report(epoch));
    }

    override async onTrainEnd(): Promise<void> {
      const epoch = this.#lastEpoch;
      if (epoch !== undefined && this.reports.at(-1)?.epoch !== epoch) await this.#report(epoch);
    }

    async #report(epoch: number): Promise<EdjmReport['values']> {
      await using network = await backend.load(this.model);
      const analysis = await analyze(network, data, analyzeOptions);
      const values = Object.fromEntries(
        Object.entries(analysis.metrics).map(([name, { value }]) => [name, value]),
      );
      this.reports.push({ epoch, values });
      await onReport?.(epoch, analysis);
      return values;
    }
  }

  return new ReportingCallback();
}

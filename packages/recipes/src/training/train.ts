import type { TrainableNetwork } from '@edjm/core';
import { findCheckpoint } from '../checkpoints/checkpoints.ts';
import { fingerprintOf } from '../checkpoints/fingerprint.ts';
import { checkInputs, checkSamples } from '../data/checkSamples.ts';
import { type History, historyOf } from './history.ts';
import { completeOptions, type TrainingData, type TrainingOptions } from './options.ts';
import { TrainingRun } from './trainingRun.ts';

/** The result of {@link train}. */
export interface TrainingResult {
  readonly history: History;
  /** Where the run went on from a checkpoint. */
  readonly resumedFrom?: ResumedFrom;
}

/** The checkpoint that a run went on from. */
export interface ResumedFrom {
  readonly checkpoint: string;
  /** Epochs that were done. */
  readonly epochs: number;
  /** Steps that were done of the one after these. */
  readonly step: number;
  /** Newer checkpoints that were not whole. */
  readonly damaged: readonly string[];
}

/**
 * Trains a network in its engine, from the weights that it has: seeded order of samples, an optimizer, a learning rate that follows validation,
 * and at the end the parameters of the best epoch. The same arguments give the same weights, bit for bit, on one engine and number of threads.
 *
 * @param network - is trained in place.
 * @throws EdjmError before work starts: `SHAPE_MISMATCH` and `INVALID_DATA` for samples that do not fit, `INVALID_ARGUMENT` for
 * options out of their range, checkpoints of another run; later: `INVALID_DATA` if the loss is not finite, naming the step; `INVALID_FILE` for
 * a checkpoint that cannot be written; `ABORTED`.
 *
 * @example
 * ```ts
 * import type { TrainableNetwork } from '@edjm/core';
 * import { openDataset, openLabels } from '@edjm/datasets';
 * import { loadSamples, momentumSgd, splitSamples, train } from '@edjm/recipes';
 *
 * declare const network: TrainableNetwork;
 * const digits = await loadSamples(await openDataset('sample:digits'), await openLabels('sample:digits'));
 * const { history } = await train(network, splitSamples(digits, { validation: 2000 }), {
 *   epochs: 20,
 *   optimizer: momentumSgd({ learningRate: 0.1 }),
 *   weightDecay: 1e-4,
 * });
 * console.log(history.best);
 * ```
 */
export async function train(
  network: TrainableNetwork,
  data: TrainingData,
  options: TrainingOptions = {},
): Promise<TrainingResult> {
  const complete = completeOptions(data, options);
  const { checkpoints, loss, spectrum } = complete;
  const { sampleSize, dOut } = network;
  checkSamples('training', data.training, { sampleSize, dOut, loss });
  checkSamples('validation', data.validation, { sampleSize, dOut, loss });
  if (spectrum) checkInputs('spectrum', spectrum.samples, sampleSize);

  const fingerprint = checkpoints ? await fingerprintOf(network, data, complete) : {};
  const found = checkpoints && (await findCheckpoint(checkpoints, fingerprint));
  const run = new TrainingRun({ network, data, options: complete, fingerprint });
  await (found ? run.goOnFrom(found.checkpoint) : run.begin());
  const stopped = await run.toTheEnd();
  return {
    history: historyOf(run.epochs, complete.monitor, stopped),
    ...(found && { resumedFrom: resumedFrom(found) }),
  };
}

function resumedFrom({
  name,
  checkpoint,
  damaged,
}: NonNullable<Awaited<ReturnType<typeof findCheckpoint>>>): ResumedFrom {
  const { epochs, step } = checkpoint.progress;
  return { checkpoint: name, epochs: epochs.length, step, damaged };
}

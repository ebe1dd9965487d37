import type { ParameterValues, TrainableNetwork } from '@edjm/core';
import { type Network, withParameters } from '@edjm/network';
import {
  type CheckpointOptions,
  type LabeledSamples,
  train,
  type TrainingResult,
  validate,
  type ValidationResult,
} from '@edjm/recipes';
import { mergedSvd } from '@edjm/regularizers';
import type { Shell } from '../commandLine/shell.ts';
import type { TrainOptions } from '../commandLine/trainOptions.ts';
import { type Engine, firstReady, problemText, type Ready } from '../engines/engine.ts';
import { enginesOf, threadsOf } from '../engines/engineNames.ts';
import type { Regularized } from './regularizers.ts';
import type { SplitData } from './trainingData.ts';
import type { Rules } from './trainingOptions.ts';
import { showTraining } from './trainingProgress.ts';

/** The network, its samples, and the options of training. */
export interface TrainingJob extends Regularized {
  readonly options: TrainOptions;
  readonly rules: Rules;
  readonly data: SplitData;
  /** The engines to train in, the preferred one first. */
  readonly engines: readonly Engine[];
  /** Called with the engine that is used. */
  readonly checkpoints?: (engine: string) => CheckpointOptions;
  readonly signal: AbortSignal;
  readonly shell: Shell;
  /** Shown with progress. Defaults to the network's name. */
  readonly title?: string;
}

/** The result. */
export interface Trained extends TrainingResult {
  readonly job: TrainingJob;
  /** As it was described, with weights in float32. */
  readonly network: Network;
  readonly engine: { readonly name: string; readonly precision: string; readonly threads: number };
  readonly test?: ValidationResult;
}

const DEFAULT_SPECTRUM_SAMPLES = 1000;

/** Seconds from one checkpoint to the next in long epochs. */
const CHECKPOINT_SECONDS = 60;

/** Trains a network in an engine. @throws EdjmError as `firstReady` and `train`. */
export async function trainOnce(job: TrainingJob): Promise<Trained> {
  const { network: start, isFactorized, regularizers, options, data, shell, title = start.name } = job;
  const { network: inEngine, engine, passedOver } = await inFirst(job.engines, start);
  await using network = inEngine;
  if (options.progress) shell.stderr.write(`${title}: ${engineText(engine, passedOver)}`);
  using display = showTraining(title, options, shell.stderr);
  const checkpoints = job.checkpoints?.(engine);
  const result = await train(network, data, {
    ...job.rules,
    regularizers,
    signal: job.signal,
    onProgress: display.onProgress,
    onEpoch: display.onEpoch,
    ...(options.spectrumEvery !== undefined && {
      spectrum: { every: options.spectrumEvery, samples: spectrumSamples(data, options) },
    }),
    ...(checkpoints && { checkpoints: { everySeconds: CHECKPOINT_SECONDS, ...checkpoints } }),
  });
  const trained = withParameters(start, await float32Values(network));
  return {
    ...result,
    job,
    network: isFactorized ? mergedSvd(trained) : trained,
    engine: { name: engine, precision: network.precision, threads: threadsOf(engine, options.threads) },
  };
}

/** Adds the results of the network, as it is written, on the test samples. @throws EdjmError as `firstReady`. */
export async function tested(trained: Trained, test: LabeledSamples): Promise<Trained> {
  const { job, network: written, engine } = trained;
  const { network: inEngine } = await inFirst(enginesOf([engine.name], job.options.threads), written);
  await using network = inEngine;
  return { ...trained, test: await validate(network, test) };
}

async function inFirst(engines: readonly Engine[], network: Network): Promise<Ready<TrainableNetwork>> {
  return firstReady(engines, (engine) => engine.loadTrainable(network));
}

function engineText(engine: string, passedOver: Ready<unknown>['passedOver']): string {
  const better = passedOver.map((other) => ` Passed over: ${problemText(other)}`);
  return `${[`training in ${engine}.`, ...better].join('')}\n`;
}

/** The first of the samples to validate on: scores depend on their number. */
function spectrumSamples({ validation }: SplitData, options: TrainOptions): LabeledSamples['samples'] {
  const { rows, columns, data } = validation.samples;
  const n = Math.min(rows, options.spectrumSamples ?? DEFAULT_SPECTRUM_SAMPLES);
  return { rows: n, columns, data: data.subarray(0, n * columns) };
}

async function float32Values(network: TrainableNetwork): Promise<ReadonlyMap<string, ParameterValues>> {
  const values = [...(await network.parameters()), ...(await network.statistics())];
  return new Map(values.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
}

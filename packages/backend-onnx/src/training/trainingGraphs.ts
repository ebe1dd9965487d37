import type { CompleteStepOptions, Dropout } from '@edjm/core';
import { dropoutMask, type Network, networkParameters, networkStatistics, valueCount } from '@edjm/network';
import { TrainingGraph, trainingNames } from '@edjm/onnx-autodiff';
import {
  type BatchStatistics,
  type Mask,
  networkToTrainingModel,
  type TrainingMode,
} from '../network/networkToModel.ts';
import type { Feeds } from '../runtime/sessionPool.ts';

/** A network in one mode of training. */
export interface ModeOfTraining {
  /** Tells modes apart. */
  readonly key: string;
  readonly graph: TrainingGraph;
  /** Whether it computes with stored statistics. */
  readonly readsStatistics: boolean;
  readonly masks: readonly Mask[];
  readonly statistics: readonly BatchStatistics[];
}

/** The modes that a network has been trained in. */
export class TrainingGraphs {
  readonly #network: Network;
  readonly #modes = new Map<string, ModeOfTraining>();

  constructor(network: Network) {
    this.#network = network;
  }

  /** The mode for options; inference without any. */
  mode(options: Pick<CompleteStepOptions, 'dropout' | 'batchStatistics'> = {}): ModeOfTraining {
    const mode: TrainingMode = {
      dropsInput: (options.dropout?.input ?? 0) > 0,
      dropsHidden: (options.dropout?.hidden ?? 0) > 0,
      batchStatistics: options.batchStatistics !== undefined,
    };
    const key = Object.values(mode).map(Number).join('');
    const known = this.#modes.get(key);
    if (known !== undefined) return known;
    const { graph, masks, statistics } = networkToTrainingModel(this.#network, mode);
    const made = {
      key,
      readsStatistics: !mode.batchStatistics,
      masks,
      statistics,
      graph: new TrainingGraph(graph, {
        name: this.#network.name,
        parameters: [...networkParameters(this.#network).keys()],
        given: mode.batchStatistics ? [] : [...networkStatistics(this.#network).keys()],
        masks: masks.map(({ name }) => name),
        handedOut: statistics.flatMap(({ mean, variance }) => [mean, variance]),
      }),
    };
    this.#modes.set(key, made);
    return made;
  }
}

/** The masks of a step of n samples, [n, …]. */
export function masksOf(
  masks: readonly Mask[],
  { input = 0, hidden = 0, seed }: Dropout = { seed: 0 },
  n: number,
): Feeds {
  return Object.fromEntries(
    masks.map(({ name, shape, place }) => {
      const rate = place === 1 ? input : hidden;
      return [
        name,
        { shape: [n, ...shape], data: dropoutMask(n * valueCount(shape), { rate, seed, place }) },
      ];
    }),
  );
}

/** Room for the statistics of a batch. */
export function handedOutArrays({ statistics }: ModeOfTraining): Feeds {
  const arrays = statistics.flatMap(({ mean, variance, channels }) =>
    [mean, variance].map(
      (name) =>
        [trainingNames.handedOut(name), { shape: [channels], data: new Float32Array(channels) }] as const,
    ),
  );
  return Object.fromEntries(arrays);
}

import {
  checkIndependence,
  checkLoadMemory,
  type DifferentiableNetwork,
  EdjmError,
  engineNetwork,
  headOfOutputs,
  withOutputKind,
  type LoadOptions,
  type RawNetwork,
  type TrainableBackend,
  trainableEngineNetwork,
  type TrainableNetwork,
} from '@edjm/core';
import { valueCount } from '@edjm/network';
import { describe, PROBES } from './inference/describe.ts';
import { type Engine, inEngine, type TfjsEngineOptions } from './engines/engine.ts';
import { loadEngine } from './engines/loadEngine.ts';
import { modelFunction, type TfjsSource } from './sources/modelFunction.ts';
import type { TensorFunction } from './sources/tensorFunction.ts';
import { tfjsNetwork } from './inference/tfjsNetwork.ts';
import { tfjsTrainableNetwork } from './training/tfjsTrainableNetwork.ts';

/** Options of the TensorFlow.js backend's `load`: which function of the model is meant. */
export interface TfjsLoadOptions extends LoadOptions {
  /**
   * The output to differentiate: a layer of a layers model, a node of a graph model, by name; also a hidden one. Defaults to the
   * only output.
   */
  readonly output?: string | undefined;
  /** Shape of one sample. Required for a function, and for a model that leaves it open. */
  readonly inputShape?: readonly number[] | undefined;
}

/** The TensorFlow.js backend. */
export interface TfjsBackend extends TrainableBackend<TfjsSource, TfjsLoadOptions> {
  /**
   * Loads a model that trains: a network as data, or a layers model, in memory or from a file, of one output. Its outputs are logits. A
   * model in memory is trained itself; penalties of its own regularizers are no part of the loss.
   *
   * @throws EdjmError as `load`, and `UNSUPPORTED` for graph models and functions, which have no parameters to train.
   */
  loadTrainable(source: TfjsSource, options?: Pick<TfjsLoadOptions, 'inputShape'>): Promise<TrainableNetwork>;
  /** The engine, loaded on first use: its name, and for `'auto'` the reasons against better ones. */
  engine(): Promise<Pick<Engine, 'name' | 'passedOver'>>;
}

/**
 * Jacobians of TensorFlow.js and Keras models, and of functions of tensors, on every engine of TensorFlow.js: one forward pass of a
 * batch, and one backward pass for each output.
 *
 * `load` takes layers models and graph models in memory or as model.json with their weights beside it, Keras files (.keras and
 * .h5, of layers that TensorFlow.js has), networks as data, and functions `(x: tf.Tensor) => tf.Tensor`. Models in memory stay the
 * caller's to dispose of.
 *
 * `load` throws `ENGINE_UNAVAILABLE`, `NOT_FOUND`, `INVALID_FILE`, `UNSUPPORTED` (a layer or an operation that TensorFlow.js or its engine
 * lacks), `AMBIGUOUS` (several outputs and none chosen), `INVALID_ARGUMENT` or `ENGINE_FAILED`.
 *
 * @example
 * ```ts
 * import { tfjsBackend } from '@edjm/backend-tfjs';
 * import { multilayerPerceptron } from '@edjm/network';
 *
 * const source = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2, seed: 1 });
 * const network = await tfjsBackend({ engine: 'cpu' }).load(source);
 * const { data } = await network.forward({ rows: 1, columns: 4, data: Float32Array.of(1, 2, 3, 4) });
 * console.log(data.length); // 2
 * await network.dispose();
 * ```
 */
export function tfjsBackend(options: TfjsEngineOptions = {}): TfjsBackend {
  let loaded: Promise<Engine> | undefined;
  const engine = (): Promise<Engine> => (loaded ??= loadEngine(options));
  return {
    name: 'tfjs',
    engine,
    async load(
      source,
      { outputKind = 'logit', maxMemory, ...loadOptions } = {},
    ): Promise<DifferentiableNetwork> {
      const active = await engine();
      const model = await modelFunction(active, source, loadOptions);
      return owning(active, model, async () => {
        checkLoadMemory(model.name, trialBytes(model), maxMemory);
        const network = tfjsNetwork(active, model, await describe(active, model));
        const seen = await checkIndependence(network);
        const head = network.head?.kind === 'none' ? headOfOutputs(seen) : undefined;
        const shown: RawNetwork = head ? { ...network, head, outputKind: 'as-is' } : network;
        return withOutputKind(engineNetwork(shown), outputKind);
      });
    },
    async loadTrainable(source, loadOptions = {}): Promise<TrainableNetwork> {
      const active = await engine();
      const model = await modelFunction(active, source, { ...loadOptions, training: true });
      return owning(active, model, async () => {
        const { trainable } = model;
        if (trainable === undefined || trainable.parameters.size === 0) {
          throw new EdjmError(
            'UNSUPPORTED',
            `${model.name}: expected a network as data or a layers model with trainable weights, got none to train. Graph models and functions have no parameters.`,
          );
        }
        const description = await describe(active, model);
        await checkIndependence(tfjsNetwork(active, model, description));
        return trainableEngineNetwork(tfjsTrainableNetwork(active, { ...model, trainable }, description));
      });
    },
  };
}

/** Bytes of the samples that a model is tried with, as numbers and in the engine. */
function trialBytes({ inputShape, fixedBatchSize = PROBES }: TensorFunction): number {
  return 2 * Float32Array.BYTES_PER_ELEMENT * fixedBatchSize * valueCount(inputShape);
}

/** Makes a network of a model, and frees the model if that fails. */
async function owning<T>(engine: Engine, model: TensorFunction, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    inEngine(engine, model.dispose);
    throw error;
  }
}

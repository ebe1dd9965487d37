import { availableParallelism } from 'node:os';
import { cpuBackend } from '@edjm/backend-cpu';
import { onnxBackend } from '@edjm/backend-onnx';
import { tfjsBackend } from '@edjm/backend-tfjs';
import { EdjmError, type TrainableNetwork } from '@edjm/core';
import type { Network } from '@edjm/network';
import { type TrainingEngine, trainingEngines } from '../commandLine/trainOptions.ts';

/** What an engine is asked for. */
export interface EngineRequest {
  readonly engine: TrainingEngine | 'auto';
  readonly threads?: number;
}

/** How many threads an engine computes in: plain TypeScript in one. */
export function threadsOf(engine: TrainingEngine, { threads }: Pick<EngineRequest, 'threads'>): number {
  return engine === 'cpu' ? 1 : (threads ?? availableParallelism());
}

/** A network in an engine. */
export interface LoadedNetwork {
  readonly network: TrainableNetwork;
  readonly engine: TrainingEngine;
  /** Faster ones that do not load, or that cannot train the network. */
  readonly passedOver: readonly { readonly engine: TrainingEngine; readonly problem: string }[];
}

type Loader = (network: Network, options: { readonly threads?: number }) => Promise<TrainableNetwork>;

const inTfjs =
  (engine: 'tensorflow' | 'wasm'): Loader =>
  (network, options) =>
    tfjsBackend({ engine, ...options }).loadTrainable(network);

const loaders: Readonly<Record<TrainingEngine, Loader>> = {
  onnx: (network, options) => onnxBackend(options).loadTrainable(network),
  tensorflow: inTfjs('tensorflow'),
  wasm: inTfjs('wasm'),
  cpu: (network) => cpuBackend().loadTrainable(network),
};

/**
 * Loads a network to be trained into the engine that is asked for, or with `auto` into the fastest one that loads and can train it.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE`, `UNSUPPORTED`.
 */
export async function loadTrainable(network: Network, request: EngineRequest): Promise<LoadedNetwork> {
  const { engine: asked, ...options } = request;
  const passedOver: { engine: TrainingEngine; problem: string }[] = [];
  for (const engine of asked === 'auto' ? trainingEngines : [asked]) {
    try {
      return { network: await loaders[engine](network, options), engine, passedOver };
    } catch (error) {
      const isPassedOver = EdjmError.is(error, 'ENGINE_UNAVAILABLE') || EdjmError.is(error, 'UNSUPPORTED');
      if (!isPassedOver || engine === trainingEngines.at(-1) || asked !== 'auto') throw error;
      passedOver.push({ engine, problem: error.message });
    }
  }
  throw new EdjmError('ENGINE_UNAVAILABLE', 'expected an engine, got none.');
}

import { type DifferentiableNetwork, EdjmError, type TrainableNetwork } from '@edjm/core';
import type { Network } from '@edjm/network';
import type { RunOptions } from '../commandLine/runOptions.ts';

/** Kinds of model file; a description is one of a network as data. */
export type ModelKind = 'onnx' | 'tfjs' | 'description';

/** Options of `analyze` that choose a function of a model. Each engine takes some of them. */
export type ModelOption = 'input' | 'output' | 'inputShape' | 'batchAxis' | 'fix' | 'straightThrough';

/** What says which function of a model is meant. */
export interface LoadRequest extends RunOptions {
  /** Shape of a sample of the data, which tells sizes that the model leaves open. */
  readonly dataShape?: readonly number[] | undefined;
}

/** Something that runs networks. */
export interface Engine {
  /** As `--engine` takes it. */
  readonly name: string;
  readonly reads: readonly ModelKind[];
  readonly takes: readonly ModelOption[];
  /** Loads the function of a model file, or of a network as data, that the options name. */
  load(source: string | Network, options: LoadRequest): Promise<Ready<DifferentiableNetwork>>;
  loadTrainable(network: Network): Promise<Ready<TrainableNetwork>>;
}

/** A network in an engine. */
export interface Ready<N> {
  readonly network: N;
  /** The engine's name in full, such as `tfjs:wasm` for `tfjs`. */
  readonly engine: string;
  /** Preferred engines that do not load, or that cannot run the network. */
  readonly passedOver: readonly PassedOver[];
}

/** An engine that was not taken, and the reason. */
export interface PassedOver {
  readonly engine: string;
  readonly problem: string;
}

/**
 * Loads a network into the first engine that loads and can run it.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE`, `UNSUPPORTED` if none of them can; other errors of `load` as they are.
 */
export async function firstReady<N>(
  engines: readonly Engine[],
  load: (engine: Engine) => Promise<Ready<N>>,
): Promise<Ready<N>> {
  const passedOver: PassedOver[] = [];
  for (const engine of engines) {
    try {
      const ready = await load(engine);
      return { ...ready, passedOver: [...passedOver, ...ready.passedOver] };
    } catch (error) {
      if (!EdjmError.is(error, 'ENGINE_UNAVAILABLE') && !EdjmError.is(error, 'UNSUPPORTED')) throw error;
      if (engines.length === 1) throw error;
      passedOver.push({ engine: engine.name, problem: error.message });
    }
  }
  throw new EdjmError(
    'ENGINE_UNAVAILABLE',
    `expected an engine among ${engines.map(({ name }) => name).join(', ')} that runs the network, got none: ${passedOver.map(problemText).join('; ')} Mend one of these, or name another --engine.`,
  );
}

/** An engine that was passed over, as text. */
export function problemText({ engine, problem }: PassedOver): string {
  return `${engine}: ${problem}`;
}

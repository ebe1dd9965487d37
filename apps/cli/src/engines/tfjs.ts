import { type TfjsEngine, tfjsBackend } from '@edjm/backend-tfjs';
import { EdjmError } from '@edjm/core';
import type { Network } from '@edjm/network';
import { isShape, type RunOptions } from '../commandLine/runOptions.ts';
import type { Engine, Ready } from './engine.ts';

/** Engines of TensorFlow.js in Node, the best first. */
export const tfjsEngines = ['tensorflow', 'wasm', 'cpu'] as const satisfies readonly TfjsEngine[];

const inNode: ReadonlySet<string> = new Set(tfjsEngines);

/** TensorFlow.js: on the engine named, or on the best one that loads. */
export function tfjsEngine(variant: string | undefined, threads: number | undefined): Engine | undefined {
  const engine = variant === undefined ? 'auto' : tfjsEngines.find((name) => name === variant);
  if (engine === undefined) return undefined;
  const backend = tfjsBackend({ engine, threads });
  const ready = async <N>(network: N): Promise<Ready<N>> => {
    const { name, passedOver } = await backend.engine();
    return {
      network,
      engine: `tfjs:${name}`,
      passedOver: passedOver
        .filter((better) => inNode.has(better.name))
        .map((better) => ({ engine: `tfjs:${better.name}`, problem: better.problem })),
    };
  };
  return {
    name: engine === 'auto' ? 'tfjs' : `tfjs:${engine}`,
    reads: ['tfjs', 'description'],
    takes: ['output', 'inputShape'],
    load: async (source, options) => ready(await backend.load(source, loadOptions(source, options))),
    loadTrainable: async (network) => ready(await backend.loadTrainable(network)),
  };
}

function loadOptions(source: string | Network, { output, inputShape, outputKind, maxMemory }: RunOptions) {
  if (inputShape !== undefined && !isShape(inputShape)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${typeof source === 'string' ? source : source.name}: expected --input-shape with the shape alone, since TensorFlow.js models have one input here, got one for ${Object.keys(inputShape).join(', ')}. Leave out the name.`,
    );
  }
  return { outputKind, output, inputShape, maxMemory };
}

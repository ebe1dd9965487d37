import { cpuBackend } from '@edjm/backend-cpu';
import { EdjmError } from '@edjm/core';
import type { Engine } from './engine.ts';

/** Plain TypeScript in float64, for networks as data. */
export function cpuEngine(variant: string | undefined): Engine | undefined {
  if (variant !== undefined) return undefined;
  const backend = cpuBackend();
  return {
    name: 'cpu',
    reads: ['description'],
    takes: [],
    load: async (source, { outputKind }) => {
      if (typeof source === 'string') {
        throw new EdjmError(
          'UNSUPPORTED',
          `${source}: expected a network as data, got a model file. Choose another --engine.`,
        );
      }
      return { network: await backend.load(source, { outputKind }), engine: 'cpu', passedOver: [] };
    },
    loadTrainable: async (network) => ({
      network: await backend.loadTrainable(network),
      engine: 'cpu',
      passedOver: [],
    }),
  };
}

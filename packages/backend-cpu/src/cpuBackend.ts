import {
  type DifferentiableNetwork,
  engineNetwork,
  type TrainableBackend,
  trainableEngineNetwork,
  withOutputKind,
  type TrainableNetwork,
} from '@edjm/core';
import { logitsOf, type Network } from '@edjm/network';
import { CpuNetwork } from './cpuNetwork.ts';
import { CpuTrainableNetwork } from './training/cpuTrainableNetwork.ts';

/**
 * The backend in plain float64 TypeScript: one sample at a time, written to be obviously right rather than fast.
 * The other backends are tested against it; for small networks it is also good enough for use.
 *
 * `load` and `loadTrainable` throw as `inferShapes` of `@edjm/network` does, if the network is not consistent.
 *
 * @example
 * ```ts
 * import { cpuBackend } from '@edjm/backend-cpu';
 * import { multilayerPerceptron } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 2, hidden: [8], dOut: 1, seed: 3 });
 * const loaded = await cpuBackend().load(network);
 * const rows = await loaded.vjp(
 *   { rows: 1, columns: 2, data: Float64Array.of(0.5, -0.5) },
 *   { rows: 1, columns: 1, data: Float64Array.of(1) },
 * );
 * console.log(rows.columns); // 2
 * await loaded.dispose();
 * ```
 */
export function cpuBackend(): TrainableBackend<Network> {
  return {
    name: 'cpu',
    async load(network, { outputKind = 'logit' } = {}): Promise<DifferentiableNetwork> {
      const { network: logits, head } = logitsOf(network);
      return withOutputKind(engineNetwork(new CpuNetwork(logits, head)), outputKind);
    },
    async loadTrainable(network): Promise<TrainableNetwork> {
      return trainableEngineNetwork(new CpuTrainableNetwork(network));
    },
  };
}

import type { RawTrainableNetwork } from '@edjm/core';
import { type Network, networkParameters, networkStatistics } from '@edjm/network';
import { NetworkGraph } from '@edjm/onnx-autodiff';
import { networkToModel } from '../network/networkToModel.ts';
import { onnxNetwork } from '../network/onnxNetwork.ts';
import type { SessionPool } from '../runtime/sessionPool.ts';
import { States } from './states.ts';
import { Trainer } from './trainer.ts';

/**
 * A network as data that trains in ONNX Runtime: loss, gradients and updates are one graph. Parameters and velocities lie in two sets of
 * arrays: a run reads one and writes the other, so that a step that fails has changed nothing.
 */
export function onnxTrainableNetwork(network: Network, pool: SessionPool): RawTrainableNetwork {
  const parameters = new States(networkParameters(network));
  const statistics = new States(networkStatistics(network));
  const graph = new NetworkGraph(networkToModel(network), {
    name: network.name,
    parameters: [...parameters.names, ...statistics.names],
  });
  const trainer = new Trainer(network, pool, { parameters, statistics });
  return {
    ...onnxNetwork(graph, pool, () => ({ ...parameters.feeds(), ...statistics.feeds() })),
    parameters,
    statistics,
    velocities: trainer.velocities,
    step: (labeled, options) => trainer.step(labeled, options),
    gradients: (labeled, options) => trainer.gradients(labeled, options),
    jacobianGradients: (batch, products) => trainer.jacobianGradients(batch, products),
  };
}

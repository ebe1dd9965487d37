import type { RawTrainableNetwork } from '@edjm/core';
import type { Engine } from '../engines/engine.ts';
import { type Description, tfjsNetwork } from '../inference/tfjsNetwork.ts';
import { type TrainableFunction, Trainer } from './trainer.ts';

/** A model in TensorFlow.js that trains: parameters and velocities stay in the engine. */
export function tfjsTrainableNetwork(
  engine: Engine,
  model: TrainableFunction,
  description: Description,
): RawTrainableNetwork {
  const raw = tfjsNetwork(engine, model, description);
  const trainer = new Trainer(engine, model);
  return {
    ...raw,
    parameters: trainer.parameters,
    statistics: trainer.statistics,
    velocities: trainer.velocities,
    step: (labeled, options) => trainer.step(labeled, options),
    gradients: (labeled, options) => trainer.gradients(labeled, options),
    jacobianGradients: (batch, products) => trainer.jacobianGradients(batch, products),
    async dispose() {
      trainer.velocities.clear(trainer.parameters.shapes.keys());
      await raw.dispose();
    },
  };
}

import {
  checkLoss,
  type FloatArray,
  type GradientOptions,
  type LabeledBatch,
  type LossGradients,
  type ParameterValues,
} from '@edjm/core';
import { type Network, networkParameters, networkStatistics } from '@edjm/network';
import { ParameterGradients } from '../parameterGradients.ts';
import { lossOf } from './losses.ts';
import { trainingFunction } from './trainingFunction.ts';

/** A loss with its gradients, and the statistics of batch normalization after the run, by name. */
export interface RunGradients extends LossGradients {
  readonly gradients: ReadonlyMap<string, Float64Array>;
  readonly statistics: ReadonlyMap<string, ParameterValues>;
}

/** The loss of a batch and its gradients, by one run forward and one back. @throws EdjmError `INVALID_DATA` if it is not finite. */
export function lossGradients(
  network: Network,
  { batch, targets }: LabeledBatch,
  { loss = 'cross-entropy', ...training }: GradientOptions,
): RunGradients {
  const moved = new Map<FloatArray, Float64Array>();
  const run = trainingFunction(network, {
    ...training,
    samples: batch.rows,
    store: (stored, values) => moved.set(stored, values),
  });
  const { y, vjp } = run(Float64Array.from(batch.data));
  const outputs = { rows: batch.rows, columns: targets.columns, data: y };
  const { value, gradient } = lossOf(loss, outputs, targets);
  checkLoss(network.name, value);
  const gradients = new ParameterGradients();
  vjp(gradient, gradients);
  return {
    loss: value,
    gradients: gradientsByName(network, gradients),
    statistics: new Map(
      [...networkStatistics(network)].flatMap(([name, { shape, data }]) => {
        const values = moved.get(data);
        return values === undefined ? [] : [[name, { shape, data: values }] as const];
      }),
    ),
  };
}

/** Sums of gradients by the names of the parameters. */
export function gradientsByName(
  network: Network,
  gradients: ParameterGradients,
): ReadonlyMap<string, Float64Array> {
  return new Map([...networkParameters(network)].map(([name, { data }]) => [name, gradients.of(data)]));
}

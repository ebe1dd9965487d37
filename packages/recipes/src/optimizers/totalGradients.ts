import { EdjmError, type FloatArray, type ParameterValues, type TrainableNetwork } from '@edjm/core';
import type { Batch } from '../data/batch.ts';
import type { UpdateOptions } from './optimizer.ts';

/** The starting point of a custom update rule. */
export interface TotalGradients {
  /** The mean loss of the batch. */
  readonly loss: number;
  readonly parameters: ReadonlyMap<string, ParameterValues>;
  /** ∂L/∂w + weightDecay · w + addedGradients, as in a step of the engine. */
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

/** @throws EdjmError as `gradients` of the network; `INVALID_DATA` for gradients that are not finite. */
export async function totalGradients(
  network: TrainableNetwork,
  { batch, targets }: Batch,
  options: UpdateOptions,
): Promise<TotalGradients> {
  const { weightDecay = 0, addedGradients, loss, dropout, batchStatistics } = options;
  const found = await network.gradients(batch, targets, { loss, dropout, batchStatistics });
  const parameters = await network.parameters();
  const gradients = new Map<string, Float64Array>();
  for (const [name, { shape, data }] of parameters) {
    const total = new Float64Array(found.gradients.get(name) ?? new Float64Array(data.length));
    if (weightDecay > 0 && shape.length > 1) addScaled(total, data, weightDecay);
    const added = addedGradients?.get(name);
    if (added) addScaled(total, added, 1);
    checkFinite(`${network.name}, parameter ${name}`, total);
    gradients.set(name, total);
  }
  return { loss: found.loss, parameters, gradients };
}

/** sum ← sum + factor · values. */
function addScaled(sum: Float64Array, values: FloatArray, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + factor * (values[i] as number);
}

function checkFinite(where: string, values: Float64Array): void {
  if (values.every(Number.isFinite)) return;
  throw new EdjmError(
    'INVALID_DATA',
    `${where}: expected a finite gradient, got NaN or an infinity. Lower the learning rate or the strength of what is added to the loss. The parameters are as before the step.`,
  );
}

/** w + change in float64, which an engine rounds to its precision. */
export function moved({ shape, data }: ParameterValues, change: (index: number) => number): ParameterValues {
  const values = new Float64Array(data.length);
  for (let i = 0; i < values.length; i++) values[i] = (data[i] as number) + change(i);
  return { shape, data: values };
}

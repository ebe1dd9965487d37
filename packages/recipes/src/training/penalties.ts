import type { DenseMatrix, FloatArray, Regularizer, TrainableNetwork } from '@edjm/core';
import { evaluateRegularizer } from '@edjm/regularizers';

/** Penalties at a step. */
export interface Penalties {
  /** The sum of their gradients, by the parameter's name. */
  readonly gradients: ReadonlyMap<string, FloatArray>;
  /** Values by the regulariser's name, of those that are evaluated at this step. */
  readonly values: ReadonlyMap<string, number>;
}

/** Evaluates the regularisers whose turn it is on a batch. @throws EdjmError as `evaluateRegularizer`. */
export async function penaltiesAt(
  network: TrainableNetwork,
  regularizers: readonly Regularizer[],
  context: { readonly batch: DenseMatrix; readonly step: number; readonly seed: number },
): Promise<Penalties> {
  const gradients = new Map<string, Float64Array>();
  const values = new Map<string, number>();
  for (const regularizer of regularizers) {
    if (context.step % (regularizer.every ?? 1) !== 0) continue;
    const { penalty, gradient } = await evaluateRegularizer(network, regularizer, context);
    if (penalty !== undefined) values.set(regularizer.name, penalty);
    for (const [name, data] of gradient) {
      const sum = gradients.get(name) ?? new Float64Array(data.length);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (data[i] as number);
      gradients.set(name, sum);
    }
  }
  return { gradients, values };
}

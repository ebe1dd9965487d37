import type { DenseMatrix, FloatArray, Regularizer, TrainableNetwork } from '@edjm/core';
import { evaluateRegularizer } from '@edjm/regularizers';

/** Penalties at a step. */
export interface Penalties {
  /** The sum of their gradients, by the parameter's name. */
  readonly gradients: ReadonlyMap<string, FloatArray>;
  /** Values by the regularizer's name, of those whose values are wanted at this step. */
  readonly values: ReadonlyMap<string, number>;
}

/** Besides the first of an epoch, one of so many evaluations gives the penalty as well: its gradient alone can be half of the work. */
const VALUE_EVERY = 10;

/** Evaluates the regularizers whose turn it is on a batch. @throws EdjmError as `evaluateRegularizer`. */
export async function penaltiesAt(
  network: TrainableNetwork,
  regularizers: readonly Regularizer[],
  context: {
    readonly batch: DenseMatrix;
    readonly step: number;
    readonly seed: number;
    /** Regularizers whose penalty this epoch knows already. */
    readonly known: readonly string[];
  },
): Promise<Penalties> {
  const due = regularizers.filter(({ every = 1 }) => context.step % every === 0);
  const values = new Map<string, number>();
  let gradients: ReadonlyMap<string, FloatArray> = new Map();
  for (const regularizer of due) {
    const { name, every = 1 } = regularizer;
    const wantsPenalty = !context.known.includes(name) || (context.step / every) % VALUE_EVERY === 0;
    const { penalty, gradient } = await evaluateRegularizer(network, regularizer, {
      ...context,
      wantsPenalty,
    });
    if (penalty !== undefined) values.set(name, penalty);
    // The arrays of a single one are not copied: they are as large as the weights.
    gradients = due.length === 1 ? gradient : sum(gradients, gradient);
  }
  return { gradients, values };
}

function sum(
  a: ReadonlyMap<string, FloatArray>,
  b: ReadonlyMap<string, FloatArray>,
): ReadonlyMap<string, FloatArray> {
  const total = new Map(a);
  for (const [name, data] of b) {
    const other = a.get(name);
    total.set(
      name,
      Float64Array.from(data, (value, i) => value + (other?.[i] ?? 0)),
    );
  }
  return total;
}

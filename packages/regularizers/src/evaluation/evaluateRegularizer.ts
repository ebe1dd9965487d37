import type {
  DenseMatrix,
  FloatArray,
  Regularizer,
  RegularizerContext,
  RegularizerQuantities,
  TrainableNetwork,
} from '@edjm/core';
import { rowsBetween } from '@edjm/linalg';
import {
  checkCotangents,
  checkGradient,
  checkPenalty,
  checkRegularizer,
  withName,
} from './checkRegularizer.ts';

/** The step of training in which a regularizer is evaluated. */
export interface EvaluationOptions {
  /** n × sampleSize: the batch of the step. Rows are computed for its first `samples`. */
  readonly batch: DenseMatrix;
  /** Steps before this one. */
  readonly step: number;
  /** The seed of the run, a 32-bit integer. */
  readonly seed: number;
  /** Whether the penalty itself is wanted, for a history: its gradient needs no value. Defaults to `true`. */
  readonly wantsPenalty?: boolean;
}

/** The result of {@link evaluateRegularizer}. */
export interface Evaluation {
  /** Strength included; undefined if it is not wanted. */
  readonly penalty: number | undefined;
  /**
   * By name, times `every` of the regularizer, for `addedGradients` of a step. The gradient of parameters that are left out
   * is 0. Arrays may be overwritten by the next evaluation.
   */
  readonly gradient: ReadonlyMap<string, FloatArray>;
}

/**
 * The penalty of a regularizer at the present parameters of a network, and its gradient with respect to them: rows come from the
 * network's `vjp`, their gradient goes back through its `jacobianGradients`,
 *
 *     ∂R/∂w = Σ over parameters read + ∂/∂w Σ_k Σ_i c_kiᵀ J(x_i) t_ki,   t_k = ∂R/∂rows_k.
 *
 * The caller decides in which steps to evaluate the regularizer: `step % every === 0`.
 *
 * It checks the regularizer's results, because anyone can write a regularizer.
 *
 * @throws EdjmError naming the regularizer: `INVALID_ARGUMENT` if it asks for rows and gives no cotangents, `SHAPE_MISMATCH` for
 * cotangents or gradients of other shapes, `NOT_FOUND` for parameters that the network does not have, `INVALID_DATA` for
 * values that are not finite and for errors of its own; errors of the network as they are.
 *
 * @example
 * ```ts
 * import type { DenseMatrix, TrainableNetwork } from '@edjm/core';
 * import { evaluateRegularizer, jacobianFrobenius } from '@edjm/regularizers';
 *
 * export async function regularizedStep(network: TrainableNetwork, batch: DenseMatrix, targets: DenseMatrix) {
 *   const regularizer = jacobianFrobenius({ strength: 0.01 });
 *   const { penalty, gradient } = await evaluateRegularizer(network, regularizer, { batch, step: 0, seed: 1 });
 *   const { loss } = await network.step(batch, targets, { learningRate: 0.1, addedGradients: gradient });
 *   return { loss, penalty };
 * }
 * ```
 */
export async function evaluateRegularizer(
  network: TrainableNetwork,
  regularizer: Regularizer,
  { batch, step, seed, wantsPenalty = true }: EvaluationOptions,
): Promise<Evaluation> {
  checkRegularizer(regularizer);
  const samples = firstRows(batch, regularizer.samples);
  const context = { n: samples.rows, dIn: network.dIn, dOut: network.dOut, step, seed };
  const cotangents = cotangentsOf(regularizer, context);
  const quantities: RegularizerQuantities = {
    parameters: await parametersOf(network, regularizer),
    rows: await rowsOf(network, samples, cotangents),
  };
  const penalty = wantsPenalty
    ? withName(regularizer, () => regularizer.penalty(quantities, context))
    : undefined;
  if (penalty !== undefined) checkPenalty(regularizer, penalty);
  const gradient = withName(regularizer, () => regularizer.gradient(quantities, context));
  checkGradient(regularizer, gradient, { quantities, shapes: network.parameterShapes });

  const { every = 1 } = regularizer;
  const products = (gradient.rows ?? []).map((rows, k) => ({
    cotangents: cotangents[k] as DenseMatrix,
    tangents: { ...rows, data: times(rows.data, every) },
  }));
  const ofRows = products.length > 0 ? await network.jacobianGradients(samples, products) : undefined;
  return { penalty, gradient: withScaled(ofRows ?? new Map(), gradient.parameters ?? new Map(), every) };
}

function firstRows(batch: DenseMatrix, samples: number = batch.rows): DenseMatrix {
  return samples < batch.rows ? rowsBetween(batch, 0, samples) : batch;
}

function cotangentsOf(regularizer: Regularizer, context: RegularizerContext): readonly DenseMatrix[] {
  if (!regularizer.needs.includes('rows')) return [];
  const cotangents = withName(regularizer, () => regularizer.cotangents?.(context));
  return checkCotangents(regularizer, cotangents, context);
}

async function parametersOf(
  network: TrainableNetwork,
  { needs, parameterNames }: Regularizer,
): Promise<RegularizerQuantities['parameters']> {
  return needs.includes('parameters') ? network.parameters(parameterNames) : new Map();
}

async function rowsOf(
  network: TrainableNetwork,
  samples: DenseMatrix,
  cotangents: readonly DenseMatrix[],
): Promise<readonly DenseMatrix[]> {
  const rows: DenseMatrix[] = [];
  for (const each of cotangents) {
    const result = await network.vjp(samples, each);
    // The array belongs to the network, whose next call may overwrite it.
    rows.push({ ...result, data: result.data.slice() });
  }
  return rows;
}

/** sums + factor · addends. An array to which nothing is added is not copied, because it is as large as the weights. */
function withScaled(
  sums: ReadonlyMap<string, FloatArray>,
  addends: ReadonlyMap<string, FloatArray>,
  factor: number,
): ReadonlyMap<string, FloatArray> {
  const total = new Map(sums);
  for (const [name, addend] of addends) {
    const sum = sums.get(name);
    const scaled = times(addend, factor);
    total.set(
      name,
      sum === undefined ? scaled : Float64Array.from(scaled, (value, at) => value + (sum[at] as number)),
    );
  }
  return total;
}

function times(values: FloatArray, factor: number): FloatArray {
  return factor === 1 ? values : Float64Array.from(values, (value) => factor * value);
}

import type { DenseMatrix, FloatArray } from '@edjm/linalg';
import type { ParameterValues } from './trainable.ts';

/** The values of a network that a regularizer may read. */
export interface RegularizerQuantities {
  /** Parameters by name: those in `parameterNames`, or all. */
  readonly parameters: ReadonlyMap<string, ParameterValues>;
  /** An n × d_in matrix for each set of cotangents: row i is c_iᵀ J(x_i). With c_i = e_k it is a row of the EDJM of output k. */
  readonly rows: readonly DenseMatrix[];
}

/** The quantities that a regularizer may need. */
export type RegularizerNeed = keyof RegularizerQuantities;

/** The step of training in which a regularizer is evaluated. */
export interface RegularizerContext {
  /** Number of samples whose rows the regularizer gets. */
  readonly n: number;
  /** d_in. */
  readonly dIn: number;
  /** d_out. */
  readonly dOut: number;
  /** Steps before this one. */
  readonly step: number;
  /** A 32-bit integer of the run. Random numbers depend on it and the step alone, so that a run can be repeated. */
  readonly seed: number;
}

/** The gradient of a penalty with respect to the values that it reads. Parts that are left out are 0. */
export interface RegularizerGradient {
  /** With respect to parameters, by name. */
  readonly parameters?: ReadonlyMap<string, FloatArray>;
  /** With respect to rows, in their order. Training sends it back to the weights. */
  readonly rows?: readonly DenseMatrix[];
}

/**
 * A penalty that training adds to the mean loss of a batch. To raise a quantity, such as a spectrum, return a negative penalty.
 *
 * A regularizer from outside is a value of this shape; nothing is registered.
 *
 * @example
 * ```ts
 * import type { Regularizer } from '@edjm/core';
 *
 * // λ ½ ‖W‖² of the first layer.
 * export const firstLayerDecay: Regularizer<'parameters'> = {
 *   name: 'first-layer-decay',
 *   needs: ['parameters'],
 *   parameterNames: ['0.weight'],
 *   penalty: ({ parameters }) => {
 *     let sum = 0;
 *     for (const { data } of parameters.values()) for (const w of data) sum += 1e-4 * 0.5 * w * w;
 *     return sum;
 *   },
 *   gradient: ({ parameters }) => ({
 *     parameters: new Map([...parameters].map(([name, { data }]) => [name, data.map((w) => 1e-4 * w)])),
 *   }),
 * };
 * ```
 */
export interface Regularizer<N extends RegularizerNeed = RegularizerNeed> {
  /** Kebab case and unique in a run, such as `'edjm-log-det'`. */
  readonly name: string;
  /** The quantities that it reads. */
  readonly needs: readonly N[];
  /** The options that its values depend on, for the history of a run. A run does not resume from a checkpoint of other options. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** The parameters that it reads. Defaults to all. */
  readonly parameterNames?: readonly string[];
  /** How many samples of each batch, the first ones, the rows are computed for. Defaults to all. */
  readonly samples?: number;
  /** Steps from one evaluation to the next; the gradient counts that many times. Defaults to 1. */
  readonly every?: number;
  /** The cotangents of the rows, n × d_out each. Required if it reads rows. */
  cotangents?(context: RegularizerContext): readonly DenseMatrix[];
  /** The value, strength included. */
  penalty(quantities: Pick<RegularizerQuantities, N>, context: RegularizerContext): number;
  /** Its gradient. */
  gradient(quantities: Pick<RegularizerQuantities, N>, context: RegularizerContext): RegularizerGradient;
  /** A change of the parameters themselves from time to time, such as a projection. */
  readonly projection?: Projection;
}

/** Replaces parameters between two steps, as the projection onto a set does. */
export interface Projection {
  /** Steps from one to the next, or `'epoch'`; the end of each epoch counts in any case. */
  readonly every: number | 'epoch';
  /** The parameters that it reads. Defaults to all. */
  readonly parameterNames?: readonly string[];
  /**
   * The parameters and velocities that are replaced; velocities of replaced parameters that are not given stay.
   *
   * @param velocities - empty before the first step.
   */
  apply(
    parameters: ReadonlyMap<string, ParameterValues>,
    velocities: ReadonlyMap<string, ParameterValues>,
  ): {
    readonly parameters: ReadonlyMap<string, ParameterValues>;
    readonly velocities?: ReadonlyMap<string, ParameterValues>;
  };
}

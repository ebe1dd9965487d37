import type { DenseMatrix, FloatArray } from '@edjm/linalg';
import type { GradientOptions, LossGradients, ParameterValues, StepResult } from '../contracts/trainable.ts';
import type { CompleteStepOptions } from '../training/stepOptions.ts';
import type { RawNetwork } from './rawNetwork.ts';

/**
 * The raw steps of training, which a backend supplies. `trainableEngineNetwork` makes a `TrainableNetwork` of it: it checks shapes, options, names and values,
 * fills in defaults, and makes one call at a time. Matrices and values come in the engine's precision.
 *
 * A call that throws changes nothing: neither parameters nor velocities nor statistics.
 */
export interface RawTrainableNetwork extends RawNetwork {
  /** In the order of the layers. */
  readonly parameters: NamedValues;
  /** The stored statistics of batch normalization. */
  readonly statistics: NamedValues;
  readonly velocities: Velocities;

  /** One step; `checkLoss` refuses the loss before anything changes. A loss function in the options checks its gradient itself. */
  step(batch: LabeledBatch, options: CompleteStepOptions): Promise<StepResult>;
  /** The loss and its gradients; `checkLoss` and `checkGradients` refuse them before statistics move. */
  gradients(batch: LabeledBatch, options: GradientOptions): Promise<LossGradients>;
  /** Gradients of Σ_k Σ_i c_kiᵀ J(x_i) t_ki. */
  jacobianGradients(batch: DenseMatrix, products: StackedProducts): Promise<ReadonlyMap<string, FloatArray>>;
}

/** Samples, and the target of each. */
export interface LabeledBatch {
  /** n × sampleSize. */
  readonly batch: DenseMatrix;
  /** n × d_out. */
  readonly targets: DenseMatrix;
}

/** K products of cotangents and tangents for n samples, one after the other. */
export interface StackedProducts {
  /** K, 1 or more. */
  readonly count: number;
  /** K × n × d_out. */
  readonly cotangents: FloatArray;
  /** K × n × d_in. */
  readonly tangents: FloatArray;
}

/** Values in an engine by name. */
export interface NamedValues {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Copies of the values with the given names. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>>;
  /** Replaces those that are given, with copies. */
  write(values: ReadonlyMap<string, ParameterValues>): void;
}

/** The velocities of parameters, by their names; a missing one is 0. */
export interface Velocities {
  /** Copies of all existing ones; none before the first step. */
  read(): Promise<ReadonlyMap<string, ParameterValues>>;
  /** Replaces those that are given, with copies. */
  write(values: ReadonlyMap<string, ParameterValues>): void;
  /** Sets the values with the given names to 0. */
  clear(names: Iterable<string>): void;
}

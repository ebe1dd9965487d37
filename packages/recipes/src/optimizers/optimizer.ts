import type { DenseMatrix, ParameterValues, StepOptions, StepResult, TrainableNetwork } from '@edjm/core';

/** The further arguments of an optimizer's step; defaults are those of a step. */
export type UpdateOptions = Omit<StepOptions, 'momentum' | 'nesterov'>;

/** A rule that turns gradients into steps, as a value. */
export interface Optimizer {
  /** Kebab case, such as `'momentum-sgd'`. */
  readonly name: string;
  /** The learning rate of the first epoch; a schedule says how it goes on. */
  readonly learningRate: number;
  /** The options that its steps depend on. A run does not resume from a checkpoint of other options. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Begins to train a network. */
  start(network: TrainableNetwork): OptimizerRun;
}

/** An optimizer at work on a network. */
export interface OptimizerRun {
  /** @throws EdjmError as `step` of the network; `INVALID_DATA` for gradients that are not finite. Parameters are then as before. */
  step(batch: DenseMatrix, targets: DenseMatrix, options: UpdateOptions): Promise<StepResult>;
  /** Everything but the parameters that the next steps depend on, by name. */
  state(): Promise<ReadonlyMap<string, ParameterValues>>;
  /** Goes on from a state; parameters have been set before. */
  restore(state: ReadonlyMap<string, ParameterValues>): Promise<void>;
}

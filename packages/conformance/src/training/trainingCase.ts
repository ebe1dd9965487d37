import type { DenseMatrix, GradientOptions, JacobianProduct } from '@edjm/core';
import type { Network } from '@edjm/network';

/** A small network, samples to train it on, and the requested results. */
export interface TrainingCase {
  /** Unique. */
  readonly name: string;
  readonly network: Network;
  /** A few samples, away from the kinks of the network. */
  readonly batch: DenseMatrix;
  /** Rows of probabilities. */
  readonly targets: DenseMatrix;
  /** The ways in which its loss is computed. */
  readonly runs: readonly TrainingRun[];
  /** The Jacobian products whose gradients are compared. */
  readonly products: readonly JacobianProduct[];
}

/** A way to compute a loss. */
export interface TrainingRun {
  /** Unique in its case. */
  readonly name: string;
  readonly options: GradientOptions;
}

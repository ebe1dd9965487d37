import type { DenseMatrix, FloatArray } from '@edjm/linalg';
import type { DifferentiableNetwork, JacobianBackend, LoadOptions } from './network.ts';

/** Values of a parameter, in row-major order. */
export interface ParameterValues {
  readonly shape: readonly number[];
  readonly data: FloatArray;
}

/**
 * A network that trains inside its engine: its parameters stay there, and a batch, its targets and the loss are all that crosses.
 * The contract of {@link DifferentiableNetwork} holds between two steps, so wait for each step to end. Its outputs are
 * logits, whichever loss it was trained on.
 */
export interface TrainableNetwork extends DifferentiableNetwork {
  /** Shapes of the parameters by name, in the order of the layers: `0.weight` and so on, as PyTorch's `Sequential` counts. */
  readonly parameterShapes: ReadonlyMap<string, readonly number[]>;

  /**
   * One step of stochastic gradient descent with momentum (Polyak 1964), or Nesterov's (Sutskever et al. 2013), on a batch:
   *
   *     g = ∂L/∂w + weightDecay · w + addedGradients
   *     v ← momentum · v − learningRate · g
   *     w ← w + v, or w + momentum · v − learningRate · g
   *
   * L is the mean of the loss over the batch; velocities v start at 0.
   *
   * @param batch - n × sampleSize samples.
   * @param targets - n × dOut.
   * @throws EdjmError `SHAPE_MISMATCH` if these do not fit, `INVALID_ARGUMENT` for options out of their range, and
   * `INVALID_DATA` if the loss is not finite: the parameters then stay as they were. A step does not check that the new
   * parameters are finite: the next loss shows it.
   */
  step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult>;

  /**
   * The loss that a step would start from and its gradient with respect to every parameter, without weight decay: for update rules of
   * one's own. The parameters stay as they are; stored statistics of batch normalization move as in a step.
   *
   * Arrays in the result may be overwritten by the next call of this method.
   *
   * @throws As {@link step}; `INVALID_DATA` also if a gradient is not finite.
   */
  gradients(batch: DenseMatrix, targets: DenseMatrix, options?: GradientOptions): Promise<LossGradients>;

  /**
   * The gradient with respect to every parameter of the sum
   *
   *     Σ_k Σ_i c_kiᵀ J(x_i) t_ki,   J(x) = ∂f(x)/∂x in inference mode,
   *
   * which sends the gradient of a function of EDJM rows back to the weights: for R(r_1 … r_n) of the rows r_i = c_iᵀ J(x_i) take the
   * tangents t_i = ∂R/∂r_i. Slopes of ReLU and choices of max pooling count as constants, which they are almost everywhere.
   *
   * Arrays in the result may be overwritten by the next call of this method.
   *
   * @param batch - n × sampleSize samples.
   * @throws EdjmError `SHAPE_MISMATCH`; `INVALID_DATA` if a result is not finite; `UNSUPPORTED` for a layer without second derivatives.
   */
  jacobianGradients(
    batch: DenseMatrix,
    products: readonly JacobianProduct[],
  ): Promise<ReadonlyMap<string, FloatArray>>;

  /**
   * Copies of the parameters.
   *
   * @param names - those asked for. Defaults to all.
   * @throws EdjmError `NOT_FOUND` for a name that the network does not have.
   */
  parameters(names?: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>>;

  /**
   * Replaces the parameters that are named.
   *
   * @param keepMomentum - whether velocities stay; they start at 0 again otherwise.
   * @throws EdjmError `NOT_FOUND` for a name that the network does not have, `SHAPE_MISMATCH`; none is replaced then.
   */
  setParameters(values: ReadonlyMap<string, ParameterValues>, keepMomentum?: boolean): Promise<void>;

  /** Copies of the velocities, for a checkpoint; empty before the first step. */
  velocities(): Promise<ReadonlyMap<string, ParameterValues>>;

  /** Replaces the velocities that are named. @throws As {@link setParameters}. */
  setVelocities(values: ReadonlyMap<string, ParameterValues>): Promise<void>;

  /**
   * Copies of the stored statistics of batch normalization, which no gradient changes: `1.running_mean` and `1.running_var`
   * for layer 1, and so on.
   */
  statistics(): Promise<ReadonlyMap<string, ParameterValues>>;

  /** Replaces the statistics that are named. @throws As {@link setParameters}. */
  setStatistics(values: ReadonlyMap<string, ParameterValues>): Promise<void>;
}

/** A backend whose networks train. */
export interface TrainableBackend<Source, Options extends LoadOptions = LoadOptions> extends JacobianBackend<
  Source,
  Options
> {
  /** @throws EdjmError as `load`; `UNSUPPORTED` for a source that cannot be trained. */
  loadTrainable(source: Source): Promise<TrainableNetwork>;
}

/** One of the sums Σ_i c_iᵀ J(x_i) t_i. */
export interface JacobianProduct {
  /** n × d_out: row i is c_i. */
  readonly cotangents: DenseMatrix;
  /** n × d_in: row i is t_i. */
  readonly tangents: DenseMatrix;
}

/** Options of a loss and its gradient. */
export type GradientOptions = Pick<StepOptions, 'loss' | 'dropout' | 'batchStatistics'>;

/** The result of {@link TrainableNetwork.gradients}. */
export interface LossGradients {
  /** The mean loss of the batch. */
  readonly loss: number;
  /** By name, in the shapes of the parameters. */
  readonly gradients: ReadonlyMap<string, FloatArray>;
}

/** Options of a step. */
export interface StepOptions {
  /** A number above 0. */
  readonly learningRate: number;
  /** From 0 up to 1, 1 excluded. Defaults to 0. */
  readonly momentum?: number | undefined;
  /** Defaults to `false`. */
  readonly nesterov?: boolean | undefined;
  /** Of every weight that has two axes or more: offsets and scales of normalization are left alone. Defaults to 0. */
  readonly weightDecay?: number | undefined;
  /** The loss to minimize. Defaults to `'cross-entropy'`. */
  readonly loss?: Loss | undefined;
  /** Dropout to add. Defaults to none; dropout layers of the model itself work in any case. */
  readonly dropout?: Dropout | undefined;
  /**
   * If given, batch normalization uses the mean and the variance of the batch (Ioffe, Szegedy 2015), and its stored
   * statistics move toward these by this fraction, above 0 up to 1, such as 0.1. The stored variance is that of n − 1. By
   * default batch normalization uses the stored statistics, as in inference. Layers models of TensorFlow.js do what their
   * layers say.
   */
  readonly batchStatistics?: number | undefined;
  /** Added to the gradients of the parameters that are named, in the shapes of these: those of a regularizer, say. */
  readonly addedGradients?: ReadonlyMap<string, FloatArray> | undefined;
}

/**
 * The loss to minimize: the cross-entropy −Σ_k t_k log softmax(y)_k, with targets t that are probabilities (one-hot or
 * soft); the squared error
 * ½ Σ_k (y_k − t_k)²; or a function of one's own. Each is the mean over the samples of a batch.
 */
export type Loss = 'cross-entropy' | 'squared-error' | LossFunction;

/** The loss of a batch, and its gradient with respect to the outputs: n × d_out in, the same out. */
export type LossFunction = (
  outputs: DenseMatrix,
  targets: DenseMatrix,
) => { readonly value: number; readonly gradient: DenseMatrix };

/** Dropout (Srivastava et al. 2014): each value is 0 with the probability `rate`, and the others are divided by 1 − rate. */
export interface Dropout {
  /** Rate for the inputs, from 0 up to 1, 1 excluded. Defaults to 0. */
  readonly input?: number;
  /** Rate behind every hidden activation. Defaults to 0. */
  readonly hidden?: number;
  /** The same seed drops the same values on the same engine: give every step another one. */
  readonly seed: number;
}

/** The result of a step. */
export interface StepResult {
  /** The mean loss of the batch, before the update. */
  readonly loss: number;
}

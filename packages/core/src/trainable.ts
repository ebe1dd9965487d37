import type { DenseMatrix, FloatArray } from '@edjm/linalg';
import type { DifferentiableNetwork } from './network.ts';

/** Values of a parameter, in row-major order. */
export interface ParameterValues {
  readonly shape: readonly number[];
  readonly data: FloatArray;
}

/**
 * A network that trains inside its engine: its parameters stay there, and a batch, its targets and the loss are all that crosses.
 * What {@link DifferentiableNetwork} says of it holds between two steps; its outputs are logits, whatever it was trained on.
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
   * @param batch - n × inputSize samples.
   * @param targets - n × outputSize.
   * @throws EdjmError `SHAPE_MISMATCH` where these do not fit, `INVALID_ARGUMENT` for options out of their range, and `INVALID_DATA`
   * where the loss is not finite: the parameters are then as they were before.
   */
  step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult>;

  /** Copies of the parameters. */
  parameters(): Promise<ReadonlyMap<string, ParameterValues>>;

  /**
   * Replaces the parameters that are named.
   *
   * @param keepMomentum - whether velocities stay; they start at 0 again otherwise.
   * @throws EdjmError `NOT_FOUND` for a name that the network does not have, `SHAPE_MISMATCH`; none is replaced then.
   */
  setParameters(values: ReadonlyMap<string, ParameterValues>, keepMomentum?: boolean): Promise<void>;

  /** Copies of the velocities, for a checkpoint; all there are, which is none before the first step. */
  velocities(): Promise<ReadonlyMap<string, ParameterValues>>;

  /** Replaces the velocities that are named. @throws As {@link setParameters}. */
  setVelocities(values: ReadonlyMap<string, ParameterValues>): Promise<void>;
}

/** What a step does. */
export interface StepOptions {
  /** A number above 0. */
  readonly learningRate: number;
  /** From 0 up to 1, 1 excluded. Defaults to 0. */
  readonly momentum?: number;
  /** Defaults to `false`. */
  readonly nesterov?: boolean;
  /** Of every weight that has two axes or more: offsets and scales of normalisation are left alone. Defaults to 0. */
  readonly weightDecay?: number;
  /** What is minimised. Defaults to `'cross-entropy'`. */
  readonly loss?: Loss;
  /** Values that are dropped. Defaults to none; layers of dropout that the model has itself are at work in any case. */
  readonly dropout?: Dropout;
  /** Added to the gradients of the parameters that are named, in the shapes of these: those of a regulariser, say. */
  readonly addedGradients?: ReadonlyMap<string, FloatArray>;
}

/**
 * What is minimised: the cross-entropy −Σ_k t_k log softmax(y)_k, with targets t that are probabilities (one-hot or soft); the squared error
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

/** What a step found. */
export interface StepResult {
  /** The mean loss of the batch, before the update. */
  readonly loss: number;
}

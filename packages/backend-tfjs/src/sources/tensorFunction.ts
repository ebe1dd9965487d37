import type { Head } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';

/** A model as a function of tensors, from wherever it came. */
export interface TensorFunction {
  /** For messages and reports. */
  readonly name: string;
  /** Shape of one sample. */
  readonly inputShape: readonly number[];
  /** The number of samples in every run, if the model takes no other. */
  readonly fixedBatchSize?: number;
  /** What the model ended in before that was taken off; it is looked for otherwise. */
  readonly head?: Head;
  /** Name of the layer or node that the outputs are of. */
  readonly outputName?: string | undefined;
  /** Whether that is a hidden layer. Defaults to false. */
  readonly isHidden?: boolean;
  /** Outputs of samples, [n, …inputShape] in and [n, …] out. */
  readonly run: (x: Tensor) => Tensor;
  /** The values that training changes; absent if the model cannot be trained. */
  readonly trainable?: Trainable;
  /** Frees the tensors of the model. */
  readonly dispose: () => void;
}

/** A model as training sees it. */
export interface Trainable {
  /** In the order of the layers. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Values that a run in training mode changes by itself, such as the moving averages of batch normalization. */
  readonly statistics: ReadonlyMap<string, Parameter>;
  /** Whether `training` is heeded: a layers model has layers of dropout of its own. */
  readonly dropsHidden: boolean;
  /** As `run` of {@link TensorFunction}, in training mode. */
  readonly run: (x: Tensor, training: Training) => Tensor;
  /** J(x) ẋ in inference mode, [k n, d_out], by operations that have derivatives; absent if some have none. */
  readonly jvp?: (pair: PrimalAndTangents) => Tensor;
}

/** Samples x, or values f(x) of a layer, with tangents of them. */
export interface PrimalAndTangents {
  /** [n, …]. */
  readonly primal: Tensor;
  /** [k n, …]: k tangents for each sample; the first ones of all samples come first. */
  readonly tangents: Tensor;
}

/** The difference between a run that trains and one that does not. */
export interface Training {
  /** Drops values behind a hidden activation. */
  readonly dropHidden: (x: Tensor) => Tensor;
  /**
   * The fraction by which batch normalization moves its stored statistics toward those of the batch. Without it stored
   * statistics are used.
   */
  readonly batchStatistics?: number | undefined;
}

/** A parameter as the engine holds it, and as it goes in and out. */
export interface Parameter {
  /** The tensor that the model computes with. */
  readonly variable: Tensor;
  /** Gives it other values. */
  readonly assign: (value: Tensor) => void;
  /** Its shape outside of the engine. */
  readonly shape: readonly number[];
  /** Axes of the tensor inside, in the order of those outside, if these differ. */
  readonly axes?: readonly number[];
}

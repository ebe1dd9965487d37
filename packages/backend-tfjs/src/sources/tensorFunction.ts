import type { OutputKind } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';

/** A model as a function of tensors, from wherever it came. */
export interface TensorFunction {
  /** For messages and reports. */
  readonly name: string;
  /** Shape of one sample. */
  readonly inputShape: readonly number[];
  /** Samples in every run, where the model takes no other number of them. */
  readonly fixedBatchSize?: number;
  /** What its outputs are, where that was seen to already: a final softmax is looked for otherwise. */
  readonly outputKind?: OutputKind;
  /** Outputs of samples, [n, …inputShape] in and [n, …] out. */
  readonly run: (x: Tensor) => Tensor;
  /** What training changes, where the model can be trained. */
  readonly trainable?: Trainable;
  /** Frees what the model holds. */
  readonly dispose: () => void;
}

/** A model as training sees it. */
export interface Trainable {
  /** In the order of the layers. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** What a run in training mode changes by itself, such as the moving averages of batch normalization. */
  readonly statistics: ReadonlyMap<string, Parameter>;
  /** Whether `training` is heeded: a layers model has layers of dropout of its own. */
  readonly dropsHidden: boolean;
  /** As `run` of {@link TensorFunction}, in training mode. */
  readonly run: (x: Tensor, training: Training) => Tensor;
  /** J(x) ẋ in inference mode, [k n, d_out], by operations that have derivatives, where there are such. */
  readonly push?: (moving: Moving) => Tensor;
}

/** Samples, and directions in which they move. */
export interface Moving {
  /** [n, …]. */
  readonly x: Tensor;
  /** [k n, …]: k tangents for each sample; the first ones of all samples come first. */
  readonly tangents: Tensor;
}

/** What differs between a run that trains and one that does not. */
export interface Training {
  /** Drops values behind a hidden activation. */
  readonly dropHidden: (x: Tensor) => Tensor;
  /** The fraction by which batch normalization moves what it has stored toward the batch; by what is stored where it is not given. */
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
  /** Axes of the tensor inside, in the order of those outside, where these differ. */
  readonly axes?: readonly number[];
}

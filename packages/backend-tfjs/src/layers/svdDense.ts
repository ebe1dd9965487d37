import type * as TensorFlow from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';

type DenseArgs = Parameters<Tf['layers']['dense']>[0];

/** Options of an SVD layer: those of a Dense layer as far as they make sense, and the rank. */
export interface SvdDenseArgs extends Omit<
  DenseArgs,
  | 'activityRegularizer'
  | 'biasConstraint'
  | 'biasRegularizer'
  | 'inputDim'
  | 'kernelConstraint'
  | 'kernelInitializer'
  | 'kernelRegularizer'
  | 'weights'
> {
  /** r, from 1 to min(d_in, units). Defaults to the largest. */
  rank?: number;
  /** Draws the kernel that the layer starts from. Defaults to `glorotUniform`, as in Keras. */
  kernelInitializer?: Exclude<DenseArgs['kernelInitializer'], undefined>;
  /** Acts on the r singular values, such as `tf.regularizers.l1({ l1: 1e-4 })`. Defaults to none. */
  singularValueRegularizer?: SingularValueRegularizer;
  /** Of the default `kernelInitializer` and of vectors that it leaves open: a 32-bit integer. Defaults to a random one. */
  seed?: number;
}

/** A result of `tf.regularizers.l1`, `l2` or `l1l2`, or any other object of that kind. */
export type SingularValueRegularizer = Exclude<DenseArgs['kernelRegularizer'], string | undefined>;

/**
 * A Dense layer whose kernel is kept as U diag(s) Vᵀ, y = activation(x U diag(s) Vᵀ + b), so that training sees its singular values.
 *
 * Its weights, in this order: U [d_in, r], s [r], V [units, r], and the bias [units] if there is one; all are trained. U
 * and V start with orthonormal columns. Training does not keep them so: {@link orthogonalize} does, once an epoch, say.
 *
 * Source: Wang et al. 2016, on spectral regularization, where the matrix is W = Kᵀ, as it multiplies columns x: its U is this V.
 */
export interface SvdDense extends TensorFlow.layers.Layer {
  /** r, once the layer is built. */
  readonly rank: number | undefined;
  /**
   * Replaces the factors by the singular value decomposition of their product: the function stays the same to within rounding, U and V
   * get orthonormal columns, s the singular values of the kernel, descending. The state of an optimizer for the weights stays as it
   * is. A kernel of 1000 × 1000 takes some seconds.
   *
   * @throws EdjmError `INVALID_ARGUMENT` if the layer is not built.
   */
  orthogonalize(): Promise<void>;
  /**
   * The kernel U diag(s) Vᵀ [d_in, units] and the bias, if there is one, as `setWeights` of a Dense layer takes them. The caller disposes
   * of the tensors.
   *
   * @throws EdjmError `INVALID_ARGUMENT` if the layer is not built.
   */
  mergedWeights(): TensorFlow.Tensor[];
}

/** The class of SVD layers, of one instance of TensorFlow.js. */
export interface SvdDenseConstructor {
  new (args: SvdDenseArgs): SvdDense;
  /** `'SvdDense'`: how saved models name it. */
  readonly className: string;
  readonly fromConfig: TensorFlow.serialization.FromConfigMethod<SvdDense>;
}

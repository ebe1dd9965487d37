import { EdjmError } from '@edjm/core';
import { seededRandom } from '@edjm/network';
import type * as TensorFlow from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { mergeSvd } from './mergeSvd.ts';
import type { SvdDense, SvdDenseArgs, SvdDenseConstructor } from './svdDense.ts';
import { type Start, svdDenseClass } from './svdDenseClass.ts';
import { checkedRank, factorsOfKernel } from './svdFactors.ts';

/** SVD layers of one instance of TensorFlow.js: the result of {@link tfjsSvdLayers}. */
export interface TfjsSvdLayers {
  /** Their class, for `instanceof`. */
  readonly SvdDense: SvdDenseConstructor;
  /** A new layer, as `tf.layers.dense` gives one. */
  readonly svdDense: (args: SvdDenseArgs) => SvdDense;
  /**
   * A layer that computes the same as a trained Dense layer, to within rounding or, with a `rank` below min(d_in, units),
   * as closely as a kernel of that rank can. It has the name, the activation and the bias of that layer, but not its
   * regularizers and constraints. The Dense layer stays as it is. It takes a singular value decomposition: seconds for a
   * kernel of 1000 × 1000.
   *
   * @throws EdjmError `INVALID_ARGUMENT` for a layer of another class, one without weights yet, or a rank that it cannot have.
   */
  readonly fromDense: (
    dense: TensorFlow.layers.Layer,
    options?: { readonly rank?: number },
  ) => Promise<SvdDense>;
  /**
   * A new model with a Dense layer in the place of each SVD layer, for inference: it computes the same, faster. It is not compiled. Layers
   * within wrappers such as TimeDistributed stay as they are, and need {@link register}.
   */
  readonly merge: (model: TensorFlow.LayersModel) => Promise<TensorFlow.LayersModel>;
  /**
   * Makes the class known to `tf.loadLayersModel` and `tf.models.modelFromJSON` under the name SvdDense. Nothing is
   * registered before this call; calling it twice is no error.
   */
  readonly register: () => void;
}

/** By the class of all layers: an instance may be imported as several objects, with a default export and without. */
const known = new WeakMap<Tf['layers']['Layer'], TfjsSvdLayers>();

/**
 * SVD layers for an instance of TensorFlow.js, `@tensorflow/tfjs` or `@tensorflow/tfjs-node`: Dense layers y = activation(x K + b) whose
 * kernel is trained as K = U diag(s) Vᵀ.
 *
 * A layer starts from the singular value decomposition of a kernel drawn by `kernelInitializer`, and computes what a Dense layer with that
 * kernel would. Large kernels (k² m above 2²⁸, m ≥ k their sizes: 646 × 646) of the initializers of Glorot, He and LeCun are not decomposed: U and V
 * are then orthonormal vectors drawn at random, and s follows from random matrix theory for such a kernel, which is nearly
 * the distribution of the decomposition. Kernels of all other initializers are decomposed, which takes minutes from 3000 ×
 * 3000 on.
 *
 * @param tf - The instance that the model is made of. The same one gives the same class.
 *
 * Source: Wang et al. 2016, on spectral regularization. Of the random vectors and values: Pillai and Smith, "Kac's walk on n-sphere mixes in n log n
 * steps", 2017; Marchenko and Pastur, "Distribution of eigenvalues for some sets of random matrices", 1967.
 *
 * @example
 * ```ts
 * import { tfjsSvdLayers } from '@edjm/backend-tfjs/layers';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const { svdDense, merge } = tfjsSvdLayers(tf);
 * const model = tf.sequential({
 *   layers: [
 *     svdDense({ units: 100, activation: 'relu', inputShape: [784] }),
 *     svdDense({ units: 10, singularValueRegularizer: tf.regularizers.l1({ l1: 1e-4 }) }),
 *   ],
 * });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const forInference = await merge(model);
 * ```
 */
export function tfjsSvdLayers(tf: Tf): TfjsSvdLayers {
  const before = known.get(tf.layers.Layer);
  if (before) return before;
  const starts = new WeakMap<SvdDense, Start>();
  const SvdDense = svdDenseClass(tf, starts);
  const layers: TfjsSvdLayers = {
    SvdDense,
    svdDense: (args) => new SvdDense(args),
    merge: (model) => mergeSvd(tf, SvdDense, model),
    register: () => {
      tf.serialization.registerClass(SvdDense);
    },
    async fromDense(dense, { rank } = {}) {
      const { kernel, bias } = await weightsOf(dense);
      const options = {
        rank: checkedRank(rank, [kernel.rows, kernel.columns], dense.name),
        random: seededRandom(0),
      };
      const layer = new SvdDense({
        ...settingsOf(dense),
        units: kernel.columns,
        useBias: bias !== undefined,
        ...(rank !== undefined && { rank }),
      });
      starts.set(layer, { factors: factorsOfKernel(kernel, options), bias });
      return layer;
    },
  };
  known.set(tf.layers.Layer, layers);
  return layers;
}

async function weightsOf(dense: TensorFlow.layers.Layer) {
  const [kernel, bias] = dense.getClassName() === 'Dense' ? dense.getWeights() : [];
  const [rows, columns] = kernel?.shape ?? [];
  if (kernel === undefined || rows === undefined || columns === undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${dense.name}: expected a Dense layer that is built, got ${dense.getClassName()} with ` +
        `${dense.weights.length} weights. Give a layer of a model.`,
    );
  }
  return {
    kernel: { rows, columns, data: new Float64Array(await kernel.data()) },
    bias: await bias?.data(),
  };
}

/** The settings that both kinds of layer have. */
function settingsOf(dense: TensorFlow.layers.Layer): Partial<SvdDenseArgs> {
  const { name, trainable, batchInputShape, dtype, activation, biasInitializer } = dense.getConfig();
  return { name, trainable, batchInputShape, dtype, activation, biasInitializer } as Partial<SvdDenseArgs>;
}

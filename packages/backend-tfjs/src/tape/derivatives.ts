import type { Tensor } from '@tensorflow/tfjs';
import { sliceOf } from '../engines/stridedSlice.ts';
import type { Tf } from '../engines/tf.ts';
import { resizedBack } from './resizing.ts';
import { stridedSliceBack } from './stridedSlice.ts';

type GradientConfig = ReturnType<Tf['getGradient']>;
type Derivative = (tf: Tf, dy: Tensor | Tensor[], call: DerivativeCall) => Gradients;
type Gradients = ReturnType<GradientConfig['gradFunc']>;

/** What a derivative knows of the call of an operation. */
interface DerivativeCall {
  readonly saved: readonly Tensor[];
  readonly attributes: Parameters<GradientConfig['gradFunc']>[2];
}

/** Names of inputs to save. Missing inputs are left out. */
class Present extends Array<string> {
  override map<T>(f: (name: string, index: number, names: string[]) => T): T[] {
    return Array.from(this, (name, index) => f(name, index, this)).filter((saved) => saved !== undefined);
  }
}

/**
 * Derivatives in place of those of TensorFlow.js that are wrong, or others than Keras's at ties and kinks, or slow.
 */
const better: Readonly<Record<string, Derivative>> = {
  /** Equal values share the cotangent. TensorFlow.js gives all of it to each. */
  Max: shareOfTies,
  Min: shareOfTies,

  /** 0 at 0, where TensorFlow.js has −1. */
  Abs: (tf, dy, { saved: [x] }) => ({ x: () => tf.mul(one(dy), tf.sign(given(x))) }),

  /** 0 at both ends, where TensorFlow.js has 1 at 6. */
  Relu6: (tf, dy, { saved: [x] }) => ({
    x: () =>
      tf.mul(one(dy), tf.cast(tf.logicalAnd(tf.greater(given(x), 0), tf.less(given(x), 6)), 'float32')),
  }),

  /** 0 at 0, as Keras composes it of ReLUs. TensorFlow.js has the slope for values below. */
  Prelu: (tf, dy, { saved: [x, alpha] }) => {
    const [input, slopes] = [given(x), given(alpha)];
    const above = () => tf.cast(tf.greater(input, 0), 'float32');
    const below = () => tf.cast(tf.less(input, 0), 'float32');
    return {
      x: () => tf.mul(one(dy), tf.add(above(), tf.mul(below(), slopes))),
      alpha: () => {
        const axes = tf.broadcast_util.getReductionAxes(slopes.shape, input.shape);
        return tf.sum(tf.mul(one(dy), tf.mul(below(), input)), axes).reshape(slopes.shape);
      },
    };
  },

  /** Sums the other way round, whatever the axis. TensorFlow.js exchanges axes too, unless the axis is the last one. */
  Cumsum: (tf, dy, { attributes: { axis, exclusive, reverse } }) => ({
    x: () => tf.cumsum(one(dy), axis as number, exclusive as boolean, reverse !== true),
  }),

  /** Products with weights of interpolation. Kernels of TensorFlow.js are wrong or missing on some engines. */
  ResizeBilinear: (tf, dy, { saved: [images], attributes }) => ({
    images: () => resizedBack(tf, one(dy), { ...attributes, shape: given(images).shape }),
  }),

  StridedSlice: (tf, dy, { saved: [x], attributes }) => ({
    x: () =>
      stridedSliceBack(tf, one(dy), {
        shape: given(x).shape,
        slice: sliceOf(attributes),
      }),
  }),

  /** Sums over the repetitions at once. TensorFlow.js slices and adds each of them. */
  Tile: (_, dy, { saved: [x], attributes: { reps } }) => ({
    x: () => {
      const { shape } = given(x);
      const counts = reps as number[];
      const split = shape.flatMap((size, axis) => [counts[axis] ?? 1, size]);
      const repeated = counts.flatMap((count, axis) => (count > 1 ? [2 * axis] : []));
      return one(dy).reshape(split).sum(repeated).reshape(shape);
    },
  }),

  /** Follows means and scales that are broadcast along any axis. TensorFlow.js fails there. */
  FusedBatchNorm: (tf, dy, { saved: [x, mean, variance, scale], attributes: { varianceEpsilon } }) => {
    const [image, center, spread] = [given(x), given(mean), given(variance)];
    const factor = tf.rsqrt(tf.add(spread, varianceEpsilon as number));
    const scaled = () => (scale === undefined ? one(dy) : tf.mul(one(dy), scale));
    const deviation = () => tf.sub(image, center);
    const like = (tensor: Tensor): Tensor => {
      const axes = tf.broadcast_util.getReductionAxes(center.shape, image.shape);
      return tf.sum(tensor, axes).reshape(center.shape);
    };
    return {
      x: () => tf.mul(scaled(), factor).reshape(image.shape),
      mean: () => like(tf.neg(tf.mul(scaled(), factor))),
      variance: () => like(tf.mul(tf.mul(deviation(), scaled()), tf.mul(tf.pow(factor, 3), -0.5))),
      scale: () => like(tf.mul(one(dy), tf.mul(deviation(), factor))),
      offset: () => like(one(dy)),
    };
  },
};

function shareOfTies(
  tf: Tf,
  dy: Tensor | Tensor[],
  { saved: [x, y], attributes }: DerivativeCall,
): Gradients {
  return {
    x: () => {
      const input = given(x);
      const reduced = attributes['reductionIndices'] ?? attributes['axis'];
      const axes = tf.util.parseAxisParam(reduced as number | number[], input.shape);
      const kept = input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const ties = tf.cast(tf.equal(input, given(y).reshape(kept)), 'float32');
      return tf.mul(one(dy).reshape(kept), tf.div(ties, tf.sum(ties, axes, true)));
    },
  };
}

function one(dy: Tensor | Tensor[]): Tensor {
  return Array.isArray(dy) ? given(dy[0]) : dy;
}

function given(tensor: Tensor | undefined): Tensor {
  if (tensor === undefined) throw new Error('expected a tensor that was saved for the derivative, got none.');
  return tensor;
}

/**
 * Records work with the derivatives of {@link better}, and with batch normalization that has no scale: TensorFlow.js saves its inputs for
 * the derivative, and fails at a missing one, although the derivative itself does not need it.
 */
export function withBetterDerivatives<T>(tf: Tf, work: () => T): T {
  addMissing(tf);
  const replaced = Object.entries(better).map(([name, derivative]) => {
    const config = tf.getGradient(name);
    const { gradFunc, inputsToSave = [] } = config;
    config.gradFunc = (dy, saved, attributes) => derivative(tf, dy, { saved, attributes });
    if (name === 'FusedBatchNorm') config.inputsToSave = Present.from(inputsToSave);
    return { config, gradFunc, inputsToSave };
  });
  try {
    return work();
  } finally {
    for (const { config, ...own } of replaced) Object.assign(config, own);
  }
}

/** TensorFlow.js has no derivative of slices with steps. It goes into the table that all engines of a process share. */
function addMissing(tf: Tf): void {
  const kernelName = 'StridedSlice';
  // Declared never to be undefined.
  const known: unknown = tf.getGradient(kernelName);
  const derivative = better[kernelName];
  if (known !== undefined || derivative === undefined) return;
  const gradFunc: GradientConfig['gradFunc'] = (dy, saved, attributes) =>
    derivative(tf, dy, { saved, attributes });
  tf.registerGradient({ kernelName, inputsToSave: ['x'], gradFunc });
}

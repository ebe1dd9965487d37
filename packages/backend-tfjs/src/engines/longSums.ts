import type { KernelConfig, NamedTensorInfoMap, Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from './tf.ts';

/** An engine's routine for one operation. */
export type KernelFunction = KernelConfig['kernelFunc'];
/** A call of it: inputs and attributes. */
export type KernelCall = Parameters<KernelFunction>[0];
/** A kernel that takes the place of an engine's own. */
export type BetterKernel = (tf: Tf, own: KernelFunction, call: KernelCall) => ReturnType<KernelFunction>;

/** The most values that the engine adds one after the other. */
const BLOCK = 128;
/** Sums of up to this many values stay the engine's own. */
const SHORT_SUM = 2048;
/** Products of matrices with up to this many terms for each value stay the engine's own. */
const SHORT_PRODUCT = 4096;
/** The most parts of a long product. */
const MOST_PARTS = 64;
/** The fewest terms in a part. */
const LEAST_TERMS = 1024;

/**
 * Long sums, means and products of matrices, in blocks. An engine that adds 10⁶ values in float32 with one accumulator is off by whole per cents:
 * the error grows with the number of values that it adds one after the other.
 */
export const longSums: Readonly<Record<string, BetterKernel>> = {
  Sum: (tf, own, call) => (isLongSum(tf, call) ? tf.tidy(() => sumInBlocks(tf, call)) : own(call)),

  Mean: (tf, own, call) => {
    if (!isLongSum(tf, call)) return own(call);
    const { axes, length, keepDims } = reduction(tf, call);
    return tf.tidy(() => tf.div(tf.sum(inputOf(call, 'x'), [...axes], keepDims), length));
  },

  BatchMatMul: (tf, own, call) =>
    isLongProduct(call) ? tf.tidy(() => productInParts(tf, own, call)) : own(call),

  _FusedMatMul: (tf, own, call) => {
    const named = call.attrs?.['activation'] ?? 'linear';
    const activation = typeof named === 'string' ? activations[named] : undefined;
    if (!isLongProduct(call) || activation === undefined) return own(call);
    const bias = call.inputs['bias'] === undefined ? undefined : inputOf(call, 'bias');
    return tf.tidy(() => {
      const { transposeA = false, transposeB = false } = call.attrs ?? {};
      const [a, b] = [inputOf(call, 'a'), inputOf(call, 'b')];
      const y = tf.matMul(a, b, transposeA === true, transposeB === true);
      return activation(tf, bias === undefined ? y : tf.add(y, bias));
    });
  },
};

/** Activations that an engine may compute together with a product. */
const activations: Readonly<Record<string, (tf: Tf, y: Tensor) => Tensor>> = {
  linear: (_, y) => y,
  relu: (tf, y) => tf.relu(y),
  relu6: (tf, y) => tf.relu6(y),
  sigmoid: (tf, y) => tf.sigmoid(y),
  elu: (tf, y) => tf.elu(y),
};

/** An input of a kernel, which is a tensor if TensorFlow.js itself calls it. */
function inputOf({ inputs }: KernelCall, name: string): Tensor {
  return (inputs as NamedTensorInfoMap & Readonly<Record<string, Tensor>>)[name] as Tensor;
}

interface Reduction {
  readonly axes: readonly number[];
  /** The number of values in each sum. */
  readonly length: number;
  readonly keepDims: boolean;
}

function reduction(tf: Tf, call: KernelCall): Reduction {
  const { shape } = inputOf(call, 'x');
  const { axis, keepDims } = call.attrs ?? {};
  const axes = tf.util.parseAxisParam(axis as number | number[], shape);
  const length = axes.reduce((size, each) => size * (shape[each] ?? 1), 1);
  return { axes, length, keepDims: keepDims === true };
}

function isLongSum(tf: Tf, call: KernelCall): boolean {
  const { dtype, size } = inputOf(call, 'x');
  return dtype === 'float32' && size > SHORT_SUM && reduction(tf, call).length > SHORT_SUM;
}

/** Sums of blocks, then of their sums, until one is left of each. */
function sumInBlocks(tf: Tf, call: KernelCall): Tensor {
  const x = inputOf(call, 'x');
  const { axes, length, keepDims } = reduction(tf, call);
  const others = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  let sums: Tensor = tf.transpose(x, [...others, ...axes]).reshape([-1, length]);
  for (let width = length; width > 1;) {
    const blocks = Math.ceil(width / BLOCK);
    const padded = tf.pad(sums, [
      [0, 0],
      [0, blocks * BLOCK - width],
    ]);
    sums = tf.sum(padded.reshape([-1, blocks, BLOCK]), 2);
    width = blocks;
  }
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return sums.reshape(keepDims ? shape : others.map((axis) => x.shape[axis] ?? 1));
}

/** The number of terms in each value of a product. */
function termsOf(call: KernelCall): number {
  return inputOf(call, 'a').shape.at(call.attrs?.['transposeA'] === true ? -2 : -1) ?? 0;
}

function isLongProduct(call: KernelCall): boolean {
  return termsOf(call) > SHORT_PRODUCT;
}

/** The sum of products of parts of the columns of A with those of the rows of B. */
function productInParts(tf: Tf, own: KernelFunction, call: KernelCall): Tensor {
  const terms = termsOf(call);
  const [a, b] = [inputOf(call, 'a'), inputOf(call, 'b')];
  const { transposeA, transposeB } = call.attrs ?? {};
  const size = Math.max(LEAST_TERMS, Math.ceil(terms / MOST_PARTS));
  const part = (matrix: Tensor, { fromEnd, first }: { readonly fromEnd: number; readonly first: number }) => {
    const begin = matrix.shape.map((_, axis) => (axis === matrix.rank - fromEnd ? first : 0));
    const sizes = matrix.shape.map((whole, axis) =>
      axis === matrix.rank - fromEnd ? Math.min(size, terms - first) : whole,
    );
    return tf.slice(matrix, begin, sizes);
  };
  const parts = Array.from({ length: Math.ceil(terms / size) }, (_, index) => {
    const first = index * size;
    const inputs = {
      ...call.inputs,
      a: part(a, { fromEnd: transposeA === true ? 2 : 1, first }),
      b: part(b, { fromEnd: transposeB === true ? 1 : 2, first }),
    };
    return tf.engine().makeTensorFromTensorInfo(own({ ...call, inputs }) as TensorInfo);
  });
  return tf.addN(parts);
}

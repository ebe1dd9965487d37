import { EdjmError } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import type { TapeNode } from './tape.ts';

/**
 * Operations y = J x that are linear in the input named, or piecewise linear without an offset. There ⟨y, c⟩ = ⟨x, Jᵀc⟩ for every c, by which
 * a wrong derivative shows, exactly: some engines of TensorFlow.js have some.
 */
export const linearIn: Readonly<Record<string, string>> = {
  AvgPool: 'x',
  AvgPool3D: 'x',
  Conv2D: 'x',
  Conv2DBackpropInput: 'dy',
  Conv3D: 'x',
  Conv3DBackpropInputV2: 'dy',
  DepthwiseConv2dNative: 'x',
  MaxPool: 'x',
  MaxPool3D: 'x',
  MirrorPad: 'x',
  ResizeBilinear: 'images',
  ResizeNearestNeighbor: 'images',
};

/** An operation of {@link linearIn}, with copies of what went in and what came out. */
export interface LinearNode {
  readonly node: TapeNode;
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Products that must be the same for an operation. */
export interface Adjoint {
  readonly operation: string;
  /** ⟨y, c⟩ and ⟨x, Jᵀc⟩. */
  readonly products: Tensor;
}

/** How far they may lie apart, relative to the first, which is a sum of positive terms. */
const TOLERANCE = 1e-3;

/** Goes back through each operation once. The products are kept, to be read and disposed of. */
export function adjoints(tf: Tf, nodes: readonly LinearNode[]): readonly Adjoint[] {
  return nodes.flatMap(({ node, x, y }) => {
    const products = tf.tidy(() => {
      const factors = Float32Array.from({ length: y.size }, (_, i) => 1 + Math.sin(7 * i) / 2);
      const cotangent = tf.mul(tf.sign(y), tf.tensor(factors, y.shape));
      const gradient = node.gradient?.([cotangent])[linearIn[node.kernelName] ?? '']?.();
      if (gradient === undefined) return undefined;
      return tf.keep(tf.stack([tf.sum(tf.mul(y, cotangent)), tf.sum(tf.mul(x, gradient))]));
    });
    return products === undefined ? [] : [{ operation: node.kernelName, products }];
  });
}

/** @throws EdjmError `UNSUPPORTED` for an operation whose derivative is wrong. */
export async function checkAdjoints(found: readonly Adjoint[], engine: string): Promise<void> {
  const wrong: string[] = [];
  for (const { operation, products } of found) {
    const [forward = NaN, backward = NaN] = await products.data();
    products.dispose();
    const scale = Math.max(Math.abs(forward), Math.abs(backward));
    if (Math.abs(forward - backward) > TOLERANCE * scale) wrong.push(operation);
  }
  if (wrong.length === 0) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `expected operations that the engine ${engine} of TensorFlow.js differentiates rightly, got ${[...new Set(wrong)].join(', ')}, where it gives wrong numbers. Take another engine, or export the model to ONNX.`,
  );
}

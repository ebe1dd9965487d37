import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { linearIn, type LinearNode } from './recording.ts';

/** Products that must be the same for an operation. */
export interface Adjoint {
  readonly operation: string;
  /** ⟨y, c⟩ and ⟨x, Jᵀc⟩. */
  readonly products: Tensor;
}

/** The largest difference of the products, relative to the first, which is a sum of positive terms. */
const TOLERANCE = 1e-3;

/** Goes back through each operation once. Read the products and dispose of them: they are kept. */
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

/** The operations whose derivatives are wrong. */
export async function wrongByAdjoints(found: readonly Adjoint[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { operation, products } of found) {
    const [forward = NaN, backward = NaN] = await products.data();
    products.dispose();
    const scale = Math.max(Math.abs(forward), Math.abs(backward));
    if (Math.abs(forward - backward) > TOLERANCE * scale) wrong.push(operation);
  }
  return wrong;
}

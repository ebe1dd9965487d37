import { type DenseMatrix, EdjmError, type FloatArray, type StackedProducts } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { Trainable } from '../sources/tensorFunction.ts';
import { Tape } from '../tape/tape.ts';

/**
 * Gradients of Σ_k Σ_i c_kiᵀ J(x_i) t_ki, in the order of the parameters: all sums go through the network's Jacobian-vector product side by
 * side, and one reverse pass goes back from its result.
 *
 * @param batch - n samples, whose shape is `inputShape`.
 * @throws EdjmError `UNSUPPORTED` for a model whose layers are not known.
 */
export function productGradients(
  tf: Tf,
  {
    jvp,
    parameters,
    inputShape,
  }: Pick<Trainable, 'jvp' | 'parameters'> & { readonly inputShape: readonly number[] },
  { batch, products }: { readonly batch: DenseMatrix; readonly products: StackedProducts },
): readonly Tensor[] {
  if (jvp === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      'expected a network as data for gradients of Jacobians, got a layers model. Build the network of the layers of @edjm/network.',
    );
  }
  const { count, cotangents, tangents } = products;
  const tensor = (data: FloatArray, shape: readonly number[]) => tf.tensor(data, [...shape]);
  const pair = {
    primal: tensor(batch.data, [batch.rows, ...inputShape]),
    tangents: tensor(tangents, [count * batch.rows, ...inputShape]),
  };
  const tape = new Tape(tf, () => jvp(pair));
  try {
    const variables = [...parameters.values()].map(({ variable }) => variable);
    return tape.pullback(variables, tape.y).vjp(tensor(cotangents, tape.y.shape));
  } finally {
    tape.dispose();
  }
}

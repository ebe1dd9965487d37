import { type DenseMatrix, EdjmError, type JacobianProduct } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import type { Trainable } from '../sources/tensorFunction.ts';
import { Tape } from '../tape/tape.ts';

/**
 * Gradients of Σ_k Σ_i c_kiᵀ J(x_i) t_ki, in the order of the parameters: tangents are pushed through the network, all sums side by side,
 * and one reverse pass goes back from what they become.
 *
 * @throws EdjmError `UNSUPPORTED` for a model that says nothing of its layers.
 */
export function productGradients(
  tf: Tf,
  { push, parameters }: Trainable,
  {
    batch,
    products,
    inputShape,
  }: {
    readonly batch: DenseMatrix;
    readonly products: readonly JacobianProduct[];
    readonly inputShape: readonly number[];
  },
): readonly Tensor[] {
  if (push === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      'expected a network as data for gradients of Jacobians, got a layers model. Build the network of the layers of @edjm/network.',
    );
  }
  const variables = [...parameters.values()].map(({ variable }) => variable);
  if (products.length === 0) return variables.map((variable) => tf.zerosLike(variable));
  const x = tf.tensor(new Float32Array(batch.data), [batch.rows, ...inputShape]);
  const tangents = stacked(
    tf,
    products.map((product) => product.tangents),
  );
  const cotangents = stacked(
    tf,
    products.map((product) => product.cotangents),
  );
  const moving = { x, tangents: tangents.reshape([-1, ...inputShape]) };
  const tape = new Tape(tf, () => push(moving));
  try {
    return tape.way(variables, tape.y).back(cotangents);
  } finally {
    tape.dispose();
  }
}

/** Matrices below each other. */
function stacked(tf: Tf, matrices: readonly DenseMatrix[]): Tensor {
  const columns = matrices[0]?.columns ?? 0;
  const values = new Float32Array(matrices.reduce((sum, { data }) => sum + data.length, 0));
  let end = 0;
  for (const { data } of matrices) {
    values.set(data, end);
    end += data.length;
  }
  return tf.tensor(values, [values.length / columns, columns]);
}

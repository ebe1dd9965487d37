import { type DenseMatrix, multiply } from '@edjm/linalg';
import { jacobianRows } from './derivedJacobian.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { allOutputs } from './outputs.ts';

/**
 * Jacobian-vector products: row i of the result is J(xᵢ) tᵢ, by the network's own `jvp` if it has one, and otherwise
 * from the rows of J(xᵢ), one reverse pass for each output.
 *
 * Two reverse passes would suffice for any number of outputs, because J t is the derivative of Jᵀ c with respect to c,
 * times t. But that requires differentiating the reverse pass of the network, and a network with `vjp` alone does not
 * expose it.
 *
 * @param batch - n × sampleSize samples.
 * @param tangents - n × d_in, one tangent tᵢ a sample.
 * @returns n × d_out, which the network may overwrite in its next call.
 * @throws EdjmError `SHAPE_MISMATCH` for tangents of another shape.
 *
 * @example
 * ```ts
 * import { derivedJvp, type DifferentiableNetwork } from '@edjm/core';
 *
 * export async function slopes(network: DifferentiableNetwork, x: Float64Array, t: Float64Array): Promise<ArrayLike<number>> {
 *   const row = (data: Float64Array) => ({ rows: 1, columns: data.length, data });
 *   return (await derivedJvp(network, row(x), row(t))).data;
 * }
 * ```
 */
export async function derivedJvp(
  network: DifferentiableNetwork,
  batch: DenseMatrix,
  tangents: DenseMatrix,
): Promise<DenseMatrix> {
  const { name, dIn, dOut } = network;
  if (tangents.rows !== batch.rows || tangents.columns !== dIn) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${name}: expected tangents of ${batch.rows} × ${dIn}, got ${tangents.rows} × ${tangents.columns}. Give one for each sample.`,
    );
  }
  if (network.jvp) return network.jvp(batch, tangents);
  const blocks = await jacobianRows(network, batch, allOutputs(network));
  const data = new Float64Array(batch.rows * dOut);
  for (const [output, { data: rows }] of blocks.entries()) {
    for (let i = 0; i < batch.rows; i++) {
      const row = { rows: 1, columns: dIn, data: rows.subarray(i * dIn, (i + 1) * dIn) };
      const tangent = {
        rows: 1,
        columns: dIn,
        data: tangents.data.subarray(i * dIn, (i + 1) * dIn),
      };
      data[i * dOut + output] = multiply(row, tangent, { transposeB: true }).data[0] as number;
    }
  }
  return { rows: batch.rows, columns: dOut, data };
}

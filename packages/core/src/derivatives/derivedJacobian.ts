import type { DenseMatrix } from '@edjm/linalg';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { checkOutputs } from './outputs.ts';

/**
 * Rows of the EDJM of the given outputs on a batch, through the network's own `jacobian` if it has one, and
 * otherwise by one `vjp` an output, with the unit vector e_k as the cotangent of every sample.
 *
 * @param batch - n × sampleSize samples.
 * @param outputs - indices of outputs, each once.
 * @returns for each output an n × d_in matrix, which the network may overwrite in its next call.
 * @throws EdjmError `INVALID_ARGUMENT` for outputs that do not exist.
 *
 * @example
 * ```ts
 * import { jacobianRows, type DifferentiableNetwork } from '@edjm/core';
 *
 * export async function gradientAt(network: DifferentiableNetwork, x: Float64Array): Promise<ArrayLike<number>> {
 *   const [rows] = await jacobianRows(network, { rows: 1, columns: x.length, data: x }, [0]);
 *   return rows?.data ?? [];
 * }
 * ```
 */
export async function jacobianRows(
  network: DifferentiableNetwork,
  batch: DenseMatrix,
  outputs: readonly number[],
): Promise<readonly DenseMatrix[]> {
  checkOutputs(network, outputs);
  if (network.jacobian) return network.jacobian(batch, outputs);
  const blocks: DenseMatrix[] = [];
  for (const output of outputs) {
    const data = new Float64Array(batch.rows * network.dOut);
    for (let row = 0; row < batch.rows; row++) data[row * network.dOut + output] = 1;
    const rows = await network.vjp(batch, { rows: batch.rows, columns: network.dOut, data });
    // The network may overwrite its result in the next call.
    blocks.push({ ...rows, data: rows.data.slice() });
  }
  return blocks;
}

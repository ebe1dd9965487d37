import { type Float64Matrix, zeros } from '@edjm/linalg';
import type { Dataset } from '../contracts/dataset.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { rowBatches, type RowBatchOptions } from './rowBatches.ts';

/** Options of {@link edjmMatrix}. */
export interface EdjmMatrixOptions extends RowBatchOptions {
  /** Index of the output. */
  readonly output: number;
}

/**
 * The EDJM of one output itself, n × d_in in float64. An analysis never holds it; take this for what has no stream, if the memory has room.
 *
 * @throws EdjmError as `analyze`; `MEMORY_LIMIT` if the matrix does not fit.
 *
 * @example
 * ```ts
 * import { type Dataset, type DifferentiableNetwork, edjmMatrix } from '@edjm/core';
 *
 * export async function firstRow(network: DifferentiableNetwork, data: Dataset): Promise<Float64Array> {
 *   const { columns, data: rows } = await edjmMatrix(network, data, { output: 0 });
 *   return rows.slice(0, columns);
 * }
 * ```
 */
export async function edjmMatrix(
  network: DifferentiableNetwork,
  data: Dataset,
  options: EdjmMatrixOptions,
): Promise<Float64Matrix> {
  const { output } = options;
  const held = Float64Array.BYTES_PER_ELEMENT * data.n * network.dIn;
  const batches = rowBatches({ sources: [{ network, outputs: [output] }], data, held }, options);
  const matrix = zeros(data.n, network.dIn);
  let first = 0;
  for await (const [[block] = []] of batches) {
    if (block === undefined) continue;
    matrix.data.set(block.data, first * network.dIn);
    first += block.rows;
  }
  return matrix;
}

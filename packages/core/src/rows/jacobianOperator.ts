import {
  type DenseMatrix,
  type Float64Matrix,
  type LinearOperator,
  multiply,
  scaledRows,
  zeros,
} from '@edjm/linalg';
import { nextTask } from '../run/cancellation.ts';
import { arrangedDataset } from './arrangedDataset.ts';
import { checkedBatches } from './checkedBatches.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { columnFactors } from '../derivatives/inputScale.ts';
import { derivedJvp } from '../derivatives/derivedJvp.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { checkOutputs } from '../derivatives/outputs.ts';
import type { RowBatchOptions } from './rowBatches.ts';
import { rowPasses } from './rowPasses.ts';

/** How {@link jacobianOperator} goes through the data. */
export interface JacobianOperatorOptions extends Omit<RowBatchOptions, 'maxMemory'> {
  /** Index of the output. */
  readonly output: number;
  /** Bytes of rows that are kept from one pass over the data to the next instead of computed anew. Defaults to 0. */
  readonly keepRows?: number | undefined;
  /** Called in each product, after each batch, with its number of samples. */
  readonly onRows?: ((count: number) => void) | undefined;
}

/** For up to this many columns, one forward-mode pass a column costs no more than computing rows and multiplying them. */
const FEW_COLUMNS = 2;

/**
 * The EDJM J of one output, n × d_in, as an operator: J Z and Jᵀ X by one pass over the data each, in which the rows of a
 * batch are computed, multiplied by all columns at once in float64, and dropped.
 *
 * For p columns that is one reverse pass a sample and 2 d_in p operations, whereas `jvp` would take p passes. Besides, both
 * products then use the same rows, however the engine rounds them. If J Z and Jᵀ X round differently, no error bound holds
 * below that difference. So `jvp` is used for one or two columns alone, and from networks in float64 alone. `vjp` with
 * the cotangents xᵢ e_k would be the reverse pass that computes the rows.
 *
 * @param dataset - read once for each product.
 * @returns an operator whose products reject with EdjmError `INVALID_DATA`, `SHAPE_MISMATCH` or `ABORTED`, with a RangeError
 * for factors of another shape, and with what the engine throws.
 * @throws EdjmError `INVALID_ARGUMENT` for an output that does not exist and for wrong factors, `SHAPE_MISMATCH` or
 * `INVALID_DATA` for data of another width or without samples.
 *
 * @example
 * ```ts
 * import { jacobianOperator, type Dataset, type DifferentiableNetwork } from '@edjm/core';
 * import { largestSingularValues } from '@edjm/linalg';
 *
 * export async function spectralNorm(network: DifferentiableNetwork, data: Dataset): Promise<number | undefined> {
 *   const { singularValues } = await largestSingularValues(jacobianOperator(network, data, { output: 0 }), { count: 1 });
 *   return singularValues[0];
 * }
 * ```
 */
export function jacobianOperator(
  network: DifferentiableNetwork,
  dataset: Dataset,
  options: JacobianOperatorOptions,
): LinearOperator {
  const { output, batchSize = network.preferredBatchSize, keepRows = 0, signal } = options;
  const { onRows = () => undefined } = options;
  checkOutputs(network, [output]);
  const data = arrangedDataset(network, dataset);
  const factors = columnFactors(network, options.inputScale);
  const pass = rowPasses(network, data, { output, batchSize, keepRows, signal, onRows });

  const forwards = network.jvp !== undefined && network.precision === 'float64' && keepRows === 0;

  async function tangentProducts(tangents: DenseMatrix, result: Float64Matrix): Promise<void> {
    for await (const { samples, first } of checkedBatches(data, { network, batchSize, signal })) {
      for (let column = 0; column < tangents.columns; column++) {
        const { data: outputs, columns } = await derivedJvp(
          network,
          samples,
          repeated(tangents, column, samples.rows),
        );
        for (let row = 0; row < samples.rows; row++) {
          result.data[(first + row) * result.columns + column] = outputs[row * columns + output] as number;
        }
      }
      onRows(samples.rows);
      await nextTask();
    }
  }

  return {
    rows: data.n,
    columns: network.dIn,
    async multiply(z) {
      checkHeight(z, network.dIn);
      const tangents = factors ? scaledRows(z, factors) : z;
      const result = zeros(data.n, z.columns);
      if (forwards && z.columns <= FEW_COLUMNS) {
        await tangentProducts(tangents, result);
        return result;
      }
      for await (const { first, block } of pass()) {
        result.data.set(multiply(block, tangents).data, first * z.columns);
      }
      return result;
    },
    async multiplyTransposed(x) {
      checkHeight(x, data.n);
      const { columns } = x;
      const result = zeros(network.dIn, columns);
      for await (const { first, block } of pass()) {
        const part = x.data.subarray(first * columns, (first + block.rows) * columns);
        multiply(block, { rows: block.rows, columns, data: part }, { transposeA: true, addTo: result });
      }
      return factors ? scaledRows(result, factors) : result;
    },
  };
}

function checkHeight({ rows }: DenseMatrix, expected: number): void {
  if (rows !== expected) {
    throw new RangeError(`expected a factor of ${expected} rows, got ${rows}. Give a matrix of that shape.`);
  }
}

/** One column as the tangent of every sample. */
function repeated({ rows: length, columns, data }: DenseMatrix, column: number, count: number): DenseMatrix {
  const result = zeros(count, length);
  for (let k = 0; k < length; k++) result.data[k] = data[k * columns + column] as number;
  for (let row = 1; row < count; row++) result.data.copyWithin(row * length, 0, length);
  return result;
}

import { type DenseMatrix, gramAccumulator } from '@edjm/linalg';
import type { Dataset } from '../contracts/dataset.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { allOutputs } from '../derivatives/outputs.ts';
import { rowBatches, type RowBatchOptions } from '../rows/rowBatches.ts';

/** Options of {@link outputGram}. */
export interface OutputGramOptions extends RowBatchOptions {
  /** Indices of the outputs. Defaults to all. */
  readonly outputs?: readonly number[] | undefined;
}

/** Products of the gradients of a network's outputs with each other, summed over a data set. */
export interface OutputGram {
  /** Indices of the outputs, in the order of the rows and columns of the matrix. */
  readonly outputs: readonly number[];
  /** Number of samples. */
  readonly n: number;
  /** Σ_i J(x_i) J(x_i)ᵀ, d_out × d_out. */
  readonly gram: DenseMatrix;
  /** Square roots of its eigenvalues, descending: all d_out of them. */
  readonly singularValues: Float64Array;
  /** A bound of the absolute error of each, for the rows that the network gave. */
  readonly errorBounds: Float64Array;
}

/**
 * The Gram matrix of the outputs, Σ_i J(x_i) J(x_i)ᵀ with J(x) = ∂f(x)/∂x: entry (j, k) is Σ_i ⟨∇f_j(x_i), ∇f_k(x_i)⟩.
 *
 * Its diagonal holds the squared Frobenius norms of the EDJMs of the outputs; scaled to a diagonal of ones it holds the cosines
 * between them, as long vectors: 1 for outputs that react to every sample in the same way. Its eigenvalues are the squared
 * singular values of the d_out × (n d_in) matrix of all Jacobians side by side. Summed in float64, one batch at a time.
 *
 * For softmax outputs, apply {@link withOutputKind} first.
 *
 * @throws EdjmError `SHAPE_MISMATCH` if the data does not fit the network; `INVALID_ARGUMENT` for outputs that do not exist
 * and other options out of their range; `MEMORY_LIMIT`; `INVALID_DATA` if data or gradients are not finite, or
 * samples are not as many as the data set says; `ABORTED`.
 *
 * @example
 * ```ts
 * import { type Dataset, type DifferentiableNetwork, outputGram } from '@edjm/core';
 *
 * export async function cosine(network: DifferentiableNetwork, data: Dataset): Promise<number> {
 *   const { gram } = await outputGram(network, data, { outputs: [0, 1] });
 *   const [a = 0, b = 0, , c = 0] = gram.data;
 *   return b / Math.sqrt(a * c);
 * }
 * ```
 */
export async function outputGram(
  network: DifferentiableNetwork,
  data: Dataset,
  options: OutputGramOptions = {},
): Promise<OutputGram> {
  const { outputs = allOutputs(network) } = options;
  const count = outputs.length;
  // The sums, and the Jacobian of one sample.
  const held = Float64Array.BYTES_PER_ELEMENT * count * (4 * count + network.dIn);
  const batches = rowBatches({ sources: [{ network, outputs }], data, held }, options);
  const accumulator = gramAccumulator(count);
  for await (const [blocks = []] of batches) {
    for (let sample = 0; sample < (blocks[0]?.rows ?? 0); sample++) {
      accumulator.add(transposedJacobian(blocks, sample));
    }
  }
  const { singularValues, errorBounds } = await accumulator.finish();
  return { outputs: [...outputs], n: data.n, gram: accumulator.gram(), singularValues, errorBounds };
}

/** J(x)ᵀ of one sample, d_in × d_out: its rows are what the Gram matrix sums. */
function transposedJacobian(blocks: readonly DenseMatrix[], sample: number): DenseMatrix {
  const columns = blocks.length;
  const rows = blocks[0]?.columns ?? 0;
  const transposed = new Float64Array(rows * columns);
  for (const [output, { data }] of blocks.entries()) {
    const start = sample * rows;
    for (let input = 0; input < rows; input++) {
      transposed[input * columns + output] = data[start + input] as number;
    }
  }
  return { rows, columns, data: transposed };
}

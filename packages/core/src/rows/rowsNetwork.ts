import type { FloatArray } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { engineNetwork } from '../engine/engineNetwork.ts';
import type { Run } from '../engine/rawNetwork.ts';

/** What rows of an EDJM that come from elsewhere are rows of. */
export interface RowsNetworkOptions {
  /** For messages and reports. Defaults to `'rows'`. */
  readonly name?: string | undefined;
  /** Shape of one row, such as that of an image. */
  readonly rowShape: readonly number[];
  /** How many outputs each sample has a row of. Defaults to 1. */
  readonly outputs?: number | undefined;
  /** The numbers that the rows were computed in. Defaults to `'float64'`. */
  readonly precision?: 'float32' | 'float64' | undefined;
}

/** The batch size for rows that are there already. */
const BATCH = 256;

/**
 * Rows of EDJMs that PyTorch, JAX or a simulation has computed, as a network that {@link analyze} takes: its samples are the rows of all K outputs side
 * by side, K × d_in, and the EDJM of output k consists of the k-th of them. There is no function behind it, so that it has no outputs.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a number of outputs below 1.
 *
 * @example
 * ```ts
 * import { analyze, type Dataset, rowsNetwork } from '@edjm/core';
 *
 * // A data set of n samples of shape [10, 784]: a row of each of ten outputs.
 * export async function largest(rows: Dataset): Promise<number | undefined> {
 *   const { outputs } = await analyze(rowsNetwork({ rowShape: [784], outputs: 10 }), rows);
 *   return outputs[0]?.singularValues[0];
 * }
 * ```
 */
export function rowsNetwork(options: RowsNetworkOptions): DifferentiableNetwork {
  const { name = 'rows', rowShape, outputs = 1, precision = 'float64' } = options;
  if (!Number.isSafeInteger(outputs) || outputs < 1) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name}: expected rows of 1 or more outputs, got ${outputs}. Give a whole number.`,
    );
  }
  const dIn = rowShape.reduce((product, size) => product * size, 1);

  /** Row i of the result is Σ_k c_ik times the row of output k on sample i. */
  function combined({ samples, size }: Run, cotangents: FloatArray): FloatArray {
    const sums = precision === 'float64' ? new Float64Array(size * dIn) : new Float32Array(size * dIn);
    for (let row = 0; row < size; row++) {
      for (let k = 0; k < outputs; k++) {
        const factor = cotangents[row * outputs + k] as number;
        if (factor === 0) continue;
        const start = (row * outputs + k) * dIn;
        for (let j = 0; j < dIn; j++) {
          sums[row * dIn + j] = (sums[row * dIn + j] as number) + factor * (samples[start + j] as number);
        }
      }
    }
    return sums;
  }

  return engineNetwork({
    name,
    inputShape: outputs === 1 ? rowShape : [outputs, ...rowShape],
    dIn,
    dOut: outputs,
    outputKind: 'as-is',
    precision,
    preferredBatchSize: BATCH,
    forward: () =>
      Promise.reject(
        new EdjmError(
          'UNSUPPORTED',
          `${name}: expected a network, got rows of an EDJM, which have no outputs. Leave out what reads outputs.`,
        ),
      ),
    vjp: (run, cotangents) => Promise.resolve(combined(run, cotangents)),
    workspaceBytes: ({ size, outputs: asked }) => Float64Array.BYTES_PER_ELEMENT * size * asked * dIn,
    dispose: () => Promise.resolve(),
  });
}

import {
  multiply,
  tsqrAccumulator,
  type DenseMatrix,
  type LinearOperator,
  type SpectrumAccumulator,
} from '@edjm/linalg';
import type { Dataset } from '../contracts/dataset.ts';
import { columnFactors } from '../derivatives/inputScale.ts';
import { jacobianOperator, type JacobianOperatorOptions } from '../rows/jacobianOperator.ts';
import type { DifferentiableNetwork, OutputKind } from '../contracts/network.ts';
import { withOutputKind } from '../derivatives/outputKind.ts';

/** What the rows of an analysis come from, and how its EDJM follows from them. */
export interface Target extends AsyncDisposable {
  /** The network, or a part of it that an affine map leads to. */
  readonly network: DifferentiableNetwork;
  /** d_in: columns of the EDJM. */
  readonly dIn: number;
  /** What follows of the EDJM from what has seen all rows of `network`, which may be changed by it. */
  finished(accumulator: SpectrumAccumulator): SeenRows;
  /** Factors of the columns of `network`'s rows, which are then those of the EDJM; undefined where that changes nothing. */
  readonly scale: ArrayLike<number> | undefined;
  /** A matrix with the singular values of an output's EDJM, but for zeros, as an operator. */
  operator(
    data: Dataset,
    output: number,
    options: Omit<JacobianOperatorOptions, 'output' | 'inputScale'>,
  ): LinearOperator;
}

/** An EDJM of which all rows have been seen. */
export interface SeenRows {
  /** The accumulator of a matrix with its singular values, but for zeros. */
  readonly accumulator: SpectrumAccumulator;
  /** JᵀJ. */
  gram(): DenseMatrix;
}

/** How the network is to be looked at. */
export interface TargetOptions {
  readonly outputKind: OutputKind;
  /** See {@link AnalyzeOptions.inputScale}. */
  readonly inputScale: number | ArrayLike<number> | undefined;
  /** Samples: a map to more values than that is of no use. */
  readonly n: number;
}

/**
 * The network of an analysis: where all of its outputs depend on x through fewer values t = W x + b, the network as a
 * function of t. Its EDJM is then J = A W with A of the width of t, and where (W diag(s))ᵀ = Q L with QᵀQ = I the singular values of
 * J diag(s) are those of A Lᵀ, and zeros.
 *
 * @throws EdjmError `INVALID_ARGUMENT` where the network has not that kind of output, or the scale is wrong.
 */
export async function targetOf(network: DifferentiableNetwork, options: TargetOptions): Promise<Target> {
  const whole = withOutputKind(network, options.outputKind);
  const scale = columnFactors(whole, options.inputScale);
  const narrowed = await whole.narrowed?.(options.n);
  if (narrowed === undefined) return wholeTarget(whole, scale);
  return narrowTarget(narrowed.network, scaledColumns(narrowed.matrix, scale));
}

function wholeTarget(network: DifferentiableNetwork, scale: ArrayLike<number> | undefined): Target {
  return {
    network,
    dIn: network.dIn,
    scale,
    finished: (accumulator) => {
      if (scale) accumulator.scaleColumns(scale);
      return { accumulator, gram: () => accumulator.gram() };
    },
    operator: (data, output, options) =>
      jacobianOperator(network, data, { ...options, output, ...(scale && { inputScale: scale }) }),
    // The network is the caller's.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** @param matrix - W diag(s), h × d_in. */
function narrowTarget(network: DifferentiableNetwork, matrix: DenseMatrix): Target {
  // (W diag(s))ᵀ = Q L, so that J diag(s) = A Lᵀ Qᵀ.
  const factor = tsqrAccumulator(matrix.rows);
  factor.add(transposed(matrix));
  const factorTransposed = transposed(factor.triangle());
  return {
    network,
    dIn: matrix.columns,
    // It is part of the matrix.
    scale: undefined,
    finished: (accumulator) => ({
      accumulator: accumulator.times(factorTransposed),
      gram: () => multiply(multiply(matrix, accumulator.gram(), { transposeA: true }), matrix),
    }),
    operator: (data, output, options) => {
      const rows = jacobianOperator(network, data, { ...options, output });
      return {
        rows: rows.rows,
        columns: rows.columns,
        multiply: (z) => rows.multiply(multiply(factorTransposed, z)),
        multiplyTransposed: async (x) =>
          multiply(factorTransposed, await rows.multiplyTransposed(x), { transposeA: true }),
      };
    },
    [Symbol.asyncDispose]: () => network.dispose(),
  };
}

function scaledColumns(matrix: DenseMatrix, scale: ArrayLike<number> | undefined): DenseMatrix {
  if (scale === undefined) return matrix;
  const { columns, data } = matrix;
  return { ...matrix, data: Float64Array.from(data, (value, at) => value * (scale[at % columns] as number)) };
}

function transposed({ rows, columns, data }: DenseMatrix): DenseMatrix {
  const result = new Float64Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) result[j * rows + i] = data[at] as number;
  }
  return { rows: columns, columns: rows, data: result };
}

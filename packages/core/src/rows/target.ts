import {
  type DenseMatrix,
  multiply,
  scaledColumns,
  type SpectrumAccumulator,
  transposed,
  tsqrAccumulator,
  type TsqrAccumulator,
} from '@edjm/linalg';
import type { DifferentiableNetwork, OutputKind } from '../contracts/network.ts';
import type { Narrowing, Target } from '../contracts/target.ts';
import { columnFactors } from '../derivatives/inputScale.ts';
import { withOutputKind } from '../derivatives/outputKind.ts';

/** Options of the target. */
export interface TargetOptions {
  /** Defaults to the kind that the network was loaded with. */
  readonly outputKind?: OutputKind | undefined;
  /** Factors of the columns, one for all or one for each input. Defaults to 1. */
  readonly inputScale?: number | ArrayLike<number> | undefined;
  /** Number of samples. A map to more values than that saves nothing. */
  readonly n: number;
}

/**
 * The network of an analysis. If all of its outputs depend on x through fewer values t = W x + b, it is the network as a function
 * of t, and its EDJM is J = A W with A as wide as t.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if the network does not have that kind of output, or the scale is wrong.
 */
export async function targetOf(network: DifferentiableNetwork, options: TargetOptions): Promise<Target> {
  const whole = withOutputKind(network, options.outputKind ?? network.outputKind);
  const scale = columnFactors(whole, options.inputScale);
  const narrowed = await whole.narrowed?.(options.n);
  if (narrowed === undefined) {
    // The network is the caller's.
    const dispose = () => Promise.resolve();
    return { network: whole, dIn: whole.dIn, scale, narrowing: undefined, [Symbol.asyncDispose]: dispose };
  }
  const narrowing = narrowingBy(scale ? scaledColumns(narrowed.matrix, scale) : narrowed.matrix);
  return {
    network: narrowed.network,
    dIn: narrowed.matrix.columns,
    scale: undefined,
    narrowing,
    [Symbol.asyncDispose]: () => narrowed.network.dispose(),
  };
}

/** @param matrix - W diag(s), h × d_in. */
function narrowingBy(matrix: DenseMatrix): Narrowing {
  const triangle: TsqrAccumulator = tsqrAccumulator(matrix.rows);
  triangle.add(transposed(matrix));
  return { matrix, factor: transposed(triangle.triangle()) };
}

/** An EDJM of which all rows have been seen. */
export interface SeenRows {
  /** The accumulator of a matrix with its singular values, except for zeros. */
  readonly accumulator: SpectrumAccumulator;
  /** JᵀJ. */
  readonly gram: () => DenseMatrix;
}

/** The EDJM of a target, from an accumulator with all rows of its network. The accumulator may change. */
export function seenRows({ scale, narrowing }: Target, accumulator: SpectrumAccumulator): SeenRows {
  if (narrowing === undefined) {
    if (scale) accumulator.scaleColumns(scale);
    return { accumulator, gram: () => accumulator.gram() };
  }
  const { matrix, factor } = narrowing;
  return {
    accumulator: accumulator.times(factor),
    gram: () => multiply(multiply(matrix, accumulator.gram(), { transposeA: true }), matrix),
  };
}

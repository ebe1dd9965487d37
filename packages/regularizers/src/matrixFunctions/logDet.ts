import { EdjmError } from '@edjm/core';
import { choleskyInverse, type CholeskyInverse, type DenseMatrix, multiply } from '@edjm/linalg';
import { checkNotNegative, checkPositive } from '../checkOptions.ts';
import { addToDiagonal, type MatrixFunction, squaredNorm } from './matrixFunction.ts';

/** The number added to the squared singular values, and whether the scale of the matrix counts. */
export interface LogDetOptions {
  /** δ itself, above 0, in the units of squared singular values. At most one of `delta` and `relativeDelta`. */
  readonly delta?: number;
  /** δ as a part of the mean squared singular value ‖J‖²_F / min(n, d). Defaults to 1e-6. */
  readonly relativeDelta?: number;
  /** Whether min(n, d) log ‖J‖_F is subtracted, so that the value is the same for every multiple of J. */
  readonly scaleFree: boolean;
}

/**
 * Rows in float32 carry noise of 2⁻²⁴ σ₁ in place of zeros. With σ₁² some 20 times the mean square, as for EDJM rows of a mini-batch, δ is
 * then near (2⁻¹² σ₁)², at which that noise has at most the slope of the largest value.
 */
const DEFAULT_RELATIVE_DELTA = 1e-6;

/**
 * ½ log det(J Jᵀ + δ I) with J Jᵀ the smaller of the two Gram matrices, k × k; scale-free, less k log ‖J‖_F. No singular value is
 * computed: the gradient (J Jᵀ + δ I)⁻¹ J + c J comes from a Cholesky factorization, with a number c for the terms that
 * depend on ‖J‖_F:
 *
 *     c = ρ tr((J Jᵀ + δ I)⁻¹) / k for a relative δ = ρ ‖J‖²_F / k, less k / ‖J‖²_F if it is scale-free.
 *
 * @throws EdjmError `INVALID_DATA` for a zero matrix without a `delta`, and for numbers that are not finite.
 */
export function logDet(matrix: DenseMatrix, options: LogDetOptions): MatrixFunction {
  const { delta, relativeDelta = DEFAULT_RELATIVE_DELTA, scaleFree } = options;
  const wide = matrix.rows <= matrix.columns;
  const order = wide ? matrix.rows : matrix.columns;
  const square = squaredNorm(matrix);
  if (!(square > 0 && square < Infinity) && (delta === undefined || scaleFree || !Number.isFinite(square))) {
    throw new EdjmError(
      'INVALID_DATA',
      `expected a matrix that is finite and not zero, got one with the squared norm ${String(square)}. ` +
        'Look at the network, or give a delta and no scale-free form.',
    );
  }
  const gram = multiply(matrix, matrix, wide ? { transposeB: true } : { transposeA: true });
  addToDiagonal(gram, delta ?? (relativeDelta * square) / order);
  const { logDeterminant, inverse } = factorized(gram);
  return {
    value: logDeterminant / 2 - (scaleFree ? (order / 2) * Math.log(square) : 0),
    gradient: () => {
      const ofDelta = delta === undefined ? (relativeDelta * trace(inverse)) / order : 0;
      const ofScale = scaleFree ? order / square : 0;
      const factor = { ...inverse, data: inverse.data.slice() };
      addToDiagonal(factor, ofDelta - ofScale);
      return wide ? multiply(factor, matrix) : multiply(matrix, factor);
    },
  };
}

/** @throws EdjmError `INVALID_ARGUMENT` for floors out of their range, or two of them. */
export function checkLogDetOptions(
  regularizer: string,
  { delta, relativeDelta }: Pick<LogDetOptions, 'delta' | 'relativeDelta'>,
): void {
  if (delta !== undefined && relativeDelta !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${regularizer}: expected delta or relativeDelta, got both. Give one of them.`,
    );
  }
  if (delta !== undefined) checkPositive(regularizer, 'delta', delta);
  if (relativeDelta !== undefined) checkNotNegative(regularizer, 'relativeDelta', relativeDelta);
}

/** The same options for the history of a run, with the default if none was given. */
export function recordedLogDetOptions({
  delta,
  relativeDelta = DEFAULT_RELATIVE_DELTA,
  scaleFree,
}: LogDetOptions): Record<string, number | boolean> {
  return { ...(delta === undefined ? { relativeDelta } : { delta }), scaleFree };
}

function factorized(gram: DenseMatrix): CholeskyInverse {
  try {
    return choleskyInverse(gram);
  } catch (cause) {
    throw new EdjmError(
      'INVALID_DATA',
      'expected a matrix of full rank to within the floor, got one whose Gram matrix is singular. Give a larger delta.',
      { cause },
    );
  }
}

function trace({ rows, data }: DenseMatrix): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * (rows + 1)] as number;
  return sum;
}

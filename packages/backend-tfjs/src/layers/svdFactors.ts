import { EdjmError } from '@edjm/core';
import {
  type DenseMatrix,
  type Float64Matrix,
  multiply,
  orthonormalRows,
  rowsBetween,
  scaledRows,
  singularVectors,
} from '@edjm/linalg';
import type { RandomStream } from '@edjm/network';
import { marchenkoPasturSingularValues } from './marchenkoPastur.ts';
import { randomRotation } from './randomRotation.ts';

/** A kernel K = U diag(s) Vᵀ, d_in × units, by its factors of r terms; the columns of U and V are orthonormal. */
export interface SvdFactors {
  /** Uᵀ: r × d_in. */
  readonly left: Float64Matrix;
  /** r values, descending. */
  readonly singularValues: Float64Array;
  /** Vᵀ: r × units. */
  readonly right: Float64Matrix;
}

/** The number of terms, and the source of vectors that the kernel leaves open. */
export interface FactorOptions {
  readonly rank: number;
  readonly random: RandomStream;
}

/**
 * The `rank` largest terms of a kernel's singular value decomposition. Terms that are zero get any vectors that are orthonormal to the
 * others, so that training can raise them.
 *
 * @param kernel - d_in × units.
 */
export function factorsOfKernel(kernel: DenseMatrix, { rank, random }: FactorOptions): SvdFactors {
  const { singularValues, left, right, rank: found } = singularVectors(kernel);
  const kept = Math.min(found, rank);
  return {
    left: orthonormalRows(rowsBetween(left, 0, kept), rank, random.normal),
    singularValues: singularValues.slice(0, rank).fill(0, kept),
    right: orthonormalRows(rowsBetween(right, 0, kept), rank, random.normal),
  };
}

/**
 * The limit of {@link factorsOfKernel} for large kernels of independent entries of mean 0, without the decomposition:
 * vectors of random directions, and the limits of the singular values of random matrices.
 */
export function randomFactors(
  kernel: { readonly shape: readonly [dIn: number, units: number]; readonly variance: number },
  { rank, random }: FactorOptions,
): SvdFactors {
  const [dIn, units] = kernel.shape;
  return {
    left: randomRotation(rank, dIn, random.uniform),
    singularValues: marchenkoPasturSingularValues(kernel.shape, kernel.variance).slice(0, rank),
    right: randomRotation(rank, units, random.uniform),
  };
}

/** K = U diag(s) Vᵀ, d_in × units, in float64, of any factors. */
export function kernelOfFactors({ left, singularValues, right }: SvdFactors): Float64Matrix {
  return multiply(scaledRows(left, singularValues), right, { transposeA: true });
}

/**
 * The rank that a layer shall have, or the largest that it can.
 *
 * @param name - For the message.
 * @throws EdjmError `INVALID_ARGUMENT` if a kernel of that shape has no such rank.
 */
export function checkedRank(
  rank: number | undefined,
  shape: readonly [dIn: number, units: number],
  name: string,
): number {
  const most = Math.min(...shape);
  if (rank === undefined) return most;
  if (Number.isInteger(rank) && rank >= 1 && rank <= most) return rank;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${name}: expected a rank from 1 to ${most}, min(d_in, units), got ${rank}. Give one of these.`,
  );
}

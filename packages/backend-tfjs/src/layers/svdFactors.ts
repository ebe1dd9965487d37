import { EdjmError } from '@edjm/core';
import { type DenseMatrix, multiply, orthonormalRows, singularVectors } from '@edjm/linalg';
import type { RandomStream } from '@edjm/network';
import { marchenkoPasturSingularValues } from './marchenkoPastur.ts';
import { randomRotation, type Rows } from './randomRotation.ts';

/** A kernel K = U diag(s) Vᵀ, d_in × units, by its factors of r terms; the columns of U and V are orthonormal. */
export interface SvdFactors {
  /** Uᵀ: r × d_in. */
  readonly left: Rows;
  /** r values, descending. */
  readonly singularValues: Float64Array;
  /** Vᵀ: r × units. */
  readonly right: Rows;
}

/** How many terms, and where vectors that the kernel leaves open come from. */
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
    left: orthonormalRows(firstRows(left, kept), rank, random.normal),
    singularValues: singularValues.slice(0, rank).fill(0, kept),
    right: orthonormalRows(firstRows(right, kept), rank, random.normal),
  };
}

/**
 * What {@link factorsOfKernel} of a kernel of independent entries of mean 0 comes to where it is large, without the decomposition: vectors
 * of any directions, and the singular values that random matrices have in the limit.
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
export function kernelOfFactors({ left, singularValues, right }: SvdFactors): Rows {
  const { columns } = left;
  const scaled = left.data.map((value, at) => value * (singularValues[Math.floor(at / columns)] as number));
  return multiply({ ...left, data: scaled }, right, { transposeA: true });
}

/**
 * The rank that a layer shall have, or the largest that it can.
 *
 * @param name - For the message.
 * @throws EdjmError `INVALID_ARGUMENT` where a kernel of that shape has no such rank.
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

/** The same numbers with rows and columns changed for each other. */
export function transposed({ rows, columns, data }: DenseMatrix): Rows {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j] as number;
  }
  return { rows: columns, columns: rows, data: result };
}

function firstRows({ columns, data }: Rows, rows: number): Rows {
  return { rows, columns, data: data.subarray(0, rows * columns) };
}

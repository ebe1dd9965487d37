import { type DenseMatrix, multiply, orthonormalRows, singularVectors } from '@edjm/linalg';
import { seededRandom } from '@edjm/network';

type Rows = DenseMatrix & { readonly data: Float64Array };

/** W = U diag(s) V by r of its terms. */
export interface SvdTerms {
  /** Uᵀ: r × n, orthonormal. */
  readonly left: Rows;
  /** r values, descending, none below 0. */
  readonly values: Float64Array;
  /** V: r × d, orthonormal. */
  readonly right: Rows;
}

/**
 * The `rank` largest terms of a singular value decomposition. Terms that are zero get vectors orthonormal to the others, the same ones each time, so
 * that training can raise them.
 *
 * @param rank - r, from 1 to min(n, d).
 */
export function svdTerms(matrix: DenseMatrix, rank: number): SvdTerms {
  const { singularValues, rank: found, left, right } = singularVectors(matrix);
  const kept = Math.min(rank, found);
  return {
    left: completed(left, kept, rank),
    values: singularValues.slice(0, rank).fill(0, kept),
    right: completed(right, kept, rank),
  };
}

/** U diag(s) V, n × d, of any factors: U by its transpose, as in {@link SvdTerms}. */
export function productOfTerms(left: DenseMatrix, values: ArrayLike<number>, right: DenseMatrix): Rows {
  return multiply(scaledRows(left, values), right, { transposeA: true });
}

/** diag(s) A. */
function scaledRows({ rows, columns, data }: DenseMatrix, factors: ArrayLike<number>): Rows {
  const scaled = new Float64Array(data);
  for (let at = 0; at < scaled.length; at++) {
    scaled[at] = (scaled[at] as number) * (factors[Math.floor(at / columns)] as number);
  }
  return { rows, columns, data: scaled };
}

/** Aᵀ. */
export function transposed({ rows, columns, data }: DenseMatrix): Rows {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j] as number;
  }
  return { rows: columns, columns: rows, data: result };
}

function completed({ columns, data }: Rows, kept: number, rank: number): Rows {
  const first = { rows: kept, columns, data: data.subarray(0, kept * columns) };
  return orthonormalRows(first, rank, seededRandom(0).normal);
}

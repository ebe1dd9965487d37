import { transposed } from '../dense/transposed.ts';
import { checkCount, checkFinite, checkOverflow, checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { orthogonalizeRows } from './orthogonalizeRows.ts';
import { symmetricEigen } from './symmetricEigen.ts';

/** A singular value decomposition A = Σ σᵢ uᵢ vᵢᵀ without the terms that are zero to within rounding. */
export interface SingularVectors {
  /** All min(n, d) of them, descending. */
  readonly singularValues: Float64Array;
  /** How many are above max(n, d) 2⁻⁵² of the largest: the others are rounding noise in place of zeros. */
  readonly rank: number;
  /** rank × n: row i is uᵢ. */
  readonly left: Float64Matrix;
  /** rank × d: row i is vᵢ. */
  readonly right: Float64Matrix;
}

/** Singular values up to max(n, d) times this fraction of the largest are noise: the error of each is a part of that. */
const ROUNDING = 2 ** -52;

/** Up to this distance singular values cannot be told from equal ones, or from zeros. */
export function roundingOf(
  { rows, columns }: Pick<DenseMatrix, 'rows' | 'columns'>,
  largest: number,
): number {
  return ROUNDING * Math.max(rows, columns) * largest;
}

/**
 * Singular values with their left and right vectors, in float64, accurate at the small end too.
 *
 * The eigenvectors of the smaller Gram matrix, A Aᵀ or AᵀA, make rows that are nearly orthogonal; rotations of pairs of
 * rows (one-sided Jacobi) make them so to within rounding, which restores the accuracy that squaring has lost. Each
 * singular value is good to some 1e-15 of the largest, and left and right vectors are orthonormal to some 1e-14. Entries
 * of any size are scaled beforehand. It takes some 20 k² max(n, d) operations, k = min(n, d); if many values lie below
 * some 1e-8 of the largest without being zero, several times that.
 *
 * @param matrix - n × d, float32 or float64; not changed.
 * @throws RangeError if the matrix has no rows or no columns, holds NaN or an infinity, or a value is beyond float64.
 *
 * Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958; the start: Drmač and
 * Veselić, "New fast and accurate Jacobi SVD algorithm", 2008, on preconditioning that makes the sweeps few.
 *
 * @example
 * ```ts
 * import { singularVectors } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 3, data: Float64Array.of(0, 0, 0, 0, 4, 0) };
 * const { singularValues, rank, right } = singularVectors(matrix);
 * console.log(singularValues, rank, right.data); // [4, 0], 1 and ±[0, 1, 0]
 * ```
 */
export function singularVectors(matrix: DenseMatrix): SingularVectors {
  checkCount(matrix.rows, 'the number of rows', 1);
  checkCount(matrix.columns, 'the number of columns', 1);
  checkShape(matrix);
  checkFinite(matrix);
  if (matrix.rows <= matrix.columns) return decompose(matrix);
  const { singularValues, rank, left, right } = decompose(transposed(matrix));
  return { singularValues, rank, left: right, right: left };
}

/** The same for a matrix X that has no more rows than columns: a rotation Q makes its rows orthogonal, Q X = Σ Vᵀ. */
function decompose(matrix: DenseMatrix): SingularVectors {
  const { rows: k, columns: m } = matrix;
  const data = Float64Array.from(matrix.data);
  const scale = powerOfTwoAbove(data);
  multiplyBy(data, 1 / scale);
  const scaled = { rows: k, columns: m, data };
  const start = orthonormal(symmetricEigen(multiply(scaled, scaled, { transposeB: true })).vectors);
  const { lengths, rows, rotation } = orthogonalizeRows(multiply(start, scaled), start, ROUNDING);

  const order = Array.from(lengths.keys()).sort((i, j) => (lengths[j] as number) - (lengths[i] as number));
  const singularValues = Float64Array.from(order, (i) => (lengths[i] as number) * scale);
  checkOverflow(singularValues, 'singular values');
  const noise = roundingOf(matrix, lengths[order[0] as number] as number);
  const kept = order.filter((i) => (lengths[i] as number) > noise);
  const right = new Float64Array(kept.length * m);
  const left = new Float64Array(kept.length * k);
  for (const [at, i] of kept.entries()) {
    right.set(rows.data.subarray(i * m, (i + 1) * m), at * m);
    multiplyBy(right.subarray(at * m, (at + 1) * m), 1 / (lengths[i] as number));
    left.set(rotation.data.subarray(i * k, (i + 1) * k), at * k);
  }
  return {
    singularValues,
    rank: kept.length,
    left: { rows: kept.length, columns: k, data: left },
    right: { rows: kept.length, columns: m, data: right },
  };
}

/**
 * A step of Newton's iteration, (3 I − Q Qᵀ) Q / 2: rows that are orthonormal to some digits become so to twice as many.
 * Otherwise the singular vectors would be off by the missing digits times σ₁ over their value.
 */
function orthonormal(rows: Float64Matrix): Float64Matrix {
  const products = multiply(rows, rows, { transposeB: true }).data;
  const step = products.map((entry, at) => (at % (rows.rows + 1) === 0 ? 3 - entry : -entry) / 2);
  return multiply({ rows: rows.rows, columns: rows.rows, data: step }, rows);
}

/** A power of two near the largest entry, so that dividing by it rounds nothing and squares stay in range. */
function powerOfTwoAbove(data: Float64Array): number {
  let largest = 0;
  for (let at = 0; at < data.length; at++) largest = Math.max(largest, Math.abs(data[at] as number));
  return largest === 0 ? 1 : 2 ** Math.max(-1022, Math.min(1023, Math.floor(Math.log2(largest))));
}

function multiplyBy(data: Float64Array, factor: number): void {
  for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) * factor;
}

import { checkCount, checkFinite, checkSquare } from '../matrix/checkMatrix.ts';
import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { solveHere } from '../wasm/kernelProblem.ts';
import { addLowerTriangle, type PackedTriangle, zeroTriangle } from '../matrix/packedTriangle.ts';
import { SMALLEST, UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import { symmetricProblem } from '../wasm/symmetricProblem.ts';

/** The eigenvalues to compute. */
export interface EigenvalueOptions {
  /** How many of them, the largest ones (not the largest in size). Defaults to all. */
  readonly largest?: number;
}

/**
 * Eigenvalues of a real symmetric matrix, descending, without eigenvectors: all, or the largest alone.
 *
 * Reduction to a band by blocks of Householder reflections, 4/3 n³ operations nearly all in products of tiles, from there to
 * tridiagonal form, then implicit QL for all values, or bisection for the largest, after which a Sturm count makes sure
 * that none was missed. The largest values often follow from the first columns of the band, which are those of block
 * Lanczos; the reduction ends where Sturm counts prove it. All in float64, in WebAssembly.
 *
 * The error of each value is absolute, below {@link eigenvalueErrorBound}: small eigenvalues of a graded matrix have no relative
 * accuracy. Up to order 33 (where there is no band) those of D A D with A well conditioned and D diagonal mostly keep it, if all
 * are asked for. Entries of any size are scaled beforehand.
 *
 * @param matrix - n × n and symmetric. Only its lower triangle is read; it is not changed.
 * @returns n values, or the `largest`; none for n = 0.
 * @throws RangeError if the matrix is not square or holds NaN or an infinity, `largest` is not a count, or an eigenvalue is
 * beyond float64.
 *
 * Source: Bischof, Lang, Sun, "A framework for symmetric band reduction", 2000; Dubrulle, Martin, Wilkinson, "The implicit
 * QL algorithm", 1968; Barth, Martin, Wilkinson, "Calculation of the eigenvalues of a symmetric tridiagonal matrix by the
 * method of bisection", 1967; Golub and Underwood, "The block Lanczos method for computing eigenvalues", 1977; Haynsworth,
 * "Determination of the inertia of a partitioned Hermitian matrix", 1968.
 *
 * @example
 * ```ts
 * import { symmetricEigenvalues } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 2, data: Float64Array.of(2, 1, 1, 2) };
 * console.log(symmetricEigenvalues(matrix)); // Float64Array [ 3, 1 ]
 * console.log(symmetricEigenvalues(matrix, { largest: 1 })); // Float64Array [ 3 ]
 * ```
 */
export function symmetricEigenvalues(
  matrix: DenseMatrix,
  { largest = matrix.rows }: EigenvalueOptions = {},
): Float64Array {
  checkSquare(matrix);
  checkFinite(matrix);
  const triangle = zeroTriangle(matrix.rows);
  addLowerTriangle(triangle, matrix, 0);
  return triangleEigenvalues(triangle, largest);
}

/** The same for a packed symmetric matrix, which is not changed. */
export function triangleEigenvalues(
  triangle: PackedTriangle,
  largest: number = triangle.order,
): Float64Array {
  return solveHere(symmetricProblem(triangle, countOf(triangle, largest)));
}

/** How many values to find, given how many were asked for. */
export function countOf({ order }: PackedTriangle, largest: number = order): number {
  checkCount(largest, 'the number of largest values', 0);
  return Math.min(largest, order);
}

/**
 * How far an eigenvalue by {@link symmetricEigenvalues} may be from the true one: 8 n u ‖A‖ with u = 2⁻⁵³, absolute and the
 * same for each.
 *
 * Each row is touched by some n reflections, each of which rounds by a few u ‖A‖; they do not all round the same way. There
 * is no proof that the factor 8 suffices: on matrices with known eigenvalues, chosen to be hard, up to order 2048, errors
 * stayed below a tenth of the bound.
 *
 * @param order - n.
 * @param norm - ‖A‖, the largest absolute eigenvalue, or a bound of it.
 */
export function eigenvalueErrorBound(order: number, norm: number): number {
  return 8 * order * UNIT_ROUNDOFF * norm + SMALLEST;
}

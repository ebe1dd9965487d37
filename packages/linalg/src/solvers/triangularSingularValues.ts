import { solveHere } from '../wasm/kernelProblem.ts';
import type { PackedTriangle } from '../matrix/packedTriangle.ts';
import { UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import { countOf } from './symmetricEigenvalues.ts';
import { triangularProblem } from '../wasm/triangularProblem.ts';

/**
 * Singular values of a lower triangular matrix, descending, never through squares: 8/3 n³ operations, nearly all of them
 * in products of blocks.
 *
 * Reflections from both sides reduce it to a band, whose bulges are chased until it is bidiagonal; implicit QR gives the
 * values of that. Entries of any size are scaled beforehand.
 *
 * @param triangle - packed; its rows up to the diagonal are those of the matrix. It is not changed.
 * @param largest - how many values to return. Defaults to all.
 * @throws RangeError if the triangle holds NaN or an infinity, or `largest` is not a count.
 *
 * Source: Großer and Lang, "Efficient parallel reduction to bidiagonal form", 1999; Demmel and Kahan, "Accurate singular
 * values of bidiagonal matrices", 1990.
 */
export function triangularSingularValues(
  triangle: PackedTriangle,
  largest: number = triangle.order,
): Float64Array {
  return solveHere(triangularProblem(triangle, countOf(triangle, largest)));
}

/**
 * How far a value by {@link triangularSingularValues} may be from the true one, absolute and the same for each: the smaller
 * of 8 n u ‖L‖₂ and 16 √n u ‖L‖_F with u = 2⁻⁵³.
 *
 * The first is the growth that the rounding errors of all reflections that touch a row or column, some four n in three
 * stages, would have if they added up; the second takes them as independent, so that they grow as a root.
 *
 * Source: Higham and Mary, "A new approach to probabilistic rounding error analysis", 2019.
 */
export function singularValueErrorBound(
  order: number,
  norms: { readonly spectral: number; readonly frobenius: number },
): number {
  return UNIT_ROUNDOFF * Math.min(8 * order * norms.spectral, 16 * Math.sqrt(order) * norms.frobenius);
}

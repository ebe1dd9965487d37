import { checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { singularValuesOfRows } from '../decompositions/singularValuesOfRows.ts';
import { singularVectors } from '../decompositions/singularVectors.ts';
import { multiply } from '../matrix/matrixProducts.ts';

/**
 * The principal angles between two subspaces of Rᵈ: how far apart they lie, direction by direction.
 *
 * The first angle is the smallest between a vector of one and a vector of the other; each further one the smallest
 * between vectors orthogonal to those before. All are 0 if one subspace contains the other, all π/2 if they are
 * orthogonal. Cosines are the singular values of Q_A Q_Bᵀ for orthonormal bases in rows, sines those of Q_B − Q_B Q_AᵀQ_A;
 * each angle comes from the more accurate of the two, so that its error is about 1e-15 times the condition number of the
 * given vectors, at small angles too.
 *
 * @param spanningA - vectors that span the first subspace, one a row, k_A × d; they need not be orthogonal, of length 1, or
 * independent. Their lengths do not matter. Vectors count as dependent to within max(k, d) 2⁻⁵².
 * @param spanningB - the same of the second, k_B × d.
 * @returns min(dim A, dim B) angles in radians, 0 … π/2, ascending; none if a subspace is {0}.
 * @throws RangeError if the widths differ, there are no vectors, or a number is not finite.
 *
 * Source: Björck and Golub, "Numerical methods for computing angles between linear subspaces", 1973; which of cosine and sine:
 * Knyazev and Argentati, "Principal angles between subspaces in an A-based scalar product", 2002.
 *
 * @example
 * ```ts
 * import { principalAngles } from '@edjm/linalg';
 *
 * const plane = { rows: 2, columns: 3, data: Float64Array.of(1, 0, 0, 0, 1, 0) };
 * const line = { rows: 1, columns: 3, data: Float64Array.of(0, 1, 1) };
 * console.log(principalAngles(plane, line)); // [π / 4]
 * ```
 */
export function principalAngles(spanningA: DenseMatrix, spanningB: DenseMatrix): Float64Array {
  checkShape(spanningB, spanningA.columns);
  const a = orthonormalBasis(spanningA);
  const b = orthonormalBasis(spanningB);
  const [larger, smaller] = a.rows >= b.rows ? [a, b] : [b, a];
  if (smaller.rows === 0) return new Float64Array(0);

  const products = multiply(smaller, larger, { transposeB: true });
  const cosines = singularValuesOfRows(products);
  const outside = multiply(products, larger).data.map((entry, at) => (smaller.data[at] as number) - entry);
  const sines = singularValuesOfRows({ ...smaller, data: outside }).reverse();
  return cosines.map((cosine, i) =>
    cosine ** 2 < 1 / 2 ? Math.acos(cosine) : Math.asin(Math.min(1, sines[i] as number)),
  );
}

/** Orthonormal rows with the same span as the given rows. */
function orthonormalBasis(spanning: DenseMatrix): Float64Matrix {
  return singularVectors(withUnitRows(spanning)).right;
}

/** The rows at length 1, so that a short one counts as much as a long one; zero rows stay. */
function withUnitRows({ rows, columns, data }: DenseMatrix): DenseMatrix {
  const result = Float64Array.from(data);
  for (let i = 0; i < rows; i++) {
    const row = result.subarray(i * columns, (i + 1) * columns);
    // By the largest entry first, so that squares stay in range.
    divide(
      row,
      row.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0),
    );
    divide(row, Math.sqrt(row.reduce((sum, entry) => sum + entry * entry, 0)));
  }
  return { rows, columns, data: result };
}

function divide(row: Float64Array, divisor: number): void {
  if (divisor > 0) row.forEach((entry, j) => (row[j] = entry / divisor));
}

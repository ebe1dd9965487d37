import { checkFinite, checkSquare } from './checkMatrix.ts';
import type { DenseMatrix } from './denseMatrix.ts';
import { addLowerTriangle, type PackedTriangle, zeroTriangle } from './packedTriangle.ts';
import { tridiagonal } from './tridiagonal.ts';
import { tridiagonalEigenvalues } from './tridiagonalEigenvalues.ts';

/**
 * All eigenvalues of a real symmetric matrix, descending, without eigenvectors.
 *
 * Householder reduction to tridiagonal form, then implicit QL, all in float64: 4/3 n³ operations. The error of each
 * value is a few times 2⁻⁵² n½ of the largest absolute value; eigenvalues of a matrix D A D with A well conditioned
 * and D diagonal keep their relative accuracy however far D is graded. Entries of any size are scaled beforehand.
 *
 * @param matrix - n × n and symmetric. Only its lower triangle is read; it is not changed.
 * @returns n values; none for n = 0.
 * @throws RangeError where the matrix is not square or holds NaN or an infinity.
 *
 * Source: Wilkinson and Reinsch, "Handbook for Automatic Computation II: Linear Algebra", 1971, II/2 and II/4.
 *
 * @example
 * ```ts
 * import { symmetricEigenvalues } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 2, data: Float64Array.of(2, 1, 1, 2) };
 * console.log(symmetricEigenvalues(matrix)); // Float64Array [ 3, 1 ]
 * ```
 */
export function symmetricEigenvalues(matrix: DenseMatrix): Float64Array {
  checkSquare(matrix);
  checkFinite(matrix);
  const triangle = zeroTriangle(matrix.rows);
  addLowerTriangle(triangle, matrix, 0);
  return triangleEigenvalues(triangle);
}

/** All eigenvalues of a packed symmetric matrix, descending. The matrix is not changed. */
export function triangleEigenvalues(triangle: PackedTriangle): Float64Array {
  const scale = powerOfTwoNear(largestEntry(triangle));
  const eigenvalues = tridiagonalEigenvalues(tridiagonal(graded(triangle, 1 / scale)));
  for (let i = 0; i < eigenvalues.length; i++) eigenvalues[i] = (eigenvalues[i] as number) * scale;
  return eigenvalues.sort().reverse();
}

/** The matrix times a factor, with rows and columns in the order in which its diagonal grows in size. */
function graded({ entries, order }: PackedTriangle, factor: number): PackedTriangle {
  const size = Float64Array.from({ length: order }, (_, i) => Math.abs(entries[(i * (i + 3)) / 2] as number));
  const from = Uint32Array.from(size.keys()).sort((i, j) => (size[i] as number) - (size[j] as number));
  const result = zeroTriangle(order);
  for (let i = 0, at = 0; i < order; i++) {
    for (let j = 0; j <= i; j++, at++) {
      const row = Math.max(from[i] as number, from[j] as number);
      const column = Math.min(from[i] as number, from[j] as number);
      result.entries[at] = (entries[(row * (row + 1)) / 2 + column] as number) * factor;
    }
  }
  return result;
}

function largestEntry({ entries }: PackedTriangle): number {
  let largest = 0;
  for (const entry of entries) {
    if (!Number.isFinite(entry)) {
      throw new RangeError(
        `expected finite products of rows, got ${entry}. Scale the rows: above 1e150 in size their squares overflow.`,
      );
    }
    largest = Math.max(largest, Math.abs(entry));
  }
  return largest;
}

/** A power of two, so that scaling by it rounds nothing; within the normal numbers, as is its inverse. */
function powerOfTwoNear(value: number): number {
  return value === 0 ? 1 : 2 ** Math.max(-1022, Math.min(1022, Math.floor(Math.log2(value))));
}

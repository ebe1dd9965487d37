import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { randomNumbers } from '../krylov/randomNumbers.ts';
import { symmetricEigen } from './symmetricEigen.ts';

/** Directions beyond those that are asked for: they make the last ones converge. */
const EXTRA = 16;
/** Multiplications by the matrix. */
const STEPS = 3;

/**
 * The leading eigenvectors of a positive semidefinite matrix, roughly: by subspace iteration with a fixed number of steps, for what depends on them smoothly. Vectors of
 * eigenvalues that lie close together are mixed with each other.
 *
 * @returns count × d, orthonormal rows, the vector of the largest eigenvalue first.
 *
 * Source: Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 2011, Algorithm 4.4.
 */
export function leadingVectors(matrix: DenseMatrix, count: number): Float64Matrix {
  const { columns } = matrix;
  if (count + EXTRA >= columns) return firstRows(symmetricEigen(matrix).vectors, count);
  const random = randomNumbers(1);
  const rows = count + EXTRA;
  const start = { rows, columns, data: Float64Array.from({ length: rows * columns }, random) };
  let basis = orthonormal(start);
  for (let step = 0; step < STEPS; step++) basis = whitened(multiply(basis, matrix));
  basis = orthonormal(basis);
  const inside = multiply(multiply(basis, matrix), basis, { transposeB: true });
  return firstRows(multiply(symmetricEigen(inside).vectors, basis), count);
}

/** An orthonormal basis of the rows: twice, since once leaves rounding errors of rows that nearly depend on each other. */
function orthonormal(rows: Float64Matrix): Float64Matrix {
  return whitened(whitened(rows));
}

function whitened(rows: Float64Matrix): Float64Matrix {
  const { values, vectors } = symmetricEigen(multiply(rows, rows, { transposeB: true }));
  const least = (values[0] ?? 0) * Number.EPSILON;
  const data = vectors.data.map((value, at) => {
    const size = values[Math.floor(at / vectors.columns)] as number;
    return size > least ? value / Math.sqrt(size) : 0;
  });
  return multiply({ ...vectors, data }, rows);
}

function firstRows({ columns, data }: Float64Matrix, rows: number): Float64Matrix {
  return { rows, columns, data: data.slice(0, rows * columns) };
}

import { placeBlock } from '../matrix/blocks.ts';
import { zeros } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { rowsBetween } from '../matrix/rows.ts';
import { subtractProduct } from '../matrix/subtractProduct.ts';
import { singularVectors } from '../decompositions/singularVectors.ts';
import { symmetricEigen } from '../decompositions/symmetricEigen.ts';
import type { Bidiagonal } from './bidiagonalization.ts';
import { norm, type Vectors } from './vectors.ts';

/** Approximate singular values, descending, each with a bound of its error. */
export interface RitzValues {
  readonly values: Float64Array;
  readonly errorBounds: Float64Array;
}

const EPSILON = 2 ** -52;

/** A smaller block may show two close singular values as one for a long time, so that it proves no gap. */
const LEAST_BLOCK = 4;

/** A gap counts if the residuals are at most this fraction of it. */
const SMALL = 0.1;

/** Singular values with their right vectors, one a row. Vectors of zero values may be missing. */
interface Decomposition {
  readonly singularValues: Float64Array;
  readonly right: Vectors;
  /** A bound of the rounding error of this way of computing a value. */
  readonly error: (value: number) => number;
}

/** From the eigenvalues of BᵀB: fast, and good to rounding errors of the largest square. */
export function bySquares(matrix: Vectors): Decomposition {
  const { values, vectors } = symmetricEigen(multiply(matrix, matrix, { transposeA: true }));
  const singularValues = values.map((square) => Math.sqrt(Math.max(0, square)));
  const noise = matrix.rows * EPSILON * Math.max(0, values[0] ?? 0);
  const error = (value: number): number => Math.min(noise / value, Math.sqrt(noise));
  return { singularValues, right: vectors, error };
}

/** From the rows of B: some ten times slower, and good to rounding errors of the largest value. */
export function byRotations(matrix: Vectors): Decomposition {
  const { singularValues, right } = singularVectors(matrix);
  return { singularValues, right, error: () => 0 };
}

/**
 * The singular values θ of B as those of A, one for each vector of U.
 *
 * For B = P Θ Qᵀ the vectors u = U p are orthonormal, and A Aᵀ u − θ² u = θ (U₊ S q + drift). So with ρ = ‖S q‖,
 * - |σ − θ| ≤ ρ for some singular value σ of A;
 * - for the first g values together, with E² = Σ θⱼ² ρⱼ² over them, if all other singular values of A are at most μ:
 *   0 ≤ σ² − θ² ≤ 2 E² / (δ + √(δ² + 4 E²)), δ = θ² − μ².
 *
 * The error bound is the smaller of these, with the best g, plus what the drift and rounding add. μ is the largest θ + 2 ρ
 * of the others, if the values next to the gap have residuals of at most a tenth of it. This is an assumption, like every
 * gap in a method that sees only a part of A. On random spectra at any stage it was wrong for some values in a thousand
 * with blocks of one or two vectors, and for none of 16,000 with blocks of four or eight.
 *
 * Source: Parlett, "The symmetric eigenvalue problem", 1998, section 4.5; C.-K. Li and R.-C. Li, "A note on eigenvalues
 * of perturbed Hermitian matrices", 2005, theorem 2.
 */
export function ritzValues(
  bidiagonal: Bidiagonal,
  decompose: (matrix: Vectors) => Decomposition,
): RitzValues {
  const { matrix, coupling, drift, rounding, blockSize } = bidiagonal;
  const order = matrix.rows;
  const values = new Float64Array(order);
  const distances = new Float64Array(order);
  const drifts = new Float64Array(order);
  const errors = new Float64Array(order).fill(Math.sqrt(order) * rounding);
  if (matrix.columns > 0) {
    const { singularValues, right, error } = decompose(matrix);
    values.set(singularValues);
    distances.set(residuals(coupling, right));
    drifts.set(shares(drift, right));
    singularValues.forEach((value, i) => (errors[i] = (errors[i] as number) + error(value)));
  }
  const errorBounds = values.map((value, i) => {
    const sideways = drifts[i] as number;
    const byGap = blockSize < LEAST_BLOCK ? Infinity : distanceByGap(values, distances, i);
    return (
      Math.min(distances[i] as number, byGap) +
      Math.min(sideways, Math.sqrt(value * sideways)) +
      (errors[i] as number)
    );
  });
  return { values, errorBounds };
}

/** ‖S q‖ for each of the given q, and for each further vector the norm of S on their complement. */
function residuals(coupling: Vectors, right: Vectors): Float64Array {
  const extended = zeros(coupling.rows, right.columns);
  placeBlock(extended, coupling, { row: 0, column: right.columns - coupling.columns });
  const images = multiply(right, extended, { transposeB: true });
  subtractProduct(extended, [images, right], { transposeA: true });
  const result = new Float64Array(right.columns).fill(norm(extended.data));
  for (let i = 0; i < right.rows; i++) result[i] = norm(rowsBetween(images, i, i + 1).data);
  return result;
}

/** Σ δ |q| for each of the given q, and for each further vector the same sum on their complement. */
function shares(drift: Float64Array, right: Vectors): Float64Array {
  const left = new Float64Array(right.columns).fill(1);
  const result = new Float64Array(right.columns);
  for (let i = 0, at = 0; i < right.rows; i++) {
    for (let j = 0; j < right.columns; j++, at++) {
      const entry = Math.abs(right.data[at] as number);
      result[i] = (result[i] as number) + (drift[j] as number) * entry;
      left[j] = (left[j] as number) - entry * entry;
    }
  }
  const rest = drift.reduce((sum, length, j) => sum + length * Math.sqrt(Math.max(0, left[j] as number)), 0);
  return result.fill(rest, right.rows);
}

/** The second bound for value i, the smallest over all g ≥ i. */
function distanceByGap(values: Float64Array, distances: Float64Array, i: number): number {
  const value = values[i] as number;
  const others = largestAfter(values, distances);
  let best = Infinity;
  let squares = 0;
  let longest = 0;
  for (let g = 0; g + 1 < values.length; g++) {
    squares += ((values[g] as number) * (distances[g] as number)) ** 2;
    longest = Math.max(longest, distances[g] as number);
    const next = Math.max(longest, distances[g + 1] as number);
    const other = others[g] as number;
    if (g < i || other >= value || next > SMALL * (value - (values[g + 1] as number))) continue;
    const gap = (value - other) * (value + other);
    best = Math.min(best, squares / (gap + Math.sqrt(gap * gap + 4 * squares)) / value);
  }
  return best;
}

/** For each value the largest θ + 2 ρ of those after it. */
function largestAfter(values: Float64Array, distances: Float64Array): Float64Array {
  const result = new Float64Array(values.length);
  for (let g = values.length - 2; g >= 0; g--) {
    const next = (values[g + 1] as number) + 2 * (distances[g + 1] as number);
    result[g] = Math.max(result[g + 1] as number, next);
  }
  return result;
}

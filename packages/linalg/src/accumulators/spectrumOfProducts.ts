import { checkCount } from '../matrix/checkMatrix.ts';
import { diagonalOf, type PackedTriangle } from '../matrix/packedTriangle.ts';
import { errorNorm, type ProductError } from '../rounding/productError.ts';
import { SLACK, UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import type { FinishOptions, Spectrum } from './spectrumAccumulator.ts';
import { eigenvalueErrorBound, triangleEigenvalues } from '../solvers/symmetricEigenvalues.ts';

/** A matrix of products of n rows of width d, JᵀJ or J Jᵀ. */
export interface ProductsOfRows {
  readonly products: PackedTriangle;
  /** How far they may be from those of the rows. */
  readonly error: ProductError;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The spectrum of rows from their products: roots of the eigenvalues, with 0 for each one that rounding made negative.
 *
 * An eigenvalue λ stands for a square between λ − ε and λ + ε, so its root is off by at most √λ − √max(0, λ − ε) or
 * √(λ + ε) − √λ.
 */
export async function spectrumOfProducts(of: ProductsOfRows, options: FinishOptions = {}): Promise<Spectrum> {
  checkSpectrumOptions(of.rows, options.largest);
  const { eigenvalues, error } = await eigenvaluesOfProducts(of, options);
  return {
    singularValues: eigenvalues.map((value) => Math.sqrt(Math.max(0, value))),
    errorBounds: eigenvalues.map((value) => rootError(value, error)),
    rows: of.rows,
  };
}

/** Eigenvalues of products, and ε, by how much each may be off: the error of the products (Weyl) and the solver's own. */
export async function eigenvaluesOfProducts(
  { products, error, rows, columns }: ProductsOfRows,
  { largest, solver }: FinishOptions = {},
): Promise<{ readonly eigenvalues: Float64Array; readonly error: number }> {
  const squares = diagonalOf(products);
  checkSquares(squares);
  const count = Math.min(rows, columns, largest ?? Infinity);
  const eigenvalues = (
    solver ? await solver.symmetricEigenvalues(products, largest) : triangleEigenvalues(products, largest)
  ).subarray(0, count);
  checkSquares(eigenvalues.subarray(0, 1));
  const ofProducts = errorNorm(error, squares);
  const norm = (eigenvalues[0] ?? 0) + ofProducts;
  return { eigenvalues, error: ofProducts + eigenvalueErrorBound(products.order, norm) };
}

/** Refuses a spectrum of no rows, or of a number of values that is not a count. */
export function checkSpectrumOptions(rows: number, largest: number | undefined): void {
  if (rows === 0) {
    throw new RangeError('expected at least one row, got none. Add rows before the spectrum is taken.');
  }
  if (largest !== undefined) checkCount(largest, 'the number of largest values', 1);
}

/** Refuses squares, or a sum of them, beyond the largest float64. */
export function checkSquares(squares: ArrayLike<number>): void {
  let sum = 0;
  for (let i = 0; i < squares.length; i++) sum += squares[i] as number;
  if (!Number.isFinite(sum)) {
    throw new RangeError(
      `expected finite products of rows, got ${sum}. Scale the rows: above 1e150 in size their squares overflow.`,
    );
  }
}

/** How far the root of max(0, λ) may be from that of a number between λ − ε and λ + ε, itself rounded. */
function rootError(lambda: number, epsilon: number): number {
  if (epsilon === Infinity) return Infinity;
  const root = Math.sqrt(Math.max(0, lambda));
  const below = lambda > epsilon ? epsilon / (root + Math.sqrt(lambda - epsilon)) : root;
  const above = lambda > 0 ? epsilon / (root + Math.sqrt(lambda + epsilon)) : Math.sqrt(epsilon);
  return (Math.max(below, above) + root * UNIT_ROUNDOFF) * SLACK;
}

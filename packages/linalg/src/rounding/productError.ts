import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { PANEL_DEPTH, ranges } from '../wasm/productKernels.ts';
import { euclideanNorm, largestSize } from './powersOfTwo.ts';
import { SLACK, SMALLEST, sumError, UNIT_ROUNDOFF } from './roundingError.ts';

/**
 * The error of a computed matrix of products, relative to G = JᵀJ: it is G + E₁ + E₂ with |E₁|ᵢⱼ ≤ relative √(Gᵢᵢ Gⱼⱼ) and
 * ‖E₂‖₂ ≤ absolute.
 *
 * The first part bounds the errors of rounded sums of products (by Cauchy and Schwarz). Scaling the columns of J does not change
 * it, and of two sums that are added the worse one counts. The second part takes everything else.
 */
export interface ProductError {
  readonly relative: number;
  readonly absolute: number;
}

/** Nothing has been rounded yet. */
export const EXACT: ProductError = { relative: 0, absolute: 0 };

/** The error of products of `depth` rows, or of as many columns, summed in any order in an entry of `order`². */
export function errorOfProducts(depth: number, order: number, unit: number = UNIT_ROUNDOFF): ProductError {
  const smallest = unit === UNIT_ROUNDOFF ? SMALLEST : SMALLEST_NORMAL_FLOAT32;
  return { relative: sumError(depth, unit), absolute: depth * order * smallest };
}

/** Engines may flush numbers below the normal ones of float32 to zero. */
const SMALLEST_NORMAL_FLOAT32 = 2 ** -126;

/** The error after the products of `length` rows, or columns, have been added in panels to a matrix of that order. */
export function errorOfPanels(error: ProductError, length: number, order: number): ProductError {
  let sum = error;
  for (const { count } of ranges(length, PANEL_DEPTH)) sum = errorOfSum(sum, errorOfProducts(count, order));
  return sum;
}

/** The error of the rounded sum of two matrices with these errors. The first matrix that is added is not rounded. */
export function errorOfSum(a: ProductError, b: ProductError): ProductError {
  if (a.relative === 0 && a.absolute === 0) return b;
  const relative = Math.max(a.relative, b.relative);
  return {
    relative: relative + UNIT_ROUNDOFF * (1 + relative),
    absolute: (a.absolute + b.absolute) * (1 + UNIT_ROUNDOFF),
  };
}

/** The error after entry (i, j) has been multiplied by the rounded product of factors i and j. */
export function errorOfScaling(
  error: ProductError,
  diagonal: ArrayLike<number>,
  squares: ArrayLike<number>,
): ProductError {
  const largest = largestSize(diagonal);
  // If the product of two factors underflows, entries as large as the sum of squares are off by the underflow times that sum.
  const underflow = diagonal.length * SMALLEST * (1 + sum(squares));
  return {
    relative: error.relative + 2.5 * UNIT_ROUNDOFF * (1 + error.relative),
    absolute: error.absolute * largest * largest * (1 + 2.5 * UNIT_ROUNDOFF) + underflow,
  };
}

/**
 * The error of Mᵀ (Ĝ M), each product summed in any order: ‖Mᵀ E M‖ ≤ ‖M‖² ‖E‖, and rounding adds the same expression with
 * γ in place of the relative error; norms of M are bounded by the Frobenius norm.
 *
 * @param squares - the diagonal of Ĝ.
 */
export function errorOfTimes(
  error: ProductError,
  { rows, columns, data }: DenseMatrix,
  squares: ArrayLike<number>,
): ProductError {
  const factor = euclideanNorm(data);
  const relative = error.relative + 3 * sumError(rows) * (1 + error.relative);
  const norm = errorNorm({ relative, absolute: error.absolute }, squares);
  const underflow = rows * SMALLEST * (columns + Math.sqrt(rows * columns) * factor);
  return { relative: 0, absolute: norm * factor * factor + underflow };
}

/**
 * A bound of ‖Ĝ − G‖₂.
 *
 * @param squares - the diagonal of Ĝ.
 */
export function errorNorm({ relative, absolute }: ProductError, squares: ArrayLike<number>): number {
  // If there are too many rows to count, or the absolute error has overflowed, nothing is known.
  if (relative >= 1 || absolute === Infinity) return Infinity;
  const trace = (sum(squares) + squares.length * absolute) / (1 - relative);
  return (relative * trace + absolute) * SLACK;
}

/** The sum of some numbers of one sign. */
function sum(numbers: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < numbers.length; i++) total += numbers[i] as number;
  return total;
}

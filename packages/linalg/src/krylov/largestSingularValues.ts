import { checkCount } from '../matrix/checkMatrix.ts';
import { Bidiagonalization } from './bidiagonalization.ts';
import type { LinearOperator } from './linearOperator.ts';
import { byRotations, bySquares, ritzValues } from './ritzValues.ts';

/** The number of values to find, and the limits of {@link largestSingularValues}. */
export interface LargestSingularValuesOptions {
  /** How many singular values to find, at least 1; if there are fewer, min(n, d), all of them. */
  readonly count: number;
  /** The error bound to reach for each of them, as a fraction of the largest. Defaults to 1e-6. */
  readonly tolerance?: number | undefined;
  /**
   * How many vectors are multiplied at once, at least 1. More of them take fewer products with the matrix, and more memory.
   * Defaults to a quarter of `count`, but 8 to 64.
   */
  readonly blockSize?: number | undefined;
  /** The most products with a block, at least 2. Defaults to as many as it takes. */
  readonly maxProducts?: number | undefined;
  /** The seed of the random starting vectors, a 32-bit integer. Defaults to 1. */
  readonly seed?: number | undefined;
  /** Ends the computation between two products, with its own reason as the error. */
  readonly signal?: AbortSignal | undefined;
}

/** The largest singular values of a matrix. */
export interface LargestSingularValues {
  /** Descending: `count` of them, or fewer if `maxProducts` was reached first. */
  readonly singularValues: Float64Array;
  /** For each value a bound of its distance from a singular value of the matrix. */
  readonly errorBounds: Float64Array;
  /** How many products with a block of vectors were taken. */
  readonly products: number;
  /** Whether all `count` bounds are within the tolerance. */
  readonly converged: boolean;
}

/** One look at the values takes about this many operations times the cube of the order. */
const OPERATIONS_OF_VALUES = 10;

/**
 * The accuracy that squares may cost, relative to the largest value. If bounds are that close to the tolerance, the values
 * are computed again more accurately.
 */
const ROUGH = 2 ** -20;

/**
 * The largest singular values of a matrix J, n × d, from products with it alone, by block Golub-Kahan
 * bidiagonalization with full reorthogonalization of the shorter side.
 *
 * It finds them in a space that grows by `blockSize` vectors with every two products, one with Jᵀ and one with J, and
 * stops when all bounds are within the tolerance: after some {@link krylovPasses}. It keeps these vectors, of length
 * min(n, d), and some four blocks of length max(n, d): {@link krylovBytes}.
 *
 * Each bound is at most the length of a residual, plus rounding errors of float64, which bounds the distance to *some* singular
 * value. If there is a gap to the known values below, the bound is the residual's square over the gap. This assumes that no
 * unknown singular value of J lies above the lower end of the gap. The bounds leave out errors of the products with J
 * itself, such as those of float32.
 *
 * It is nearly certain, but not proved, that no larger value was missed. A value is missed if its singular vector is
 * orthogonal to the random first block, which has probability 0. A singular value with more copies than a block has vectors
 * may lack some of them, as long as other values converge sooner. Blocks of one or two vectors now and then miss one of two
 * close values. Take larger blocks for such matrices.
 *
 * @param operator - J by its products. They are called one at a time.
 * @throws RangeError for options out of their range, and for products of another shape or that are not finite; what the
 * operator throws, and the signal's reason.
 *
 * Source: Golub, Luk and Overton, "A block Lanczos method for computing the singular values and corresponding singular
 * vectors of a matrix", 1981; Simon and Zha, "Low-rank matrix approximation using the Lanczos bidiagonalization
 * process with applications", 2000.
 *
 * @example
 * ```ts
 * import { type DenseMatrix, largestSingularValues, multiply } from '@edjm/linalg';
 *
 * const matrix = { rows: 3, columns: 2, data: Float64Array.of(3, 0, 0, 0, 0, 4) };
 * const operator = {
 *   rows: 3,
 *   columns: 2,
 *   multiply: async (z: DenseMatrix) => multiply(matrix, z),
 *   multiplyTransposed: async (x: DenseMatrix) => multiply(matrix, x, { transposeA: true }),
 * };
 * const { singularValues } = await largestSingularValues(operator, { count: 1 });
 * console.log(singularValues); // 4, to some 1e-15
 * ```
 */
export async function largestSingularValues(
  operator: LinearOperator,
  options: LargestSingularValuesOptions,
): Promise<LargestSingularValues> {
  const { rows, columns } = operator;
  checkCount(rows, 'the number of rows', 1);
  checkCount(columns, 'the number of columns', 1);
  const { tolerance = 1e-6, maxProducts = Infinity, seed = 1, signal } = options;
  const blockSize = options.blockSize ?? defaultBlockSize(options.count);
  checkOptions({ count: options.count, tolerance, maxProducts, blockSize });
  const count = Math.min(options.count, rows, columns);

  const known = new Bidiagonalization(operator, { blockSize, seed });
  let operations = 0;
  for (;;) {
    signal?.throwIfAborted();
    await known.step();
    operations += 4 * rows * columns * blockSize;
    const last = known.complete || known.products + 2 > maxProducts;
    const cost = OPERATIONS_OF_VALUES * known.order ** 3;
    // Looking at the values takes no more time in total than the products.
    if (!last && (known.order < count || cost > operations)) continue;
    operations -= cost;
    const rough = valuesOf(known, count, bySquares);
    if (isWithin(rough, count, tolerance)) return { ...rough, products: known.products, converged: true };
    if (!last && !isWithin(rough, count, tolerance + ROUGH)) continue;
    const found = valuesOf(known, count, byRotations);
    const converged = isWithin(found, count, tolerance);
    if (converged || last) return { ...found, products: known.products, converged };
  }
}

type Found = Pick<LargestSingularValues, 'singularValues' | 'errorBounds'>;

/** Whether there are as many values as there should be, with bounds of at most that fraction of the largest. */
function isWithin({ singularValues, errorBounds }: Found, count: number, tolerance: number): boolean {
  const most = tolerance * (singularValues[0] as number);
  return singularValues.length === count && errorBounds.every((bound) => bound <= most);
}

function defaultBlockSize(count: number): number {
  return Math.max(8, Math.min(64, Math.ceil(count / 4)));
}

/** The first `count` of the values known; zeros if there is nothing else. */
function valuesOf(known: Bidiagonalization, count: number, decompose: typeof bySquares): Found {
  const bidiagonal = known.bidiagonal();
  const { values, errorBounds } = ritzValues(bidiagonal, decompose);
  const length = known.complete ? count : Math.min(count, values.length);
  const singularValues = new Float64Array(length);
  const bounds = new Float64Array(length).fill(bidiagonal.rounding);
  singularValues.set(values.subarray(0, length));
  bounds.set(errorBounds.subarray(0, length));
  return {
    singularValues: singularValues.map((value) => value * known.scale),
    errorBounds: bounds.map((bound) => bound * known.scale),
  };
}

function checkOptions({
  count,
  tolerance,
  maxProducts,
  blockSize,
}: {
  count: number;
  tolerance: number;
  maxProducts: number;
  blockSize: number;
}): void {
  checkCount(count, 'the number of singular values', 1);
  checkCount(blockSize, 'the block size', 1);
  if (maxProducts !== Infinity) checkCount(maxProducts, 'the most products', 2);
  if (!(tolerance >= 0)) {
    throw new RangeError(
      `expected a tolerance of 0 or more, got ${tolerance}. Give a fraction of the largest value.`,
    );
  }
}

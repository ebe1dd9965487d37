import { checkFinite, checkShape } from '../matrix/checkMatrix.ts';
import { type DenseMatrix, zeros } from '../matrix/denseMatrix.ts';
import { largestSize, powerOfTwoNear } from '../rounding/powersOfTwo.ts';
import type { LinearOperator } from './linearOperator.ts';
import { longest, type Vectors } from './vectors.ts';

/** Rounding errors of sums of products add up like a random walk. The bound is this multiple of the length of such a walk. */
const ROUNDING = 4 * 2 ** -52;

/** The side of the squares that are transposed at a time, so that reads and writes both stay in the cache. */
const TILE = 32;

/**
 * Products with A, which is J or Jᵀ, whichever has fewer rows, divided by a power of two that keeps the squares of its
 * entries in range.
 */
export class ScaledProducts {
  readonly #operator: LinearOperator;
  readonly #flipped: boolean;
  #scale: number | undefined;
  #largest = 0;
  #count = 0;

  constructor(operator: LinearOperator) {
    this.#operator = operator;
    this.#flipped = operator.rows > operator.columns;
  }

  /** Rows of A. */
  get short(): number {
    return Math.min(this.#operator.rows, this.#operator.columns);
  }

  /** Columns of A. */
  get long(): number {
    return Math.max(this.#operator.rows, this.#operator.columns);
  }

  /** The factor that turns A into J or Jᵀ. */
  get scale(): number {
    return this.#scale ?? 1;
  }

  /** How many products there were. */
  get count(): number {
    return this.#count;
  }

  /** A bound of the rounding error of the image of a unit vector under Aᵀ, as a length. */
  get rounding(): number {
    return ROUNDING * Math.sqrt(this.short + this.long) * this.#largest;
  }

  /** A v for each of some vectors. */
  times(vectors: Vectors): Promise<Vectors> {
    return this.#images(vectors, this.#flipped);
  }

  /** Aᵀ u for each of some vectors. */
  async transposedTimes(vectors: Vectors): Promise<Vectors> {
    const images = await this.#images(vectors, !this.#flipped);
    this.#largest = Math.max(this.#largest, longest(images));
    return images;
  }

  async #images(vectors: Vectors, withTranspose: boolean): Promise<Vectors> {
    const { rows, columns } = this.#operator;
    const product = await (withTranspose
      ? this.#operator.multiplyTransposed(scaledTranspose(vectors, 1))
      : this.#operator.multiply(scaledTranspose(vectors, 1)));
    this.#count++;
    checkProduct(product, { rows: withTranspose ? columns : rows, columns: vectors.rows });
    this.#scale ??= powerOfTwoNear(largestSize(product.data));
    return scaledTranspose(product, 1 / this.#scale);
  }
}

function checkProduct(product: DenseMatrix, expected: { rows: number; columns: number }): void {
  if (product.rows !== expected.rows || product.columns !== expected.columns) {
    throw new RangeError(
      `expected a product of ${expected.rows} × ${expected.columns}, got ${product.rows} × ${product.columns}. Correct the operator.`,
    );
  }
  checkShape(product);
  checkFinite(product);
}

/**
 * The transpose times a factor: columns as vectors, or vectors as columns. For few long vectors it takes a third of the time of the general
 * transpose in `dense/`.
 */
function scaledTranspose({ rows, columns, data }: DenseMatrix, factor: number): Vectors {
  const result = zeros(columns, rows);
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(columns, left + TILE);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++)
          result.data[j * rows + i] = factor * (data[i * columns + j] as number);
      }
    }
  }
  return result;
}

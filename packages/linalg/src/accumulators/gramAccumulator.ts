import { type AccumulatorState, bytesOfState, checkSize, checkState } from './accumulatorState.ts';
import { checkCount, checkFinite, checkFactor, checkShape } from '../matrix/checkMatrix.ts';
import type { BlockRows, DenseMatrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import {
  addLowerTriangle,
  diagonalOf,
  type PackedTriangle,
  scaleTriangle,
  toDense,
  zeroTriangle,
} from '../matrix/packedTriangle.ts';
import {
  errorNorm,
  errorOfPanels,
  errorOfProducts,
  errorOfScaling,
  errorOfSum,
  errorOfTimes,
  EXACT,
  type ProductError,
} from '../rounding/productError.ts';
import { UNIT_ROUNDOFF, UNIT_ROUNDOFF_FLOAT32 } from '../rounding/roundingError.ts';
import { addProductsOfColumns } from '../matrix/rowProducts.ts';
import {
  checkDiagonal,
  type FinishOptions,
  type Spectrum,
  type SpectrumAccumulator,
} from './spectrumAccumulator.ts';
import { spectrumOfProducts } from './spectrumOfProducts.ts';

/** Options of {@link GramAccumulator.addGram}. */
export interface AddGramOptions {
  /**
   * The precision of the sums; the error bounds depend on it. Defaults to float32 if a block is a Float32Array,
   * else float64.
   */
  readonly precision?: 'float32' | 'float64';
}

/** A {@link SpectrumAccumulator} that keeps JᵀJ, and so also takes Gram matrices that were computed elsewhere. */
export interface GramAccumulator extends SpectrumAccumulator {
  /**
   * Adds the Gram matrix Σ r rᵀ of some rows, such as an engine computes for a batch.
   *
   * @param blocks - d × d, symmetric and positive semidefinite, float32 or float64, as {@link BlockRows}. Only the lower triangle is
   * read. Only the diagonal is checked: its entries must not be negative.
   * @param rows - the number of rows that it sums. The bound of the rounding error grows with it.
   * @throws RangeError if the blocks are not those of a d × d matrix, its diagonal is not finite or negative, or the number
   * of rows is not a count.
   */
  addGram(blocks: BlockRows, rows: number, options?: AddGramOptions): void;
}

/**
 * An accumulator of JᵀJ: memory d (d + 1) / 2 numbers, whatever the number of rows.
 *
 * Going through squares costs accuracy at the lower end: singular values come out to about 1e-16 of the largest *times
 * the ratio of the largest to themselves*, so below some 1e-8 of the largest they are noise of that size instead of zeros,
 * and the bounds say so. If all values are asked for, columns of very different scale do no harm up to d = 33, although the
 * bounds do not show it. Entries must lie between 1e-150 and 1e150 in size.
 *
 * The bounds count every rounding at its worst: (256 + number of blocks) units for rows, as many units as rows for Gram
 * matrices, of the sum of all squares.
 *
 * Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1, for the bounds.
 *
 * @param columns - d, at least 1.
 * @throws RangeError if `columns` is not such a number.
 *
 * @example
 * ```ts
 * import { gramAccumulator } from '@edjm/linalg';
 *
 * const accumulator = gramAccumulator(2);
 * accumulator.add({ rows: 1, columns: 2, data: Float64Array.of(3, 0) });
 * accumulator.add({ rows: 1, columns: 2, data: Float64Array.of(0, 4) });
 * const { singularValues } = await accumulator.finish();
 * console.log(singularValues); // Float64Array [ 4, 3 ]
 * ```
 */
export function gramAccumulator(columns: number): GramAccumulator {
  checkCount(columns, 'the number of columns', 1);
  return new GramOfRows(zeroTriangle(columns), { rows: 0, error: EXACT });
}

/** The accumulator that was made into this state. */
export function gramOfState(state: AccumulatorState): GramAccumulator {
  const { columns, rows, counters, entries } = state;
  checkState(state, { counters: 2, entries: (columns * (columns + 1)) / 2 });
  const [relative = 0, absolute = 0] = counters;
  checkSize(relative, 'a relative error');
  checkSize(absolute, 'an absolute error');
  const products = zeroTriangle(columns);
  products.entries.set(entries);
  diagonalOf(products).forEach((square) => {
    checkSize(square, 'a sum of squares');
  });
  return new GramOfRows(products, { rows, error: { relative, absolute } });
}

class GramOfRows implements GramAccumulator {
  readonly method = 'gram';
  readonly #products: PackedTriangle;
  #rows: number;
  #error: ProductError;

  constructor(products: PackedTriangle, seen: { readonly rows: number; readonly error: ProductError }) {
    this.#products = products;
    this.#rows = seen.rows;
    this.#error = seen.error;
  }

  get columns(): number {
    return this.#products.order;
  }

  get rows(): number {
    return this.#rows;
  }

  add(block: DenseMatrix): void {
    checkShape(block, this.columns);
    checkFinite(block);
    addProductsOfColumns(this.#products, block);
    this.#error = errorOfPanels(this.#error, block.rows, this.columns);
    this.#rows += block.rows;
  }

  addGram(blocks: BlockRows, rows: number, { precision }: AddGramOptions = {}): void {
    checkCount(rows, 'the number of rows', 0);
    const inFloat32 = precision
      ? precision === 'float32'
      : blocks.some(({ data }) => data instanceof Float32Array);
    const unit = inFloat32 ? UNIT_ROUNDOFF_FLOAT32 : UNIT_ROUNDOFF;
    this.#add(blocks, rows, errorOfProducts(Math.max(1, rows), this.columns, unit));
  }

  merge(other: SpectrumAccumulator): void {
    if (other.columns !== this.columns) {
      throw new RangeError(
        `expected ${this.columns} columns, got ${other.columns}. Merge accumulators of one width.`,
      );
    }
    const error =
      other instanceof GramOfRows ? other.#error : { relative: 0, absolute: other.gramErrorBound() };
    this.#add([other.gram()], other.rows, error);
  }

  times(matrix: DenseMatrix): GramAccumulator {
    checkFactor(matrix, this.columns);
    const products = zeroTriangle(matrix.columns);
    const right = multiply(this.gram(), matrix);
    addLowerTriangle(products, multiply(matrix, right, { transposeA: true }), 0);
    const error = errorOfTimes(this.#error, matrix, diagonalOf(this.#products));
    return new GramOfRows(products, { rows: this.#rows, error });
  }

  scaleColumns(diagonal: ArrayLike<number>): void {
    checkDiagonal(diagonal, this.columns);
    this.#error = errorOfScaling(this.#error, diagonal, diagonalOf(this.#products));
    scaleTriangle(this.#products, diagonal);
  }

  gram(): DenseMatrix {
    return toDense(this.#products);
  }

  gramErrorBound(): number {
    return errorNorm(this.#error, diagonalOf(this.#products));
  }

  toBytes(): Uint8Array {
    return bytesOfState({
      method: this.method,
      columns: this.columns,
      rows: this.#rows,
      counters: [this.#error.relative, this.#error.absolute],
      entries: this.#products.entries.subarray(0, (this.columns * (this.columns + 1)) / 2),
    });
  }

  finish(options?: FinishOptions): Promise<Spectrum> {
    const { rows, columns } = this;
    return spectrumOfProducts({ products: this.#products, error: this.#error, rows, columns }, options);
  }

  #add(blocks: BlockRows, rows: number, error: ProductError): void {
    checkBlockRows(blocks, this.columns);
    blocks.reduce((first, block) => {
      checkDiagonalOf(block, first);
      return first + block.rows;
    }, 0);
    let first = 0;
    for (const block of blocks) {
      addLowerTriangle(this.#products, block, first);
      first += block.rows;
    }
    this.#error = errorOfSum(this.#error, error);
    this.#rows += rows;
  }
}

/** Refuses blocks that do not make up the lower triangle of a matrix of the given order. */
function checkBlockRows(blocks: BlockRows, order: number): void {
  let rows = 0;
  for (const block of blocks) {
    rows += block.rows;
    checkShape(block);
    if (block.columns < Math.min(rows, order)) {
      throw new RangeError(
        `expected block rows up to the diagonal, ${rows} columns, got ${block.columns}. Give every row to its diagonal entry.`,
      );
    }
  }
  if (rows !== order) {
    throw new RangeError(
      `expected the ${order} rows of a square matrix, got ${rows}. Give all block rows, from the top.`,
    );
  }
}

/** NaN or infinity in a row shows on the diagonal, so the other entries need no check. */
function checkDiagonalOf({ data, rows, columns }: DenseMatrix, first: number): void {
  for (let row = 0; row < rows; row++) {
    const value = data[row * columns + first + row];
    if (!Number.isFinite(value)) {
      throw new RangeError(
        `expected a finite Gram matrix, got ${value} on its diagonal at ${first + row}. Look for NaN or an overflow in the rows.`,
      );
    }
    if ((value as number) < 0) {
      throw new RangeError(
        `expected sums of squares on the diagonal of a Gram matrix, got ${value} at ${first + row}. Give JᵀJ of some rows.`,
      );
    }
  }
}

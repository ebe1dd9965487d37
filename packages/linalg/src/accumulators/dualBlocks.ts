import { checkCount, checkFinite, checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { zeroTriangle } from '../matrix/packedTriangle.ts';
import { errorOfPanels, EXACT } from '../rounding/productError.ts';
import { UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import type { FinishOptions, Spectrum } from './spectrumAccumulator.ts';
import { spectrumOfProducts } from './spectrumOfProducts.ts';

/** Some rows of a matrix that follow each other. */
export interface PlacedRows {
  /** Index of the first one. */
  readonly first: number;
  readonly block: DenseMatrix;
}

/** Options of {@link dualBlocks}. */
export interface DualBlocksOptions {
  /**
   * How many roundings the entries of both factors together have undergone, for example in a scaling. The error bounds
   * count them. Defaults to 0.
   */
  readonly roundings?: number;
}

/** The spectrum of a matrix that is given as pairs of blocks of its rows. */
export interface DualBlocks {
  /** n. */
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /**
   * Adds the products of some rows with others that come no later. For a block with itself it adds those of all its pairs.
   *
   * @throws RangeError if blocks are not of that width or reach beyond the n rows, `others` end after `rows`, a pair has
   * been added before, or numbers are not finite.
   */
  add(rows: PlacedRows, others: PlacedRows): void;
  /**
   * The spectrum, after the products of all n (n + 1) / 2 pairs of rows have been added, each once.
   *
   * @throws RangeError if they have not, and as {@link SpectrumAccumulator.finish}.
   */
  finish(options?: FinishOptions): Promise<Spectrum>;
}

/**
 * J Jᵀ formed block by block, for n rows so wide that they do not fit into the memory: n (n + 1) / 2 numbers. The caller
 * goes through the rows again for each block that it holds. Accuracy and limits are those of {@link dualAccumulator}.
 *
 * @param rows - n, at least 1.
 * @param columns - d, at least 1.
 * @throws RangeError if one of them is not such a number, or `roundings` is not a count.
 *
 * @example
 * ```ts
 * import { dualBlocks } from '@edjm/linalg';
 *
 * const rows = [
 *   { first: 0, block: { rows: 1, columns: 3, data: Float64Array.of(3, 0, 0) } },
 *   { first: 1, block: { rows: 1, columns: 3, data: Float64Array.of(0, 4, 0) } },
 * ];
 * const products = dualBlocks(2, 3);
 * rows.forEach((block, index) => rows.slice(0, index + 1).forEach((other) => products.add(block, other)));
 * const { singularValues } = await products.finish();
 * console.log(singularValues); // Float64Array [ 4, 3 ]
 * ```
 */
export function dualBlocks(rows: number, columns: number, options: DualBlocksOptions = {}): DualBlocks {
  checkCount(rows, 'the number of rows', 1);
  checkCount(columns, 'the number of columns', 1);
  const { roundings = 0 } = options;
  checkCount(roundings, 'the number of roundings', 0);
  const products = zeroTriangle(rows);
  const all = (rows * (rows + 1)) / 2;
  // The rows that have not been added yet.
  products.entries.fill(NaN, 0, all);
  let pairs = 0;

  const check = ({ first, block }: PlacedRows): void => {
    checkShape(block, columns);
    checkFinite(block);
    checkCount(first, 'the index of a row', 0);
    if (first + block.rows <= rows) return;
    throw new RangeError(
      `expected ${rows} rows, got row ${first + block.rows}. Give the rows of one matrix.`,
    );
  };

  return {
    rows,
    columns,
    add(later, earlier) {
      check(later);
      if (earlier !== later) check(earlier);
      if (
        earlier.first > later.first ||
        earlier.first + earlier.block.rows > later.first + later.block.rows
      ) {
        throw new RangeError(
          `expected others up to row ${later.first + later.block.rows - 1}, got rows ${earlier.first} to ${earlier.first + earlier.block.rows - 1}. Exchange the two.`,
        );
      }
      const places = Array.from({ length: later.block.rows }, (_, i) => {
        const row = later.first + i;
        const count = Math.min(earlier.block.rows, row - earlier.first + 1);
        return { row, at: (row * (row + 1)) / 2 + earlier.first, count };
      });
      for (const { row, at, count } of places) {
        const again = products.entries.subarray(at, at + count).findIndex((entry) => !Number.isNaN(entry));
        if (again < 0) continue;
        throw new RangeError(
          `expected each pair of rows once, got rows ${earlier.first + again} and ${row} again. Give every block with itself and those before it.`,
        );
      }
      const { data } = multiply(later.block, earlier.block, { transposeB: true });
      for (const [i, { at, count }] of places.entries()) {
        const from = i * earlier.block.rows;
        products.entries.set(data.subarray(from, from + count), at);
        pairs += count;
      }
    },
    async finish(finishOptions) {
      if (pairs !== all) {
        throw new RangeError(
          `expected the products of ${all} pairs of rows, got ${pairs}. Take each pair in once.`,
        );
      }
      // k roundings come to a factor of at most (1 + u)ᵏ.
      const before = { ...EXACT, relative: 1.01 * roundings * UNIT_ROUNDOFF };
      const error = errorOfPanels(before, columns, rows);
      return spectrumOfProducts({ products, rows, columns, error }, finishOptions);
    },
  };
}

import { checkCount, checkFinite, checkShape } from './checkMatrix.ts';
import type { BlockRows, DenseMatrix } from './denseMatrix.ts';
import {
  addLowerTriangle,
  type PackedTriangle,
  scaleTriangle,
  toDense,
  zeroTriangle,
} from './packedTriangle.ts';
import { addRowProducts, panelFor, panelRanges } from './rowProducts.ts';
import {
  checkDiagonal,
  type RowSpectrum,
  type SpectrumAccumulator,
  spectrumOfProducts,
} from './spectrumAccumulator.ts';

/** A {@link SpectrumAccumulator} that keeps JᵀJ, and so also takes Gram matrices that were computed elsewhere. */
export interface GramAccumulator extends SpectrumAccumulator {
  /**
   * Adds the Gram matrix Σ r rᵀ of some rows, such as an engine computes for a batch.
   *
   * @param blocks - d × d and symmetric, float32 or float64, as {@link BlockRows}. Only the lower triangle is read.
   * @param rows - how many rows it stands for.
   * @throws RangeError where the blocks are not those of a d × d matrix, its diagonal is not finite, or the number of
   * rows is no count.
   */
  addGram(blocks: BlockRows, rows: number): void;
}

/**
 * An accumulator of JᵀJ: memory d (d + 1) / 2 numbers, whatever the number of rows.
 *
 * Going through squares costs accuracy at the lower end: singular values come out to about 1e-16 of the largest *times
 * the ratio of the largest to themselves*, so below some 1e-8 of the largest they are noise of that size instead
 * of zeros. Columns of very different scale do no harm. Entries must lie between 1e-150 and 1e150 in size.
 *
 * @param columns - d, at least 1.
 * @throws RangeError where `columns` is no such number.
 *
 * @example
 * ```ts
 * import { gramAccumulator } from '@edjm/linalg';
 *
 * const accumulator = gramAccumulator(2);
 * accumulator.add({ rows: 1, columns: 2, data: Float64Array.of(3, 0) });
 * accumulator.add({ rows: 1, columns: 2, data: Float64Array.of(0, 4) });
 * console.log(accumulator.finish()); // { singularValues: Float64Array [ 4, 3 ], rows: 2 }
 * ```
 */
export function gramAccumulator(columns: number): GramAccumulator {
  checkCount(columns, 'the number of columns', 1);
  return new GramOfRows(columns);
}

class GramOfRows implements GramAccumulator {
  readonly columns: number;
  readonly #products: PackedTriangle;
  #rows = 0;

  constructor(columns: number) {
    this.columns = columns;
    this.#products = zeroTriangle(columns);
  }

  get rows(): number {
    return this.#rows;
  }

  add(block: DenseMatrix): void {
    checkShape(block, this.columns);
    checkFinite(block);
    const panel = panelFor(this.columns, block.rows);
    for (const range of panelRanges(block.rows)) {
      transposeRows(block, range, panel);
      addRowProducts(this.#products, panel, range.depth);
    }
    this.#rows += block.rows;
  }

  addGram(blocks: BlockRows, rows: number): void {
    checkBlockRows(blocks, this.columns);
    checkCount(rows, 'the number of rows', 0);
    let first = 0;
    for (const block of blocks) {
      checkDiagonalOf(block, first);
      addLowerTriangle(this.#products, block, first);
      first += block.rows;
    }
    this.#rows += rows;
  }

  merge(other: SpectrumAccumulator): void {
    this.addGram([other.gram()], other.rows);
  }

  scaleColumns(diagonal: ArrayLike<number>): void {
    checkDiagonal(diagonal, this.columns);
    scaleTriangle(this.#products, diagonal);
  }

  gram(): DenseMatrix {
    return toDense(this.#products);
  }

  finish(): RowSpectrum {
    return spectrumOfProducts(this.#products, this);
  }
}

/** Columns of the panel are the given rows of the block: JᵀJ is the product of the rows of Jᵀ with each other. */
function transposeRows(
  { data, columns }: DenseMatrix,
  { first, depth }: { first: number; depth: number },
  panel: Float64Array,
): void {
  for (let row = 0; row < depth; row++) {
    const from = (first + row) * columns;
    for (let j = 0; j < columns; j++) panel[j * depth + row] = data[from + j] as number;
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

/** A row with NaN or an infinity in it shows on the diagonal, so the other entries need no look. */
function checkDiagonalOf({ data, rows, columns }: DenseMatrix, first: number): void {
  for (let row = 0; row < rows; row++) {
    const value = data[row * columns + first + row];
    if (!Number.isFinite(value)) {
      throw new RangeError(
        `expected a finite Gram matrix, got ${value} on its diagonal at ${first + row}. Look for NaN or an overflow in the rows.`,
      );
    }
  }
}

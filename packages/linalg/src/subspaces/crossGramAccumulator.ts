import { checkCount, checkFinite, checkShape } from '../matrix/checkMatrix.ts';
import { type DenseMatrix, type Float64Matrix, zeros } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';

/** Takes the rows of two matrices A and B side by side and sums AᵀB, in float64; see {@link crossGramAccumulator}. */
export interface CrossGramAccumulator {
  /** The widths of the rows of A and of B. */
  readonly columns: readonly [number, number];
  /** How many pairs of rows have been added. */
  readonly rows: number;

  /**
   * Adds Σ aᵢ bᵢᵀ over rows that belong together, such as gradients of two networks at the same samples.
   *
   * @throws RangeError if the widths are others, there are more rows of one than of the other, or a number is not finite.
   */
  add(rowsOfA: DenseMatrix, rowsOfB: DenseMatrix): void;

  /**
   * Adds all rows of another accumulator, which does not change.
   *
   * @throws RangeError if its widths are others.
   */
  merge(other: CrossGramAccumulator): void;

  /** AᵀB, in an array of its own. */
  crossGram(): Float64Matrix;
}

/**
 * An accumulator of AᵀB for two matrices whose rows come in pairs: memory d_A d_B numbers, whatever the number of rows.
 *
 * With the Gram matrices AᵀA and BᵀB it gives {@link canonicalCorrelations}. Any split of the pairs over
 * accumulators, merged in any order, gives the same to within rounding: each entry to about n 2⁻⁵³ of the product of the
 * lengths of its two columns.
 *
 * @param columnsOfA - d_A, at least 1.
 * @param columnsOfB - d_B, at least 1.
 * @throws RangeError if one of them is not such a number.
 *
 * @example
 * ```ts
 * import { crossGramAccumulator } from '@edjm/linalg';
 *
 * const accumulator = crossGramAccumulator(2, 1);
 * accumulator.add(
 *   { rows: 1, columns: 2, data: Float64Array.of(1, 2) },
 *   { rows: 1, columns: 1, data: Float64Array.of(3) },
 * );
 * console.log(accumulator.crossGram()); // { rows: 2, columns: 1, data: Float64Array [ 3, 6 ] }
 * ```
 */
export function crossGramAccumulator(columnsOfA: number, columnsOfB: number): CrossGramAccumulator {
  checkCount(columnsOfA, 'the number of columns of A', 1);
  checkCount(columnsOfB, 'the number of columns of B', 1);
  return new CrossGramOfRows([columnsOfA, columnsOfB]);
}

class CrossGramOfRows implements CrossGramAccumulator {
  readonly columns: readonly [number, number];
  readonly #sums: Float64Matrix;
  #rows = 0;

  constructor(columns: readonly [number, number]) {
    this.columns = columns;
    const [a, b] = columns;
    this.#sums = zeros(a, b);
  }

  get rows(): number {
    return this.#rows;
  }

  add(rowsOfA: DenseMatrix, rowsOfB: DenseMatrix): void {
    checkShape(rowsOfA, this.columns[0]);
    checkShape(rowsOfB, this.columns[1]);
    if (rowsOfA.rows !== rowsOfB.rows) {
      throw new RangeError(
        `expected as many rows of B as of A, ${rowsOfA.rows}, got ${rowsOfB.rows}. Give rows that belong together.`,
      );
    }
    checkFinite(rowsOfA);
    checkFinite(rowsOfB);
    if (rowsOfA.rows === 0) return;
    multiply(rowsOfA, rowsOfB, { transposeA: true, addTo: this.#sums });
    this.#rows += rowsOfA.rows;
  }

  merge(other: CrossGramAccumulator): void {
    const [a, b] = this.columns;
    if (other.columns[0] !== a || other.columns[1] !== b) {
      throw new RangeError(
        `expected an accumulator of ${a} × ${b}, got ${other.columns.join(' × ')}. Merge accumulators of the same widths.`,
      );
    }
    const sums = this.#sums.data;
    const { data } = other.crossGram();
    for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) + (data[at] as number);
    this.#rows += other.rows;
  }

  crossGram(): Float64Matrix {
    return { ...this.#sums, data: this.#sums.data.slice() };
  }
}

import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import type { SpectrumSolver } from '../solvers/spectrumSolver.ts';

/** The singular values of the rows that an accumulator has seen. */
export interface Spectrum {
  /** Descending: all min(n, d), zeros included, or the `largest` that were asked for. */
  readonly singularValues: Float64Array;
  /**
   * For each value a bound of its absolute error: |computed − true| ≤ bound, where the true value is that of the rows as
   * given.
   */
  readonly errorBounds: Float64Array;
  /** n: the number of rows. */
  readonly rows: number;
}

/** Options of {@link SpectrumAccumulator.finish}. */
export interface FinishOptions {
  /** How many values to compute, the largest ones; more than there are means all. Defaults to all. */
  readonly largest?: number | undefined;
  /** The solver of the eigenvalue problem. Defaults to one in this thread. */
  readonly solver?: SpectrumSolver | undefined;
}

/** The method of an accumulator: the form in which it keeps the rows. */
export type AccumulatorMethod = 'gram' | 'dual' | 'tsqr' | 'frequent-directions';

/**
 * Takes the rows of a matrix J in blocks of any size and gives its singular values, each with a bound of its error.
 *
 * It is a commutative monoid: an accumulator without rows is neutral, and any split of the rows over accumulators,
 * merged in any order, gives the same spectrum to within the bounds. It may travel as bytes in between. Four methods:
 * {@link gramAccumulator} for any number of rows, {@link dualAccumulator} for fewer rows than columns,
 * {@link tsqrAccumulator} for small values to the last digit, {@link frequentDirectionsAccumulator} for a fixed memory.
 */
export interface SpectrumAccumulator {
  readonly method: AccumulatorMethod;
  /** d: the width of every row. */
  readonly columns: number;
  /** n: how many rows have been added. */
  readonly rows: number;

  /**
   * Adds a block of rows, which is read and not kept; float32 rows are taken as the numbers they are.
   *
   * @throws RangeError if its width is not `columns` or it holds NaN or an infinity.
   */
  add(rows: DenseMatrix): void;

  /**
   * Adds all rows of another accumulator, which does not change. It must be of the same method, except that `gram` takes any.
   *
   * @throws RangeError if its width is not `columns`, or its method another one.
   */
  merge(other: SpectrumAccumulator): void;

  /**
   * The accumulator of J M for the rows J seen so far, of the same method. This one is not changed.
   *
   * @param matrix - M, d × m with m ≥ 1, such as a first layer's weights.
   * @throws RangeError if M does not have d rows, has no columns, or holds NaN or an infinity.
   */
  times(matrix: DenseMatrix): SpectrumAccumulator;

  /**
   * Replaces J by J diag(s) for the rows seen so far: the derivative with respect to x if x is scaled by s.
   *
   * @param diagonal - s, one finite factor a column.
   * @throws RangeError if there are not `columns` factors or one is not finite.
   */
  scaleColumns(diagonal: ArrayLike<number>): void;

  /** JᵀJ = Σ r rᵀ over the rows r: d × d, both triangles, in an array of its own. */
  gram(): DenseMatrix;

  /** A bound of ‖{@link gram} − JᵀJ‖₂. */
  gramErrorBound(): number;

  /**
   * The state as bytes. {@link accumulatorFromBytes} reads them on any machine.
   *
   * @throws RangeError if the squares of the rows have overflowed.
   */
  toBytes(): Uint8Array;

  /**
   * The spectrum of the rows seen so far. Add no rows before the promise is settled; more may be added then.
   *
   * @throws RangeError if no row has been added, `largest` is not a count, or the squares of the rows overflow (entries
   * near 1e150; `tsqr` forms no squares).
   */
  finish(options?: FinishOptions): Promise<Spectrum>;
}

/** Refuses factors that are not one finite number a column. */
export function checkDiagonal(diagonal: ArrayLike<number>, columns: number): void {
  if (diagonal.length !== columns) {
    throw new RangeError(`expected ${columns} factors, got ${diagonal.length}. Give one for each column.`);
  }
  for (let j = 0; j < columns; j++) {
    if (!Number.isFinite(diagonal[j])) {
      throw new RangeError(`expected finite factors, got ${diagonal[j]} for column ${j}. Give a number.`);
    }
  }
}

import type { DenseMatrix } from './denseMatrix.ts';
import type { PackedTriangle } from './packedTriangle.ts';
import { triangleEigenvalues } from './symmetricEigenvalues.ts';

/** The singular values of the rows that an accumulator has seen. */
export interface RowSpectrum {
  /** All min(n, columns) singular values, descending, zeros included. */
  readonly singularValues: Float64Array;
  /** n: how many rows they are of. */
  readonly rows: number;
}

/**
 * Takes the rows of a matrix J in blocks of any size and gives its singular values, in float64.
 *
 * It is a commutative monoid: an accumulator without rows is neutral, and any split of the rows over accumulators,
 * merged in any order, gives the same spectrum to within rounding. Two kinds: {@link gramAccumulator} for any number
 * of rows, {@link rowsAccumulator} for fewer rows than columns.
 */
export interface SpectrumAccumulator {
  /** d: the width of every row. */
  readonly columns: number;
  /** n: how many rows have been added. */
  readonly rows: number;

  /**
   * Adds a block of rows, which is read and not kept.
   *
   * @throws RangeError where its width is not `columns` or it holds NaN or an infinity.
   */
  add(rows: DenseMatrix): void;

  /**
   * Adds all that another accumulator has seen, which is not changed.
   *
   * @throws RangeError where its width is not `columns`, or it no longer has the rows that this kind needs.
   */
  merge(other: SpectrumAccumulator): void;

  /**
   * Replaces J by J diag(s) for the rows seen so far: the derivative with respect to x where x is scaled by s.
   *
   * @param diagonal - s, one finite factor a column.
   * @throws RangeError where there are not `columns` factors or one is not finite.
   */
  scaleColumns(diagonal: ArrayLike<number>): void;

  /** JᵀJ = Σ r rᵀ over the rows r: d × d, both triangles, in an array of its own. */
  gram(): DenseMatrix;

  /**
   * The spectrum of the rows seen so far; more may be added afterwards.
   *
   * @throws RangeError where no row has been added, or the squares of the rows overflow (entries near 1e150).
   */
  finish(): RowSpectrum;
}

/** The spectrum of n rows from JᵀJ or J Jᵀ: roots of the eigenvalues, those that rounding made negative set to 0. */
export function spectrumOfProducts(
  products: PackedTriangle,
  shape: { rows: number; columns: number },
): RowSpectrum {
  const { rows, columns } = shape;
  if (rows === 0) {
    throw new RangeError('expected at least one row, got none. Add rows before the spectrum is taken.');
  }
  const eigenvalues = triangleEigenvalues(products).subarray(0, Math.min(rows, columns));
  return { singularValues: eigenvalues.map((value) => Math.sqrt(Math.max(0, value))), rows };
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

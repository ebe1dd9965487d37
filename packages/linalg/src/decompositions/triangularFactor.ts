import { rowsBetween } from '../matrix/rows.ts';
import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { type PackedTriangle, zeroTriangle } from '../matrix/packedTriangle.ts';
import {
  allTimesPowerOfTwo,
  euclideanNorm,
  exponentOf,
  largestSize,
  timesPowerOfTwo,
} from '../rounding/powersOfTwo.ts';
import { SMALLEST, UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import { rowsAtOnce, takeRows } from './takeRows.ts';

/** Exponents of the largest entry that need no scaling: squares of all entries that matter stay within float64. */
const SAFE_EXPONENT = 200;

/**
 * Of [L; B] with m rows of width d in B, a factorization is off by at most 4 √(d + m) u in the Frobenius norm, relative to
 * that of [L; B].
 *
 * Each of d reflections rounds every row entry once, and forms sums of m + 1 products whose errors grow with the cosine of
 * two columns. As independent errors they add up to no more than √(d + m) times one of them. Errors of several
 * factorizations are not taken as independent.
 *
 * Source: Connolly and Higham, "Probabilistic rounding error analysis of Householder QR factorization", 2023.
 */
const REFLECTION_ERROR = 4 * UNIT_ROUNDOFF;

/** The distance of [L; B], with that many rows in B, from the matrix that is factored, relative to its Frobenius norm. */
export function factorizationError(order: number, rows: number): number {
  return REFLECTION_ERROR * Math.sqrt(order + rows);
}

/** The parts of a {@link TriangularFactor}. */
export interface FactorState {
  readonly triangle: PackedTriangle;
  readonly exponent: number;
  readonly error: number;
}

/**
 * L of a factorization J = Q L 2^exponent, with Q'Q = I and L lower triangular, so that J has the singular values of L 2^exponent:
 * J to within 2^exponent times `error` in the Frobenius norm.
 */
export class TriangularFactor implements FactorState {
  readonly triangle: PackedTriangle;
  #exponent: number;
  #error: number;

  constructor(state: FactorState) {
    this.triangle = state.triangle;
    this.#exponent = state.exponent;
    this.#error = state.error;
  }

  /** That of no rows. */
  static ofNothing(order: number): TriangularFactor {
    return new TriangularFactor({ triangle: zeroTriangle(order), exponent: 0, error: 0 });
  }

  get exponent(): number {
    return this.#exponent;
  }

  get error(): number {
    return this.#error;
  }

  /** ‖L‖_F. */
  norm(): number {
    return euclideanNorm(this.triangle.entries);
  }

  copy(): TriangularFactor {
    const { order, entries } = this.triangle;
    const triangle = { order, entries: entries.slice() };
    return new TriangularFactor({ triangle, exponent: this.#exponent, error: this.#error });
  }

  /**
   * Adds rows to J.
   *
   * @param rows - at most as many columns as L has; missing columns count as zeros.
   * @param exponent - of a power of two that the rows are meant to be multiplied by.
   * @param error - a bound of their error, in the Frobenius norm, before that multiplication.
   */
  take(rows: DenseMatrix, exponent: number = 0, error: number = 0): void {
    const most = rowsAtOnce(this.triangle.order);
    for (let first = 0; first < rows.rows; first += most) {
      this.#takeBlock(rowsBetween(rows, first, Math.min(first + most, rows.rows)), exponent);
    }
    this.#error += timesPowerOfTwo(error, exponent - this.#exponent);
  }

  /** Adds the rows of another factor to J. */
  takeFactor({ triangle, exponent, error }: FactorState): void {
    for (const rows of blocksOf(triangle)) this.take(rows, exponent);
    this.#error += timesPowerOfTwo(error, exponent - this.#exponent);
  }

  /** Replaces J by J diag(s). */
  scaleColumns(diagonal: ArrayLike<number>): void {
    const largest = largestSize(diagonal);
    const exponent = largest === 0 ? 0 : exponentOf(largest);
    const { entries, order } = this.triangle;
    for (let i = 0, at = 0; i < order; i++) {
      for (let j = 0; j <= i; j++, at++) {
        entries[at] = (entries[at] as number) * timesPowerOfTwo(diagonal[j] as number, -exponent);
      }
    }
    const factor = timesPowerOfTwo(largest, -exponent);
    this.#error = this.#error * factor + UNIT_ROUNDOFF * this.norm() + order * SMALLEST;
    this.#exponent += exponent;
  }

  #takeBlock(rows: DenseMatrix, exponent: number): void {
    const size = largestSize(rows.data);
    if (size === 0) return;
    const own = this.norm();
    const largest = Math.max(exponentOf(size) + exponent, exponentOf(own) + this.#exponent);
    if (Math.abs(largest - this.#exponent) > SAFE_EXPONENT) this.#rescale(largest);
    const shift = exponent - this.#exponent;
    const block = shift === 0 ? rows : { ...rows, data: allTimesPowerOfTwo(rows.data, shift) };
    const norm = Math.hypot(this.norm(), euclideanNorm(block.data));
    takeRows(this.triangle, block);
    const rounding = factorizationError(this.triangle.order, rows.rows) * norm;
    // Errors of successive factorizations may all have the same direction, for example if each of many small blocks is lost.
    this.#error += rounding + (shift === 0 ? 0 : rows.data.length * SMALLEST);
  }

  #rescale(exponent: number): void {
    const { entries, order } = this.triangle;
    entries.set(allTimesPowerOfTwo(entries, this.#exponent - exponent));
    this.#error = timesPowerOfTwo(this.#error, this.#exponent - exponent) + order * SMALLEST;
    this.#exponent = exponent;
  }
}

/** The rows of a lower triangular matrix, some at a time, as wide as the last of them. */
export function* blocksOf({ entries, order }: PackedTriangle): Generator<DenseMatrix> {
  const most = rowsAtOnce(order);
  for (let first = 0; first < order; first += most) {
    const columns = Math.min(order, first + most);
    const data = new Float64Array((columns - first) * columns);
    for (let i = first; i < columns; i++) {
      const from = (i * (i + 1)) / 2;
      data.set(entries.subarray(from, from + i + 1), (i - first) * columns);
    }
    yield { rows: columns - first, columns, data };
  }
}

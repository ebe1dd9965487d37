import { rowsBetween } from '../matrix/rows.ts';
import { type AccumulatorState, bytesOfState, checkSize } from './accumulatorState.ts';
import { checkCount, checkFactor, checkFinite, checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { diagonalOf, toDense, zeroTriangle } from '../matrix/packedTriangle.ts';
import {
  allTimesPowerOfTwo,
  euclideanNorm,
  exponentOf,
  largestSize,
  timesPowerOfTwo,
} from '../rounding/powersOfTwo.ts';
import { SLACK, SMALLEST, sumError, UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import { addProductsOfColumns } from '../matrix/rowProducts.ts';
import {
  checkDiagonal,
  type FinishOptions,
  type Spectrum,
  type SpectrumAccumulator,
} from './spectrumAccumulator.ts';
import { checkSpectrumOptions, checkSquares } from './spectrumOfProducts.ts';
import { inThisThread } from '../solvers/spectrumSolver.ts';
import { rowsAtOnce } from '../decompositions/takeRows.ts';
import { blocksOf, TriangularFactor } from '../decompositions/triangularFactor.ts';
import { singularValueErrorBound } from '../solvers/triangularSingularValues.ts';

/**
 * An accumulator of the triangle L in J = Q L, by a streaming QR factorization ("tall and skinny QR") that never forms
 * squares: every value is good to some 1e-15 of the largest, so that small ones, ranks and determinants can be trusted.
 *
 * Memory d (d + 1) / 2 numbers, and up to 512 rows that wait until they are factored together; 2 d² operations a row, twice
 * as many as {@link gramAccumulator} takes. As long as all rows wait and are fewer than d, no triangle of order d exists.
 * Entries of any size are scaled.
 *
 * The error bounds take the rounding errors within some 512 rows as independent, as is usual; the errors of successive
 * blocks are added up, some 1e-14 of ‖J‖_F for each.
 *
 * @param columns - d, at least 1.
 * @throws RangeError if `columns` is not such a number.
 *
 * Source: Demmel, Grigori, Hoemmen, Langou, "Communication-optimal parallel and sequential QR and LU factorizations", 2012;
 * Connolly and Higham, "Probabilistic rounding error analysis of Householder QR factorization", 2023.
 *
 * @example
 * ```ts
 * import { tsqrAccumulator } from '@edjm/linalg';
 *
 * const accumulator = tsqrAccumulator(2);
 * accumulator.add({ rows: 3, columns: 2, data: Float64Array.of(3, 0, 0, 4e-12, 0, 0) });
 * const { singularValues } = await accumulator.finish();
 * console.log(singularValues); // Float64Array [ 3, 4e-12 ]
 * ```
 */
export function tsqrAccumulator(columns: number): TsqrAccumulator {
  checkCount(columns, 'the number of columns', 1);
  return new TriangleOfRows(columns);
}

/** The accumulator that was made into this state. */
export function tsqrOfState(state: AccumulatorState): SpectrumAccumulator {
  return TriangleOfRows.from(state);
}

/** Sums of products of numbers above it, with others near 1, may overflow. */
const LARGE_EXPONENT = 900;

/** The rounding error of products of sums of d terms, relative to the Frobenius norms of the factors, as independent errors. */
const productError = (depth: number): number => 4 * Math.sqrt(depth) * UNIT_ROUNDOFF;

/** A {@link SpectrumAccumulator} that keeps the triangle of the rows. */
export interface TsqrAccumulator extends SpectrumAccumulator {
  /**
   * L of J = Q L with QᵀQ = I, as a matrix: d × d, lower triangular, with LᵀL = JᵀJ. If J has fewer rows than columns, the
   * first rows are zeros.
   *
   * @throws RangeError if entries have overflowed.
   */
  triangle(): Float64Matrix;
}

class TriangleOfRows implements TsqrAccumulator {
  readonly method = 'tsqr';
  readonly columns: number;
  #rows = 0;
  /** The factor of all rows except the waiting ones; undefined if there are none. */
  #factor: TriangularFactor | undefined;
  #waiting: Float64Array = new Float64Array(0);
  #waitingRows = 0;
  /** A bound of the distance of the waiting rows from the true ones, in the Frobenius norm. */
  #waitingError = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  static from({ columns, rows, counters, entries }: AccumulatorState): TriangleOfRows {
    const [waitingRows = NaN, waitingError = NaN, exponent = NaN, error = NaN] = counters;
    checkCount(waitingRows, 'the number of waiting rows', 0);
    checkSize(waitingError, 'an error');
    const result = new TriangleOfRows(columns);
    const inTriangle = entries.length - waitingRows * columns;
    const isWhole = inTriangle === 0 ? waitingRows === rows : inTriangle === (columns * (columns + 1)) / 2;
    if (!isWhole || counters.length !== 4 || waitingRows > Math.min(rows, rowsAtOnce(columns))) {
      throw new RangeError(
        `expected the triangle of ${columns} columns and ${waitingRows} rows, got ${entries.length} entries. ` +
          'The bytes are cut off or damaged.',
      );
    }
    if (inTriangle > 0) {
      checkSize(error, 'an error');
      checkCount(Math.abs(exponent), 'the size of an exponent', 0);
      const triangle = zeroTriangle(columns);
      triangle.entries.set(entries.subarray(0, inTriangle));
      result.#factor = new TriangularFactor({ triangle, exponent, error });
    }
    result.#rows = rows;
    result.#waiting = entries.slice(inTriangle);
    result.#waitingRows = waitingRows;
    result.#waitingError = waitingError;
    return result;
  }

  get rows(): number {
    return this.#rows;
  }

  add(block: DenseMatrix): void {
    checkShape(block, this.columns);
    checkFinite(block);
    this.#enqueue(block);
    this.#rows += block.rows;
  }

  merge(other: SpectrumAccumulator): void {
    if (!(other instanceof TriangleOfRows)) {
      throw new RangeError(
        `expected an accumulator of tsqr, got one of ${other.method}. Merge it into gramAccumulator instead.`,
      );
    }
    if (other.columns !== this.columns) {
      throw new RangeError(
        `expected ${this.columns} columns, got ${other.columns}. Merge accumulators of one width.`,
      );
    }
    const { rows } = other;
    const waiting = other === this ? copyOf(this.#waitingMatrix()) : other.#waitingMatrix();
    const waitingError = other.#waitingError;
    if (other.#factor) this.#ownFactor().takeFactor(other === this ? other.#factor.copy() : other.#factor);
    this.#enqueue(waiting);
    this.#waitingError = Math.hypot(this.#waitingError, waitingError);
    this.#rows += rows;
  }

  times(matrix: DenseMatrix): SpectrumAccumulator {
    checkFactor(matrix, this.columns);
    const { columns } = matrix;
    const result = new TriangleOfRows(columns);
    result.#rows = this.#rows;
    // With its largest entry near 1, only results that are too large themselves overflow.
    const size = largestSize(matrix.data);
    const exponent = size === 0 ? 0 : exponentOf(size);
    const factor = { ...matrix, data: allTimesPowerOfTwo(matrix.data, -exponent) };
    const norm = spectralNormBound(factor);
    const rounding = productError(this.columns) * euclideanNorm(factor.data);
    if (this.#factor) {
      const target = result.#ownFactor();
      for (const rows of blocksOf(this.#factor.triangle)) {
        const first = rowsBetween(factor, 0, rows.columns);
        target.take(multiply(rows, first), this.#factor.exponent + exponent);
      }
      const error = this.#factor.error * norm + this.#factor.norm() * rounding + columns * SMALLEST;
      target.take(emptyRows(columns), this.#factor.exponent + exponent, error);
    }
    const waiting = this.#waitingMatrix();
    // Sums of the largest numbers stay in range too. Numbers so small that they are rounded away beside them do not matter.
    const down = exponentOf(largestSize(waiting.data)) > LARGE_EXPONENT ? LARGE_EXPONENT : 0;
    const product = multiply(
      down === 0 ? waiting : { ...waiting, data: allTimesPowerOfTwo(waiting.data, -down) },
      factor,
    );
    const data = allTimesPowerOfTwo(product.data, exponent + down);
    checkFinite({ ...product, data });
    result.#enqueue({ ...product, data });
    const error = this.#waitingError * norm + euclideanNorm(waiting.data) * rounding;
    result.#waitingError = timesPowerOfTwo(error, exponent) + (this.columns + 1) * data.length * SMALLEST;
    return result;
  }

  scaleColumns(diagonal: ArrayLike<number>): void {
    checkDiagonal(diagonal, this.columns);
    const { rows, data } = copyOf(this.#waitingMatrix());
    for (let row = 0, at = 0; row < rows; row++) {
      for (let j = 0; j < this.columns; j++, at++) {
        data[at] = (data[at] as number) * (diagonal[j] as number);
      }
    }
    checkFinite({ rows, columns: this.columns, data });
    this.#waiting = data;
    this.#waitingError =
      this.#waitingError * largestSize(diagonal) +
      UNIT_ROUNDOFF * euclideanNorm(data) +
      data.length * SMALLEST;
    this.#factor?.scaleColumns(diagonal);
  }

  gram(): DenseMatrix {
    const products = zeroTriangle(this.columns);
    if (this.#factor) {
      for (const rows of blocksOf(this.#factor.triangle)) {
        addProductsOfColumns({ order: rows.columns, entries: products.entries }, rows);
      }
      products.entries.set(allTimesPowerOfTwo(products.entries, 2 * this.#factor.exponent));
    }
    addProductsOfColumns(products, this.#waitingMatrix());
    checkSquares(diagonalOf(products));
    return toDense(products);
  }

  triangle(): Float64Matrix {
    this.#takeWaiting();
    const { triangle, exponent } = this.#ownFactor();
    const { columns } = this;
    const data = new Float64Array(columns * columns);
    for (let i = 0; i < columns; i++) {
      const row = triangle.entries.subarray((i * (i + 1)) / 2, (i * (i + 1)) / 2 + i + 1);
      data.set(allTimesPowerOfTwo(row, exponent), i * columns);
    }
    const matrix = { rows: columns, columns, data };
    checkFinite(matrix);
    return matrix;
  }

  gramErrorBound(): number {
    const waiting = this.#waitingMatrix();
    const exponent = this.#factor?.exponent ?? 0;
    const inFactor = timesPowerOfTwo(this.#factor?.norm() ?? 0, exponent);
    const norm = Math.hypot(inFactor, euclideanNorm(waiting.data));
    const error = Math.hypot(timesPowerOfTwo(this.#factor?.error ?? 0, exponent), this.#waitingError);
    const sums = sumError(this.columns + waiting.rows + 1) * norm * norm;
    const underflow = this.columns ** 2 * (this.columns + waiting.rows) * SMALLEST;
    return (error * (2 * norm + error) + sums) * SLACK + underflow;
  }

  toBytes(): Uint8Array {
    const { columns } = this;
    const waiting = this.#waitingMatrix().data;
    const triangle = this.#factor?.triangle.entries.subarray(0, (columns * (columns + 1)) / 2);
    const entries = new Float64Array((triangle?.length ?? 0) + waiting.length);
    if (triangle) entries.set(triangle);
    entries.set(waiting, triangle?.length ?? 0);
    const { exponent = 0, error = 0 } = this.#factor ?? {};
    const counters = [this.#waitingRows, this.#waitingError, exponent, error];
    return bytesOfState({ method: this.method, columns, rows: this.#rows, counters, entries });
  }

  async finish({ largest, solver = inThisThread }: FinishOptions = {}): Promise<Spectrum> {
    checkSpectrumOptions(this.#rows, largest);
    const { rows } = this;
    const factor = this.#wholeFactor();
    const { triangle, exponent, error } = factor;
    const frobenius = factor.norm();
    const count = Math.min(rows, this.columns, largest ?? Infinity);
    const found = await solver.triangularSingularValues(triangle, Math.min(triangle.order, count));
    const spectral = (found[0] ?? 0) * (1 + 2 ** -20);
    const bound = (error + singularValueErrorBound(triangle.order, { spectral, frobenius })) * SLACK;
    const singularValues = allTimesPowerOfTwo(found, exponent);
    if (singularValues[0] === Infinity) {
      throw new RangeError('expected singular values within float64, got Infinity. Scale the rows down.');
    }
    const errorBounds = singularValues.map(() => timesPowerOfTwo(bound, exponent) + SMALLEST);
    return { singularValues, errorBounds, rows };
  }

  /** A factor that later changes leave alone: of Jᵀ if all rows wait and are fewer than the columns. */
  #wholeFactor(): TriangularFactor {
    const waiting = this.#waitingMatrix();
    if (this.#factor === undefined && waiting.rows < this.columns) {
      const factor = TriangularFactor.ofNothing(waiting.rows);
      for (const columns of columnsOf(waiting, rowsAtOnce(waiting.rows))) factor.take(columns);
      factor.take(emptyRows(waiting.rows), 0, this.#waitingError);
      return factor;
    }
    this.#takeWaiting();
    return this.#ownFactor().copy();
  }

  #ownFactor(): TriangularFactor {
    return (this.#factor ??= TriangularFactor.ofNothing(this.columns));
  }

  #waitingMatrix(): DenseMatrix {
    return rowsBetween({ rows: 0, columns: this.columns, data: this.#waiting }, 0, this.#waitingRows);
  }

  #takeWaiting(): void {
    if (this.#waitingRows === 0) return;
    this.#ownFactor().take(this.#waitingMatrix(), 0, this.#waitingError);
    this.#waitingRows = 0;
    this.#waitingError = 0;
  }

  /** Rows wait until there are enough of them to be taken at once. */
  #enqueue(block: DenseMatrix): void {
    const most = rowsAtOnce(this.columns);
    for (let first = 0; first < block.rows;) {
      if (this.#waitingRows === most) this.#takeWaiting();
      const left = block.rows - first;
      if (this.#waitingRows === 0 && left > most) {
        this.#ownFactor().take(rowsBetween(block, first, first + most));
        first += most;
        continue;
      }
      const count = Math.min(most - this.#waitingRows, left);
      this.#makeRoom(this.#waitingRows + count);
      this.#waiting.set(rowsBetween(block, first, first + count).data, this.#waitingRows * this.columns);
      this.#waitingRows += count;
      first += count;
    }
  }

  #makeRoom(rows: number): void {
    if (rows * this.columns <= this.#waiting.length) return;
    const kept = this.#waiting;
    const room = Math.min(rowsAtOnce(this.columns), Math.max(rows, 2 * this.#waitingRows));
    this.#waiting = new Float64Array(room * this.columns);
    this.#waiting.set(kept);
  }
}

const emptyRows = (columns: number): DenseMatrix => ({ rows: 0, columns, data: new Float64Array(0) });

function copyOf({ rows, columns, data }: DenseMatrix): Float64Matrix {
  return { rows, columns, data: Float64Array.from(data) };
}

/** A bound of ‖A‖₂: the smaller of ‖A‖_F and √(‖A‖₁ ‖A‖_∞). */
function spectralNormBound({ rows, columns, data }: DenseMatrix): number {
  const columnSums = new Float64Array(columns);
  let largestRow = 0;
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++, at++) {
      const size = Math.abs(data[at] as number);
      sum += size;
      columnSums[j] = (columnSums[j] as number) + size;
    }
    largestRow = Math.max(largestRow, sum);
  }
  return Math.min(euclideanNorm(data), Math.sqrt(largestSize(columnSums) * largestRow)) * SLACK;
}

/** The columns of a matrix as rows, some at a time. */
function* columnsOf({ rows, columns, data }: DenseMatrix, most: number): Generator<DenseMatrix> {
  for (let first = 0; first < columns; first += most) {
    const count = Math.min(most, columns - first);
    const result = new Float64Array(count * rows);
    for (let i = 0; i < rows; i++) {
      const from = i * columns + first;
      for (let j = 0; j < count; j++) result[j * rows + i] = data[from + j] as number;
    }
    yield { rows: count, columns: rows, data: result };
  }
}

import { type AccumulatorState, bytesOfState, checkSize, checkState } from './accumulatorState.ts';
import { checkCount, checkFactor, checkFinite, checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix } from '../matrix/denseMatrix.ts';
import { gramAccumulator } from './gramAccumulator.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { zeroTriangle } from '../matrix/packedTriangle.ts';
import { errorOfPanels, EXACT } from '../rounding/productError.ts';
import { euclideanNorm, largestSize } from '../rounding/powersOfTwo.ts';
import { SLACK, SMALLEST, sumError, UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import { addProductsOfRows } from '../matrix/rowProducts.ts';
import {
  checkDiagonal,
  type FinishOptions,
  type Spectrum,
  type SpectrumAccumulator,
} from './spectrumAccumulator.ts';
import { spectrumOfProducts } from './spectrumOfProducts.ts';

/** A {@link SpectrumAccumulator} that keeps J itself. */
export interface DualAccumulator extends SpectrumAccumulator {
  /** How many rows it can hold. */
  readonly capacity: number;
  /** J, the rows seen so far: a view that the next call may change. */
  matrix(): DenseMatrix;
}

/**
 * An accumulator of the rows themselves, for n ≤ d: the spectrum comes from the n × n matrix J Jᵀ, which gets cheaper with
 * fewer rows. Memory capacity × d numbers, allocated at once. With more rows than columns the spectrum comes from JᵀJ.
 * Accuracy as {@link gramAccumulator}, except that *rows* of very different scale do no harm.
 *
 * It merges only with its own kind: a sum of squares cannot be taken apart into rows.
 *
 * @param columns - d, at least 1.
 * @param capacity - the most rows that it will hold, at least 1; adding more throws a RangeError.
 * @throws RangeError if an argument is not such a number.
 *
 * @example
 * ```ts
 * import { dualAccumulator } from '@edjm/linalg';
 *
 * const accumulator = dualAccumulator(3, 10);
 * accumulator.add({ rows: 2, columns: 3, data: Float64Array.of(3, 0, 0, 0, 4, 0) });
 * const { singularValues } = await accumulator.finish();
 * console.log(singularValues); // Float64Array [ 4, 3 ]
 * ```
 */
export function dualAccumulator(columns: number, capacity: number): DualAccumulator {
  checkCount(columns, 'the number of columns', 1);
  checkCount(capacity, 'the capacity', 1);
  return new KeptRows({
    columns,
    capacity,
    rows: 0,
    data: new Float64Array(columns * capacity),
    error: { relative: 0, absolute: 0 },
  });
}

/** The accumulator with this state. It allocates its full capacity when more rows are added. */
export function dualOfState(state: AccumulatorState): DualAccumulator {
  const { columns, rows, counters, entries } = state;
  checkState(state, { counters: 3, entries: columns * rows });
  const [capacity = 0, relative = 0, absolute = 0] = counters;
  checkCount(capacity, 'the capacity', Math.max(1, rows));
  checkSize(relative, 'a relative error');
  checkSize(absolute, 'an absolute error');
  return new KeptRows({ columns, capacity, rows, data: entries, error: { relative, absolute } });
}

/**
 * How far the rows that are kept may be from those given: |Ĵ − J| ≤ relative |J| entry by entry, after scaling, and beyond
 * that by `absolute` in the Frobenius norm.
 */
interface RowError {
  readonly relative: number;
  readonly absolute: number;
}

interface Kept {
  readonly columns: number;
  readonly capacity: number;
  readonly rows: number;
  /** Room for at least these rows. */
  readonly data: Float64Array;
  readonly error: RowError;
}

/** Numbers up to which the whole capacity is taken with the first row. */
const LARGEST_AT_ONCE = 2 ** 28;

class KeptRows implements DualAccumulator {
  readonly method = 'dual';
  readonly columns: number;
  readonly capacity: number;
  #data: Float64Array;
  #rows: number;
  #error: RowError;

  constructor({ columns, capacity, rows, data, error }: Kept) {
    this.columns = columns;
    this.capacity = capacity;
    this.#data = data;
    this.#rows = rows;
    this.#error = error;
  }

  get rows(): number {
    return this.#rows;
  }

  add(block: DenseMatrix): void {
    checkShape(block, this.columns);
    checkFinite(block);
    if (this.#rows + block.rows > this.capacity) {
      throw new RangeError(
        `expected at most ${this.capacity} rows, got ${this.#rows + block.rows}. ` +
          'Give a larger capacity, or use gramAccumulator, which has no limit.',
      );
    }
    this.#makeRoom(this.#rows + block.rows);
    this.#data.set(block.data, this.#rows * this.columns);
    this.#rows += block.rows;
  }

  merge(other: SpectrumAccumulator): void {
    if (!(other instanceof KeptRows)) {
      throw new RangeError(
        `expected an accumulator that keeps its rows, got one of ${other.method}. Merge into gramAccumulator instead.`,
      );
    }
    this.add(other.matrix());
    this.#error = {
      relative: Math.max(this.#error.relative, other.#error.relative),
      absolute: Math.hypot(this.#error.absolute, other.#error.absolute),
    };
  }

  times(matrix: DenseMatrix): DualAccumulator {
    checkFactor(matrix, this.columns);
    const { columns } = matrix;
    const { relative, absolute } = this.#error;
    const rounding = (relative + sumError(this.columns) * (1 + relative)) * this.#norm();
    const underflow = Math.sqrt(this.#rows * columns) * this.columns * SMALLEST;
    return new KeptRows({
      columns,
      capacity: this.capacity,
      rows: this.#rows,
      data: multiply(this.matrix(), matrix).data,
      error: {
        relative: 0,
        absolute: (rounding + absolute) * euclideanNorm(matrix.data) * SLACK + underflow,
      },
    });
  }

  scaleColumns(diagonal: ArrayLike<number>): void {
    checkDiagonal(diagonal, this.columns);
    for (let row = 0, at = 0; row < this.#rows; row++) {
      for (let j = 0; j < this.columns; j++, at++) {
        this.#data[at] = (this.#data[at] as number) * (diagonal[j] as number);
      }
    }
    const { relative, absolute } = this.#error;
    this.#error = {
      relative: relative + UNIT_ROUNDOFF * (1 + relative),
      absolute: absolute * largestSize(diagonal) * SLACK + Math.sqrt(this.#rows * this.columns) * SMALLEST,
    };
  }

  matrix(): DenseMatrix {
    const data = this.#data.subarray(0, this.#rows * this.columns);
    return { rows: this.#rows, columns: this.columns, data };
  }

  gram(): DenseMatrix {
    return this.#sum().gram();
  }

  gramErrorBound(): number {
    const ofRows = this.#rowError();
    const ofProducts = this.#sum().gramErrorBound();
    return ofRows === 0 ? ofProducts : (ofProducts + ofRows * (2 * this.#norm() + ofRows)) * SLACK;
  }

  toBytes(): Uint8Array {
    return bytesOfState({
      method: this.method,
      columns: this.columns,
      rows: this.#rows,
      counters: [this.capacity, this.#error.relative, this.#error.absolute],
      entries: this.#data.subarray(0, this.#rows * this.columns),
    });
  }

  async finish(options?: FinishOptions): Promise<Spectrum> {
    const ofRows = this.#rowError();
    const spectrum = await (this.#rows > this.columns
      ? this.#sum().finish(options)
      : this.#dualSpectrum(options));
    return ofRows === 0
      ? spectrum
      : { ...spectrum, errorBounds: spectrum.errorBounds.map((bound) => (bound + ofRows) * SLACK) };
  }

  #sum(): SpectrumAccumulator {
    const sum = gramAccumulator(this.columns);
    sum.add(this.matrix());
    return sum;
  }

  #dualSpectrum(options?: FinishOptions): Promise<Spectrum> {
    const { rows, columns } = this;
    const products = zeroTriangle(rows);
    addProductsOfRows(products, this.matrix());
    return spectrumOfProducts(
      { products, error: errorOfPanels(EXACT, columns, rows), rows, columns },
      options,
    );
  }

  #makeRoom(rows: number): void {
    if (rows * this.columns <= this.#data.length) return;
    const kept = this.#data;
    // Pages that are not written to cost nothing, whereas copies do. But the capacity that a file claims may be absurdly large.
    const isModest = this.capacity * this.columns <= LARGEST_AT_ONCE;
    const room = isModest ? this.capacity : Math.min(this.capacity, Math.max(rows, 2 * this.#rows));
    this.#data = new Float64Array(room * this.columns);
    this.#data.set(kept);
  }

  /** A bound of ‖Ĵ − J‖. */
  #rowError(): number {
    const { relative, absolute } = this.#error;
    if (relative >= 1) return Infinity;
    return relative === 0 ? absolute : (relative * this.#norm() + absolute) * SLACK;
  }

  /** A bound of the Frobenius norms of J and of the rows that are kept. */
  #norm(): number {
    const { relative, absolute } = this.#error;
    const { data } = this.matrix();
    if (relative >= 1) return Infinity;
    return ((euclideanNorm(data) + absolute) * SLACK) / (1 - relative);
  }
}

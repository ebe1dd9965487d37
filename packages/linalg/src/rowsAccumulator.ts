import { checkCount, checkFinite, checkShape } from './checkMatrix.ts';
import type { DenseMatrix } from './denseMatrix.ts';
import { gramAccumulator } from './gramAccumulator.ts';
import { zeroTriangle } from './packedTriangle.ts';
import { addRowProducts, panelFor, panelRanges } from './rowProducts.ts';
import {
  checkDiagonal,
  type RowSpectrum,
  type SpectrumAccumulator,
  spectrumOfProducts,
} from './spectrumAccumulator.ts';

/** A {@link SpectrumAccumulator} that keeps J itself. */
export interface RowsAccumulator extends SpectrumAccumulator {
  /** How many rows it can hold. */
  readonly capacity: number;
  /** J, the rows seen so far: a view that the next call may change. */
  matrix(): DenseMatrix;
}

/**
 * An accumulator of the rows themselves, for n ≤ d: the spectrum comes from the n × n matrix J Jᵀ, which is the cheaper
 * the fewer rows there are. Memory capacity × d numbers, taken at once. With more rows than columns it goes over
 * JᵀJ. Accuracy as {@link gramAccumulator}, except that *rows* of very different scale do no harm.
 *
 * It merges only with its own kind: a sum of squares cannot be taken apart into rows.
 *
 * @param columns - d, at least 1.
 * @param capacity - the most rows that it will hold, at least 1; adding more throws a RangeError.
 * @throws RangeError where an argument is no such number.
 *
 * @example
 * ```ts
 * import { rowsAccumulator } from '@edjm/linalg';
 *
 * const accumulator = rowsAccumulator(3, 10);
 * accumulator.add({ rows: 2, columns: 3, data: Float64Array.of(3, 0, 0, 0, 4, 0) });
 * console.log(accumulator.finish()); // { singularValues: Float64Array [ 4, 3 ], rows: 2 }
 * ```
 */
export function rowsAccumulator(columns: number, capacity: number): RowsAccumulator {
  checkCount(columns, 'the number of columns', 1);
  checkCount(capacity, 'the capacity', 1);
  return new KeptRows(columns, capacity);
}

class KeptRows implements RowsAccumulator {
  readonly columns: number;
  readonly capacity: number;
  readonly #data: Float64Array;
  #rows = 0;

  constructor(columns: number, capacity: number) {
    this.columns = columns;
    this.capacity = capacity;
    this.#data = new Float64Array(columns * capacity);
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
    this.#data.set(block.data, this.#rows * this.columns);
    this.#rows += block.rows;
  }

  merge(other: SpectrumAccumulator): void {
    if (!keepsRows(other)) {
      throw new RangeError(
        'expected an accumulator that keeps its rows, got a sum. Merge into gramAccumulator instead.',
      );
    }
    this.add(other.matrix());
  }

  scaleColumns(diagonal: ArrayLike<number>): void {
    checkDiagonal(diagonal, this.columns);
    for (let row = 0, at = 0; row < this.#rows; row++) {
      for (let j = 0; j < this.columns; j++, at++) {
        this.#data[at] = (this.#data[at] as number) * (diagonal[j] as number);
      }
    }
  }

  matrix(): DenseMatrix {
    const data = this.#data.subarray(0, this.#rows * this.columns);
    return { rows: this.#rows, columns: this.columns, data };
  }

  gram(): DenseMatrix {
    return this.#sum().gram();
  }

  finish(): RowSpectrum {
    return this.#rows > this.columns ? this.#sum().finish() : this.#dualSpectrum();
  }

  #sum(): SpectrumAccumulator {
    const sum = gramAccumulator(this.columns);
    sum.add(this.matrix());
    return sum;
  }

  #dualSpectrum(): RowSpectrum {
    const products = zeroTriangle(this.#rows);
    const panel = panelFor(this.#rows, this.columns);
    for (const { first, depth } of panelRanges(this.columns)) {
      for (let row = 0; row < this.#rows; row++) {
        const from = row * this.columns + first;
        panel.set(this.#data.subarray(from, from + depth), row * depth);
      }
      addRowProducts(products, panel, depth);
    }
    return spectrumOfProducts(products, this);
  }
}

function keepsRows(accumulator: SpectrumAccumulator): accumulator is RowsAccumulator {
  return 'matrix' in accumulator;
}

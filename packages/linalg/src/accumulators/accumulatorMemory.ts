import { checkCount } from '../matrix/checkMatrix.ts';
import { triangleBytes } from '../matrix/packedTriangle.ts';
import { productBytes } from '../matrix/rowProducts.ts';
import type { AccumulatorMethod } from './spectrumAccumulator.ts';
import { eigenvectorBytes } from '../decompositions/symmetricEigen.ts';
import { symmetricBytes } from '../wasm/symmetricProblem.ts';
import { rowsAtOnce, takingBytes } from '../decompositions/takeRows.ts';
import { triangularBytes } from '../wasm/triangularProblem.ts';

/** How large an accumulator gets. */
export interface AccumulatorSize {
  /** n: the number of rows that will be added. */
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /** Rows that are added at a time; 0 if it is given Gram matrices. */
  readonly block: number;
  /** Of `frequent-directions`. Defaults to d. */
  readonly directions?: number | undefined;
}

/** Upper estimates of the bytes that an accumulator uses. Garbage that is not yet collected adds to them. */
export interface AccumulatorMemory {
  /** All the time. */
  readonly kept: number;
  /** Beside `kept` while rows are added. */
  readonly adding: number;
  /** Beside `kept` while the spectrum is computed. */
  readonly finishing: number;
  /** Beside `kept` while JᵀJ is made, JᵀJ included. */
  readonly gram: number;
}

const FLOAT64 = Float64Array.BYTES_PER_ELEMENT;

/**
 * The memory of an accumulator, known before it is made.
 *
 * @throws RangeError if a number is not a count.
 *
 * @example
 * ```ts
 * import { accumulatorMemory } from '@edjm/linalg';
 *
 * const { kept } = accumulatorMemory('gram', { rows: 10_000, columns: 784, block: 256 });
 * console.log(kept); // 2461760
 * ```
 */
export function accumulatorMemory(method: AccumulatorMethod, size: AccumulatorSize): AccumulatorMemory {
  checkCount(size.rows, 'the number of rows', 0);
  checkCount(size.columns, 'the number of columns', 1);
  checkCount(size.block, 'the number of rows at a time', 0);
  switch (method) {
    case 'gram':
      return ofGram(size);
    case 'dual':
      return ofDual(size);
    case 'tsqr':
      return ofTsqr(size);
    case 'frequent-directions':
      return ofFrequentDirections(size);
  }
}

function ofGram({ columns, block }: AccumulatorSize): AccumulatorMemory {
  return {
    kept: triangleBytes(columns),
    adding: block === 0 ? 0 : productBytes(columns, block),
    finishing: symmetricBytes(columns) + FLOAT64 * 3 * columns,
    gram: FLOAT64 * columns ** 2,
  };
}

/** Rows that are made into JᵀJ, or J Jᵀ, when the spectrum is asked for. */
function ofKeptRows(
  kept: number,
  { rows, columns }: Pick<AccumulatorSize, 'rows' | 'columns'>,
): AccumulatorMemory {
  const order = Math.min(rows, columns);
  const ofColumns = triangleBytes(columns) + productBytes(columns, rows);
  return {
    kept,
    adding: 0,
    finishing:
      triangleBytes(order) +
      productBytes(order, Math.max(rows, columns)) +
      symmetricBytes(order) +
      FLOAT64 * 3 * order,
    gram: ofColumns + FLOAT64 * columns ** 2,
  };
}

function ofDual({ rows, columns }: AccumulatorSize): AccumulatorMemory {
  return ofKeptRows(FLOAT64 * rows * columns, { rows, columns });
}

function ofTsqr({ rows, columns }: AccumulatorSize): AccumulatorMemory {
  const most = rowsAtOnce(columns);
  const waits = rows < columns && rows <= most;
  const order = waits ? rows : columns;
  const waiting = FLOAT64 * Math.min(rows, most) * columns;
  // A transposed part of few rows, or the waiting rows, on their way into the triangle.
  const taking = takingBytes(order, most) + FLOAT64 * most * order;
  return {
    kept: waiting + (waits ? 0 : triangleBytes(columns)),
    // Room for waiting rows doubles, from the old to the new.
    adding: waiting / 2 + (waits ? 0 : taking),
    finishing: taking + triangleBytes(order) + triangularBytes(order) + FLOAT64 * 3 * order,
    gram:
      triangleBytes(columns) + productBytes(columns, most) + FLOAT64 * (2 * most * columns + columns ** 2),
  };
}

function ofFrequentDirections({ rows, columns, directions = columns }: AccumulatorSize): AccumulatorMemory {
  const kept = 2 * Math.min(columns, directions);
  const sketch = ofKeptRows(FLOAT64 * kept * columns, { rows: Math.min(kept, rows), columns });
  const shrinking =
    triangleBytes(kept) +
    productBytes(kept, columns) +
    eigenvectorBytes(kept) +
    FLOAT64 * (3 * kept ** 2 + (kept / 2) * columns);
  return { ...sketch, adding: rows > kept ? shrinking : 0 };
}

import type { DenseMatrix } from './denseMatrix.ts';

/**
 * Refuses a matrix whose numbers of rows and columns are no counts, whose width is not the expected one, or whose array does not
 * hold rows × columns numbers.
 */
export function checkShape(matrix: DenseMatrix, columns: number = matrix.columns): void {
  checkCount(matrix.rows, 'the number of rows', 0);
  checkCount(matrix.columns, 'the number of columns', 0);
  if (matrix.columns !== columns) {
    throw new RangeError(`expected ${columns} columns, got ${matrix.columns}. Give rows of that width.`);
  }
  if (!ArrayBuffer.isView(matrix.data)) {
    throw new RangeError(
      `expected a Float64Array or a Float32Array of numbers, got ${typeof matrix.data}. Convert it: Float64Array.from(numbers).`,
    );
  }
  if (matrix.data.length !== matrix.rows * matrix.columns) {
    throw new RangeError(
      `expected ${matrix.rows} × ${matrix.columns} = ${matrix.rows * matrix.columns} numbers, ` +
        `got ${matrix.data.length}. Give an array of exactly that length.`,
    );
  }
}

/** Refuses a matrix that is not square, or whose array has another length. */
export function checkSquare(matrix: DenseMatrix): void {
  if (matrix.rows !== matrix.columns) {
    throw new RangeError(
      `expected a square matrix, got ${matrix.rows} × ${matrix.columns}. Give as many rows as columns.`,
    );
  }
  checkShape(matrix);
}

/** Refuses NaN and infinities, naming the first one found. */
export function checkFinite({ data, columns }: DenseMatrix): void {
  for (let at = 0; at < data.length; at++) {
    if (!Number.isFinite(data[at])) {
      throw new RangeError(
        `expected finite numbers, got ${data[at]} in row ${Math.floor(at / columns)}, column ${at % columns}. ` +
          'Look for NaN or an overflow where the matrix comes from.',
      );
    }
  }
}

/** Refuses results that overflowed float64. */
export function checkOverflow(results: Float64Array, what: string): void {
  const value = results.find((result) => !Number.isFinite(result));
  if (value === undefined) return;
  throw new RangeError(`expected ${what} within float64, got ${value}. Scale the matrix down.`);
}

/** Refuses all but whole numbers of at least `least`. */
export function checkCount(value: number, what: string, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `expected ${what} to be a whole number of at least ${least}, got ${value}. Give a count.`,
    );
  }
}

/** Refuses a matrix that rows of this width cannot be multiplied by. */
export function checkFactor(matrix: DenseMatrix, columns: number): void {
  if (matrix.rows !== columns) {
    throw new RangeError(
      `expected a matrix of ${columns} rows, one for each column, got ${matrix.rows}. Give a ${columns} × m matrix.`,
    );
  }
  checkCount(matrix.columns, 'the number of columns', 1);
  checkShape(matrix);
  checkFinite(matrix);
}

import type { DenseMatrix } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';

/** The shape that a matrix must have, and the name of its rows in messages. */
export interface ExpectedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** A plural, such as `'cotangents'`. */
  readonly of: string;
}

/**
 * Refuses a matrix of another shape than expected, or without rows.
 *
 * @param name - the network's, for the message.
 * @throws EdjmError `SHAPE_MISMATCH`.
 */
export function checkMatrix(name: string, matrix: DenseMatrix, { rows, columns, of }: ExpectedMatrix): void {
  const { data } = matrix;
  const fits = matrix.rows === rows && matrix.columns === columns && data.length === rows * columns;
  if (fits && rows > 0 && Number.isInteger(rows)) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${name}: expected ${rows > 0 && Number.isInteger(rows) ? rows : 'some'} ${of} of ${columns} values each, got ${matrix.rows} × ${matrix.columns} values in an array of ${data.length}. Give one row for each sample.`,
  );
}

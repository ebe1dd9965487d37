import { type DenseMatrix, EdjmError } from '@edjm/core';

/** What a matrix is, and how large it must be. */
interface Expected {
  readonly rows: number;
  readonly columns: number;
  /** For messages. */
  readonly what: string;
}

/** @throws EdjmError `SHAPE_MISMATCH` for a matrix of another shape, or without rows. */
export function checkMatrix(name: string, matrix: DenseMatrix, { rows, columns, what }: Expected): void {
  const { data } = matrix;
  if (rows > 0 && matrix.rows === rows && matrix.columns === columns && data.length === rows * columns)
    return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${name}: expected ${what} of ${rows || 'some'} × ${columns} values, got ${matrix.rows} × ${matrix.columns} in an array of ${data.length}. Give one row for each sample of the batch.`,
  );
}

import { type DenseMatrix, EdjmError } from '@edjm/core';

/** @throws EdjmError `SHAPE_MISMATCH` for a matrix that has not as many columns as it should, or no rows. */
export function checkColumns(
  network: string,
  matrix: DenseMatrix,
  { columns, what }: { readonly columns: number; readonly what: string },
): void {
  const { rows, data } = matrix;
  if (rows > 0 && matrix.columns === columns && data.length === rows * columns) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${network}: expected ${what} of ${String(columns)} values each, got ${String(rows)} × ${String(matrix.columns)} (${String(data.length)} numbers).`,
  );
}

/** @throws EdjmError `SHAPE_MISMATCH` for a matrix that has not one row for each sample of a batch. */
export function checkRows(
  network: string,
  matrix: DenseMatrix,
  { batch, what }: { readonly batch: DenseMatrix; readonly what: string },
): void {
  if (matrix.rows === batch.rows) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${network}: expected one ${what} for each of ${String(batch.rows)} samples, got ${String(matrix.rows)}.`,
  );
}

/** @throws EdjmError `INVALID_ARGUMENT` for outputs that do not exist, and for none. */
export function checkOutputs(network: string, outputs: readonly number[], dOut: number): void {
  const wrong = outputs.find((output) => !Number.isInteger(output) || output < 0 || output >= dOut);
  if (wrong === undefined && outputs.length > 0) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${network}: expected outputs from 0 to ${String(dOut - 1)}, got ${wrong === undefined ? 'none' : String(wrong)}.`,
  );
}

import { type DenseMatrix, EdjmError } from '@edjm/core';

/** @throws EdjmError `SHAPE_MISMATCH` for a matrix without one row a sample. */
export function checkRows(
  name: string,
  { rows }: DenseMatrix,
  { batch, what }: { readonly batch: DenseMatrix; readonly what: string },
): void {
  if (rows === batch.rows) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${name}: expected ${what} for each of ${String(batch.rows)} samples, got ${String(rows)}. Give one row a sample.`,
  );
}

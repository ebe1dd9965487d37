import { rowsAtOnce } from '../decompositions/takeRows.ts';
import { factorizationError } from '../decompositions/triangularFactor.ts';
import { singularValueErrorBound } from '../solvers/triangularSingularValues.ts';

/**
 * A bound of the error of each singular value of n × d rows by {@link tsqrAccumulator}, relative to the largest value, before a
 * row is seen: rounding of one block of rows after the other, with ‖J‖_F ≤ √min(n, d) σ₁, and of the values of the triangle.
 *
 * The `errorBounds` of a spectrum use the norms of the rows, and are mostly far smaller.
 *
 * @param rows - n.
 * @param columns - d.
 *
 * @example
 * ```ts
 * import { tsqrErrorBound } from '@edjm/linalg';
 *
 * console.log(tsqrErrorBound(10_000, 784).toExponential(0)); // 1e-11
 * ```
 */
export function tsqrErrorBound(rows: number, columns: number): number {
  // Few rows that all wait are taken as columns.
  const isTransposed = rows < columns && rows <= rowsAtOnce(columns);
  const [order, length] = isTransposed ? [rows, columns] : [columns, rows];
  const block = Math.min(rowsAtOnce(order), length);
  const frobenius = Math.sqrt(Math.min(rows, columns));
  const ofBlocks = Math.ceil(length / block) * factorizationError(order, block) * frobenius;
  return ofBlocks + singularValueErrorBound(order, { spectral: 1, frobenius });
}

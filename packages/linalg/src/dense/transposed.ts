import { MatrixTransposeView, wrap } from 'ml-matrix';
import { checkShape } from '../matrix/checkMatrix.ts';
import { type DenseMatrix, type Float64Matrix, zeros } from '../matrix/denseMatrix.ts';
import { fromMatrix } from './conversion.ts';

/**
 * The transpose Aᵀ, in float64 and in an array of its own. Takes no other memory.
 *
 * @throws RangeError if the matrix does not fit its array.
 *
 * @example
 * ```ts
 * import { transposed } from '@edjm/linalg';
 *
 * const matrix = { rows: 2, columns: 2, data: Float64Array.of(1, 2, 3, 4) };
 * console.log(transposed(matrix).data); // Float64Array [ 1, 3, 2, 4 ]
 * ```
 */
export function transposed(matrix: DenseMatrix): Float64Matrix {
  const { rows, columns, data } = matrix;
  checkShape(matrix);
  // ml-matrix divides by the number of rows to get the number of columns.
  if (data.length === 0) return zeros(columns, rows);
  return fromMatrix(new MatrixTransposeView(wrap(data, { rows })));
}

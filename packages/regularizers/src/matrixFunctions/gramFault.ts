import { type DenseMatrix, multiply } from '@edjm/linalg';
import { addToDiagonal, type MatrixFunction, squaredNorm, times } from './matrixFunction.ts';

/** ½ ‖W Wᵀ − I‖²_F of the rows of a matrix, or ½ ‖WᵀW − I‖²_F of its columns. It measures the distance from orthonormal ones. */
export function gramFault(matrix: DenseMatrix, of: 'rows' | 'columns'): MatrixFunction {
  const fault = multiply(matrix, matrix, of === 'rows' ? { transposeB: true } : { transposeA: true });
  addToDiagonal(fault, -1);
  return {
    value: squaredNorm(fault) / 2,
    gradient: () => times(2, of === 'rows' ? multiply(fault, matrix) : multiply(matrix, fault)),
  };
}

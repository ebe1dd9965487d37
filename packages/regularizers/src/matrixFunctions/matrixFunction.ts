import type { DenseMatrix, Float64Matrix } from '@edjm/linalg';

/** A function of a matrix at one place; its gradient is computed if it is asked for. */
export interface MatrixFunction {
  readonly value: number;
  /** The gradient, in the shape of the matrix. */
  gradient(): DenseMatrix;
}

/** λ times the entries of a matrix. */
export function times(factor: number, { rows, columns, data }: DenseMatrix): Float64Matrix {
  return { rows, columns, data: new Float64Array(data).map((entry) => factor * entry) };
}

/** Adds a number to the diagonal entries of a square matrix, in place. */
export function addToDiagonal({ rows, data }: DenseMatrix, addend: number): void {
  for (let i = 0; i < rows; i++) data[i * (rows + 1)] = (data[i * (rows + 1)] as number) + addend;
}

/** The sum of the squares of the entries: ‖A‖²_F. */
export function squaredNorm({ data }: Pick<DenseMatrix, 'data'>): number {
  let sum = 0;
  for (const entry of data) sum += entry * entry;
  return sum;
}

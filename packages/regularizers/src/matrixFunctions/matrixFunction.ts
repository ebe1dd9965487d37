import type { DenseMatrix } from '@edjm/linalg';

/** A function of a matrix at one place; its gradient is computed where it is asked for. */
export interface MatrixFunction {
  readonly value: number;
  /** Of the shape of the matrix. */
  gradient(): DenseMatrix;
}

/** λ times the entries of a matrix. */
export function times(
  factor: number,
  { rows, columns, data }: DenseMatrix,
): DenseMatrix & { readonly data: Float64Array } {
  const product = new Float64Array(data);
  for (let at = 0; at < product.length; at++) product[at] = factor * (product[at] as number);
  return { rows, columns, data: product };
}

/** The sum of the squares of the entries: ‖A‖²_F. */
export function squaredNorm({ data }: Pick<DenseMatrix, 'data'>): number {
  let sum = 0;
  for (const entry of data) sum += entry * entry;
  return sum;
}

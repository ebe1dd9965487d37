import type { DenseMatrix, Float64Matrix } from './denseMatrix.ts';
import { multiply, type MultiplyOptions } from './matrixProducts.ts';

/** Subtracts A B from a matrix, in place, and returns it. A or B may be transposed, as for {@link multiply}. */
export function subtractProduct(
  target: Float64Matrix,
  [a, b]: readonly [DenseMatrix, DenseMatrix],
  options: Omit<MultiplyOptions, 'addTo'> = {},
): Float64Matrix {
  const negative = { ...a, data: a.data.map((entry) => -entry) };
  return multiply(negative, b, { ...options, addTo: target });
}

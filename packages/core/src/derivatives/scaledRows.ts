import type { DenseMatrix, FloatArray } from '@edjm/linalg';

/**
 * Vector-Jacobian products of cotangents of any size, from an engine that may know no number below 1e-38: each cotangent goes in scaled to a largest
 * value near 1, and its row comes out scaled back, in float64. Factors are powers of two, so that nothing is rounded.
 */
export async function widelyScaled(
  cotangents: DenseMatrix,
  vjp: (scaled: DenseMatrix) => Promise<DenseMatrix>,
): Promise<DenseMatrix> {
  const { rows, columns, data } = cotangents;
  const factors = Array.from({ length: rows }, (_, row) => {
    const own: FloatArray = data.subarray(row * columns, (row + 1) * columns);
    let largest = 0;
    for (const value of own) largest = Math.max(largest, Math.abs(value));
    return largest > 0 && largest < Infinity ? 2 ** Math.floor(Math.log2(largest)) : 1;
  });
  const scaled = Float64Array.from(data, (value, at) => value / (factors[Math.floor(at / columns)] ?? 1));
  const found = await vjp({ rows, columns, data: scaled });
  const width = found.columns;
  return {
    rows,
    columns: width,
    data: Float64Array.from(found.data, (value, at) => value * (factors[Math.floor(at / width)] ?? 1)),
  };
}

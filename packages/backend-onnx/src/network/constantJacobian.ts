import type { DenseMatrix, DifferentiableNetwork } from '@edjm/core';

/** How far products with the matrix and those of the network may lie apart, relative to the largest: rounding in another order. */
const TOLERANCE = 1e-4;

/**
 * The Jacobian W, d_out × d_in in float64, of a network that is said to be affine. It is computed at 0, one reverse pass
 * for each of its rows. For a single matrix product it equals the weights, bit for bit. Products at other samples, with
 * other cotangents in every row, are then compared with it.
 *
 * @param probes - samples to compare at.
 * @returns undefined if they differ: the network is not affine, or samples of a batch mix.
 */
export async function constantJacobian(
  network: DifferentiableNetwork,
  probes: DenseMatrix,
): Promise<DenseMatrix | undefined> {
  const { sampleSize, dOut, dIn, preferredBatchSize } = network;
  const matrix = { rows: dOut, columns: dIn, data: new Float64Array(dOut * dIn) };
  for (let start = 0; start < dOut; start += preferredBatchSize) {
    const rows = Math.min(preferredBatchSize, dOut - start);
    const zeros = { rows, columns: sampleSize, data: new Float32Array(rows * sampleSize) };
    const units = { rows, columns: dOut, data: new Float32Array(rows * dOut) };
    for (let row = 0; row < rows; row++) units.data[row * dOut + start + row] = 1;
    const { data } = await network.vjp(zeros, units);
    matrix.data.set(data, start * dIn);
  }
  const cotangents = {
    rows: probes.rows,
    columns: dOut,
    data: Float32Array.from({ length: probes.rows * dOut }, (_, index) => Math.sin(index + 1)),
  };
  const found = await network.vjp(probes, cotangents);
  return isProduct(found, cotangents, matrix) ? matrix : undefined;
}

/** Whether a matrix is the product of two others, up to rounding. */
function isProduct(product: DenseMatrix, left: DenseMatrix, right: DenseMatrix): boolean {
  for (let row = 0; row < left.rows; row++) {
    const expected = new Float64Array(right.columns);
    const magnitudes = new Float64Array(right.columns);
    for (let inner = 0; inner < right.rows; inner++) {
      const factor = left.data[row * left.columns + inner] as number;
      for (let column = 0; column < right.columns; column++) {
        const term = factor * (right.data[inner * right.columns + column] as number);
        expected[column] = (expected[column] as number) + term;
        magnitudes[column] = (magnitudes[column] as number) + Math.abs(term);
      }
    }
    const slack = TOLERANCE * magnitudes.reduce((largest, value) => Math.max(largest, value), 0);
    const isClose = (value: number, column: number) =>
      Math.abs((product.data[row * right.columns + column] as number) - value) <= slack;
    if (!expected.every(isClose)) return false;
  }
  return true;
}

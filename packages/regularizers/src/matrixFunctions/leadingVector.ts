import { type DenseMatrix, type Float64Matrix, multiply, symmetricEigen } from '@edjm/linalg';
import { seededRandom } from '@edjm/network';
import { squaredNorm } from './matrixFunction.ts';

/** The residual at which the search ends, relative to σ₁²: the error of σ₁ is then about its square. */
const TOLERANCE = 1e-8;

/** Vectors that are taken before the first look at the residual, and between two. */
const STEPS_BETWEEN = 8;

/**
 * The right singular vector of the largest singular value, by the method of Lanczos for WᵀW with full reorthogonalization, from the same random vector each
 * time: power iteration with a memory, at some tens of products with W and Wᵀ.
 *
 * @param matrix - W, n × d.
 * @returns d × 1, of length 1.
 *
 * Source: Golub and Van Loan, "Matrix Computations", 2013, 10.1.
 */
export function leadingVector(matrix: DenseMatrix): Float64Matrix {
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let next = startOf(matrix.columns);
  const most = Math.min(matrix.rows + 1, matrix.columns);
  for (;;) {
    const vector = next;
    basis.push(vector);
    const image = multiply(matrix, multiply(matrix, columnOf(vector)), { transposeA: true }).data;
    diagonal.push(dot(image, vector));
    for (let pass = 0; pass < 2; pass++) for (const other of basis) subtractPart(image, other);
    const length = Math.sqrt(squaredNorm({ data: image }));
    beside.push(length);
    next = image.map((entry) => entry / length);

    const steps = basis.length;
    const largest = Math.max(...diagonal);
    const exhausted = steps >= most || length <= TOLERANCE * largest;
    if (!exhausted && steps % STEPS_BETWEEN !== 0) continue;
    const { value, coefficients } = leadingOfTridiagonal(diagonal, beside);
    if (exhausted || length * Math.abs(coefficients[steps - 1] as number) <= TOLERANCE * value) {
      return columnOf(combination(basis, coefficients));
    }
  }
}

function leadingOfTridiagonal(
  diagonal: readonly number[],
  beside: readonly number[],
): { readonly value: number; readonly coefficients: Float64Array } {
  const order = diagonal.length;
  const data = new Float64Array(order * order);
  for (const [i, entry] of diagonal.entries()) {
    data[i * order + i] = entry;
    if (i > 0) data[i * order + i - 1] = beside[i - 1] as number;
  }
  const { values, vectors } = symmetricEigen({ rows: order, columns: order, data });
  return { value: values[0] as number, coefficients: vectors.data.subarray(0, order) };
}

function combination(basis: readonly Float64Array[], coefficients: Float64Array): Float64Array {
  const sum = new Float64Array(basis[0]?.length ?? 0);
  for (const [i, vector] of basis.entries()) {
    const coefficient = coefficients[i] as number;
    for (let at = 0; at < sum.length; at++)
      sum[at] = (sum[at] as number) + coefficient * (vector[at] as number);
  }
  return sum;
}

function startOf(length: number): Float64Array {
  const { normal } = seededRandom(0);
  const start = Float64Array.from({ length }, normal);
  const size = Math.sqrt(squaredNorm({ data: start }));
  return start.map((entry) => entry / size);
}

function subtractPart(vector: Float64Array, unit: Float64Array): void {
  const part = dot(vector, unit);
  for (let at = 0; at < vector.length; at++)
    vector[at] = (vector[at] as number) - part * (unit[at] as number);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

function columnOf(data: Float64Array): Float64Matrix {
  return { rows: data.length, columns: 1, data };
}

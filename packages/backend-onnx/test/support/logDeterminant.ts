/** A matrix in row-major order. */
export interface Rows {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Half the log-determinant of a matrix's Gram matrix, and its gradient. */
export interface LogDeterminant {
  readonly value: number;
  /** With respect to the matrix, in row-major order. */
  readonly gradient: Float64Array;
}

/**
 * ½ log det(J Jᵀ + δ I) and its gradient (J Jᵀ + δ I)⁻¹ J, by the Cholesky factor L of J Jᵀ + δ I: the value is
 * Σ log Lᵢᵢ. With δ = 0 it is the sum of the logarithms of the singular values of J.
 */
export function halfLogDeterminant({ rows: n, columns, data }: Rows, delta: number): LogDeterminant {
  const linesOf = (values: Float64Array) =>
    Array.from({ length: n }, (_, i) => values.subarray(i * columns, (i + 1) * columns));
  const lines = linesOf(data);
  const factor = Array.from({ length: n }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const shared = inner(factor[i]!.subarray(0, j), factor[j]!.subarray(0, j));
      const sum = inner(lines[i]!, lines[j]!) + (i === j ? delta : 0) - shared;
      factor[i]![j] = i === j ? Math.sqrt(sum) : sum / factor[j]![j]!;
    }
  }
  const gradient = Float64Array.from(data);
  const solved = linesOf(gradient);
  const divide = (i: number) => {
    solved[i]!.forEach((value, k, line) => (line[k] = value / factor[i]![i]!));
  };
  const subtract = (i: number, j: number, share: number) => {
    const other = solved[j]!;
    solved[i]!.forEach((value, k, line) => (line[k] = value - share * other[k]!));
  };
  // L Y = J, then Lᵀ G = Y.
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtract(i, j, factor[i]![j]!);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtract(i, j, factor[j]![i]!);
    divide(i);
  }
  return { value: factor.reduce((sum, line, i) => sum + Math.log(line[i]!), 0), gradient };
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

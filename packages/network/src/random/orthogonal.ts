import { multiply } from '@edjm/linalg';
import type { Initializer } from './initializers.ts';
import { valueCount } from '../layers/shape.ts';

/** A matrix in float64, in row-major order. */
interface Rows {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Rows that are made orthogonal among themselves at once, after all rows before have been taken out of them by products of matrices. */
const BLOCK = 32;

/**
 * Orthonormal rows, or columns where these are fewer, times a gain, float32: a random matrix of every orientation as likely, which keeps all
 * singular values of a deep network's Jacobian at its gains (Saxe, McClelland, Ganguli 2013). Kernels `[O, I, kH, kW]` count as matrices of
 * O rows.
 *
 * It is Q of a QR decomposition of normal numbers, with a positive diagonal of R, without which Q would depend on how it is computed
 * (Mezzadri 2007).
 *
 * @param options - `gain` defaults to 1; √2 keeps the variance through ReLU layers.
 *
 * @example
 * ```ts
 * import { dense, orthogonal, seededRandom } from '@edjm/network';
 *
 * const layer = dense({ weight: orthogonal({ gain: Math.SQRT2 })([100, 784], seededRandom(1)) });
 * ```
 */
export function orthogonal(options: { readonly gain?: number } = {}): Initializer {
  const { gain = 1 } = options;
  return (shape, random) => {
    const [outputs = 1] = shape;
    const inputs = valueCount(shape.slice(1));
    const isWide = outputs <= inputs;
    const [rows, columns] = isWide ? [outputs, inputs] : [inputs, outputs];
    const q = { rows, columns, data: Float64Array.from({ length: rows * columns }, random.normal) };
    orthonormalize(q);
    const data = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) data[isWide ? i * columns + j : j * rows + i] = gain * at(q, i, j);
    }
    return { shape, data };
  };
}

/** Gram-Schmidt on rows, by blocks, and twice: once leaves errors of rounding times the condition number. */
function orthonormalize(q: Rows): void {
  for (let first = 0; first < q.rows; first += BLOCK) {
    const before = rowsOf(q, 0, first);
    const block = rowsOf(q, first, Math.min(first + BLOCK, q.rows));
    for (let time = 0; time < 2; time++) {
      if (first > 0) takeOut(block, before);
      orthonormalizeBlock(block);
    }
  }
}

/** B ← B − (B Qᵀ) Q. */
function takeOut(block: Rows, before: Rows): void {
  const parts = multiply(multiply(block, before, { transposeB: true }), before);
  for (let i = 0; i < block.data.length; i++) {
    block.data[i] = (block.data[i] as number) - (parts.data[i] as number);
  }
}

function orthonormalizeBlock(block: Rows): void {
  for (let i = 0; i < block.rows; i++) {
    const row = rowsOf(block, i, i + 1).data;
    for (let k = 0; k < i; k++) {
      const other = rowsOf(block, k, k + 1).data;
      const part = dot(row, other);
      for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) - part * (other[j] as number);
    }
    const length = Math.sqrt(dot(row, row));
    for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) / length;
  }
}

/** Rows as a view. */
function rowsOf({ columns, data }: Rows, from: number, to: number): Rows {
  return { rows: to - from, columns, data: data.subarray(from * columns, to * columns) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function at({ columns, data }: Rows, i: number, j: number): number {
  return data[i * columns + j] as number;
}

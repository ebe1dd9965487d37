import type { PackedTriangle } from './packedTriangle.ts';

/** A symmetric tridiagonal matrix; `offDiagonal[i]` couples i and i + 1, its last entry is zero. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
}

/**
 * Reduces a symmetric matrix to tridiagonal form by Householder reflections from the last row upwards, without
 * their product: 4/3 n³ operations. The matrix is destroyed.
 *
 * A reflection H = I − u uᵀ, ‖u‖² = 2, that clears row m turns the block A above it into A − u wᵀ − w uᵀ with
 * q = A u and w = q − ½ (uᵀ q) u. This update is put off and done in the same pass over the block that multiplies it
 * with the next u, so each entry comes from memory once per reflection instead of twice.
 *
 * Source: Martin, Reinsch, Wilkinson, "Householder's tridiagonalization of a symmetric matrix", 1968 (tred1).
 */
export function tridiagonal({ entries, order }: PackedTriangle): Tridiagonal {
  const diagonal = new Float64Array(order);
  const offDiagonal = new Float64Array(order);
  // The reflection whose update is put off (none before the first), and the one that comes next.
  let u = new Float64Array(order);
  let next = new Float64Array(order);
  const w = new Float64Array(order);
  const q = new Float64Array(order);

  for (let m = order - 1; m > 0; m--) {
    const row = (m * (m + 1)) / 2;
    const um = u[m] as number;
    const wm = w[m] as number;
    for (let j = 0; j < m; j++) {
      next[j] = (entries[row + j] as number) - (um * (w[j] as number) + wm * (u[j] as number));
    }
    diagonal[m] = (entries[row + m] as number) - 2 * um * wm;
    offDiagonal[m - 1] = makeReflection(next, m);
    updateAndMultiply(entries, m, { u, w, next, q });

    let product = 0;
    for (let j = 0; j < m; j++) product += (next[j] as number) * (q[j] as number);
    for (let j = 0; j < m; j++) w[j] = (q[j] as number) - 0.5 * product * (next[j] as number);
    [u, next] = [next, u];
  }
  if (order > 0) diagonal[0] = (entries[0] as number) - 2 * (u[0] as number) * (w[0] as number);
  return { diagonal, offDiagonal };
}

/**
 * Replaces x, of the given length, by the u of the reflection I − u uᵀ that maps x onto a multiple of its last unit
 * vector, and returns that multiple; u is zero where x is.
 */
function makeReflection(x: Float64Array, length: number): number {
  const last = length - 1;
  let largest = 0;
  for (let j = 0; j < length; j++) largest = Math.max(largest, Math.abs(x[j] as number));
  if (largest === 0) return 0;
  // Squares of the scaled entries neither overflow nor all underflow.
  let squares = 0;
  for (let j = 0; j < length; j++) {
    const scaled = (x[j] as number) / largest;
    x[j] = scaled;
    squares += scaled * scaled;
  }
  const pivot = x[last] as number;
  const norm = pivot < 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  x[last] = pivot + norm;
  const factor = 1 / Math.sqrt(norm * (pivot + norm));
  for (let j = 0; j < length; j++) x[j] = (x[j] as number) * factor;
  return -norm * largest;
}

interface Pass {
  readonly u: Float64Array;
  readonly w: Float64Array;
  readonly next: Float64Array;
  readonly q: Float64Array;
}

/** One pass over the leading m × m block: A ← A − u wᵀ − w uᵀ and q = A · next, two rows at a time. */
function updateAndMultiply(a: Float64Array, m: number, { u, w, next, q }: Pass): void {
  q.fill(0, 0, m);
  const paired = m - (m % 2);
  for (let i = 0; i < paired; i += 2) {
    const row0 = (i * (i + 1)) / 2;
    const row1 = row0 + i + 1;
    const u0 = u[i] as number;
    const u1 = u[i + 1] as number;
    const w0 = w[i] as number;
    const w1 = w[i + 1] as number;
    const n0 = next[i] as number;
    const n1 = next[i + 1] as number;
    let sum0 = 0;
    let sum1 = 0;
    for (let j = 0; j < i; j++) {
      const uj = u[j] as number;
      const wj = w[j] as number;
      const nj = next[j] as number;
      const a0 = (a[row0 + j] as number) - (u0 * wj + w0 * uj);
      const a1 = (a[row1 + j] as number) - (u1 * wj + w1 * uj);
      a[row0 + j] = a0;
      a[row1 + j] = a1;
      sum0 += a0 * nj;
      sum1 += a1 * nj;
      q[j] = (q[j] as number) + (a0 * n0 + a1 * n1);
    }
    const a00 = (a[row0 + i] as number) - 2 * u0 * w0;
    const a10 = (a[row1 + i] as number) - (u1 * w0 + w1 * u0);
    const a11 = (a[row1 + i + 1] as number) - 2 * u1 * w1;
    a[row0 + i] = a00;
    a[row1 + i] = a10;
    a[row1 + i + 1] = a11;
    q[i] = sum0 + (a00 * n0 + a10 * n1);
    q[i + 1] = sum1 + (a10 * n0 + a11 * n1);
  }
  if (paired === m) return;

  const row = (paired * m) / 2;
  const uLast = u[paired] as number;
  const wLast = w[paired] as number;
  const nLast = next[paired] as number;
  let sum = 0;
  for (let j = 0; j < paired; j++) {
    const value = (a[row + j] as number) - (uLast * (w[j] as number) + wLast * (u[j] as number));
    a[row + j] = value;
    sum += value * (next[j] as number);
    q[j] = (q[j] as number) + value * nLast;
  }
  const corner = (a[row + paired] as number) - 2 * uLast * wLast;
  a[row + paired] = corner;
  q[paired] = sum + corner * nLast;
}

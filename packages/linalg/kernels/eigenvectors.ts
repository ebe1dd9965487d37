/** Eigenvalues and eigenvectors of a symmetric matrix, in float64. */
import { tridiagonalVectors } from './lib/implicitQl';
import { addToT, PANEL, reflectStrip, SCRATCH } from './lib/reflections';
import { transposeNegated } from './lib/strips';

/**
 * All eigenvalues and eigenvectors of a packed symmetric matrix whose largest entry is near 1.
 *
 * Reflections from the last row upwards make it tridiagonal; their product, made from panels of them, is what the QL method
 * then rotates.
 *
 * @param missing - takes how many values have not been found: 0 but for a defect.
 * @param values - takes `order` numbers, in no order.
 * @param triangle - the lower triangle, row after row. Destroyed.
 * @param order - a multiple of 4.
 * @param strips - takes the eigenvectors as rows, in strips of `order` rows: room for an even number of them.
 * @param work - room for 2 order PANEL + 2048 + 48 order numbers.
 */
export function eigenvectors(
  missing: usize,
  values: usize,
  triangle: usize,
  order: i32,
  strips: usize,
  work: usize,
): void {
  const vector = (<usize>order) << 3;
  const e = work;
  tridiagonalize(triangle, order, values, e, work + vector);
  const pairs = (order + 7) >> 3;
  memory.fill(strips, 0, <usize>pairs * 8 * vector);
  for (let i = 0; i < order; i++) {
    store<f64>(strips + ((<usize>((i >> 2) * order * 4 + i * 4 + (i & 3))) << 3), 1);
  }
  applyReflections(triangle, order, strips, work + vector);
  store<f64>(missing, <f64>tridiagonalVectors(values, e, order, strips, pairs, work + vector));
}

/**
 * Row m, from the last to the first, is cleared before its last but one entry by H = I − u uᵀ, ‖u‖² = 2, which takes its place.
 *
 * H turns the block A above the row into A − u wᵀ − w uᵀ with q = A u and w = q − ½ (uᵀ q) u. This update is put off and done
 * in the same pass over the block that multiplies it with the next u.
 *
 * Source: Martin, Reinsch, Wilkinson, "Householder's tridiagonalization of a symmetric matrix", 1968 (tred2).
 */
function tridiagonalize(a: usize, order: i32, d: usize, e: usize, work: usize): void {
  const vector = (<usize>order) << 3;
  let u = work;
  const w = u + vector;
  const q = w + vector;
  memory.fill(u, 0, 2 * vector);
  set(e, order - 1, 0);
  for (let m = order - 1; m > 0; m--) {
    // The row itself becomes the next u.
    const next = rowOf(a, m);
    const um = get(u, m);
    const wm = get(w, m);
    for (let j = 0; j < m; j++) set(next, j, get(next, j) - (um * get(w, j) + wm * get(u, j)));
    set(d, m, get(next, m) - 2 * um * wm);
    set(e, m - 1, makeReflection(next, m));
    memory.fill(q, 0, vector);
    const paired = m & ~1;
    for (let i = 0; i < paired; i += 2) passRows(a, i, u, w, next, q);
    if (paired < m) passLastRow(a, paired, u, w, next, q);
    let product: f64 = 0;
    for (let j = 0; j < m; j++) product += get(next, j) * get(q, j);
    for (let j = 0; j < m; j++) set(w, j, get(q, j) - 0.5 * product * get(next, j));
    u = next;
  }
  set(d, 0, get(a, 0) - 2 * get(u, 0) * get(w, 0));
}

function rowOf(a: usize, i: i32): usize {
  return a + ((<usize>((i * (i + 1)) / 2)) << 3);
}

function get(array: usize, i: i32): f64 {
  return load<f64>(array + ((<usize>i) << 3));
}

function set(array: usize, i: i32, value: f64): void {
  store<f64>(array + ((<usize>i) << 3), value);
}

/** Replaces x by the u of the reflection that maps it onto a multiple of its last unit vector; returns that multiple. */
function makeReflection(x: usize, length: i32): f64 {
  let largest: f64 = 0;
  for (let j = 0; j < length; j++) largest = max(largest, abs(get(x, j)));
  if (largest == 0) return 0;
  // Squares of the scaled entries neither overflow nor all underflow.
  let squares: f64 = 0;
  for (let j = 0; j < length; j++) {
    const scaled = get(x, j) / largest;
    set(x, j, scaled);
    squares += scaled * scaled;
  }
  const pivot = get(x, length - 1);
  const norm = pivot < 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  set(x, length - 1, pivot + norm);
  const factor = 1 / Math.sqrt(norm * (pivot + norm));
  for (let j = 0; j < length; j++) set(x, j, get(x, j) * factor);
  return -norm * largest;
}

/** A ← A − u wᵀ − w uᵀ and q ← q + A · next for rows i and i + 1 of the lower triangle, i even. */
function passRows(a: usize, i: i32, u: usize, w: usize, next: usize, q: usize): void {
  let row0 = rowOf(a, i);
  let row1 = rowOf(a, i + 1);
  const u0 = get(u, i);
  const u1 = get(u, i + 1);
  const w0 = get(w, i);
  const w1 = get(w, i + 1);
  const n0 = get(next, i);
  const n1 = get(next, i + 1);
  const vu0 = f64x2.splat(u0);
  const vu1 = f64x2.splat(u1);
  const vw0 = f64x2.splat(w0);
  const vw1 = f64x2.splat(w1);
  const vn0 = f64x2.splat(n0);
  const vn1 = f64x2.splat(n1);
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  const end = (<usize>i) << 3;
  for (let at: usize = 0; at < end; at += 16) {
    const uj = v128.load(u + at);
    const wj = v128.load(w + at);
    const nj = v128.load(next + at);
    const a0 = f64x2.sub(v128.load(row0 + at), f64x2.add(f64x2.mul(vu0, wj), f64x2.mul(vw0, uj)));
    const a1 = f64x2.sub(v128.load(row1 + at), f64x2.add(f64x2.mul(vu1, wj), f64x2.mul(vw1, uj)));
    v128.store(row0 + at, a0);
    v128.store(row1 + at, a1);
    sum0 = f64x2.add(sum0, f64x2.mul(a0, nj));
    sum1 = f64x2.add(sum1, f64x2.mul(a1, nj));
    v128.store(q + at, f64x2.add(v128.load(q + at), f64x2.add(f64x2.mul(a0, vn0), f64x2.mul(a1, vn1))));
  }
  row0 += end;
  row1 += end;
  const a00 = load<f64>(row0) - 2 * u0 * w0;
  const a10 = load<f64>(row1) - (u1 * w0 + w1 * u0);
  const a11 = load<f64>(row1, 8) - 2 * u1 * w1;
  store<f64>(row0, a00);
  store<f64>(row1, a10);
  store<f64>(row1, a11, 8);
  set(q, i, f64x2.extract_lane(sum0, 0) + f64x2.extract_lane(sum0, 1) + (a00 * n0 + a10 * n1));
  set(q, i + 1, f64x2.extract_lane(sum1, 0) + f64x2.extract_lane(sum1, 1) + (a10 * n0 + a11 * n1));
}

function passLastRow(a: usize, i: i32, u: usize, w: usize, next: usize, q: usize): void {
  const row = rowOf(a, i);
  const ui = get(u, i);
  const wi = get(w, i);
  const ni = get(next, i);
  let sum: f64 = 0;
  for (let j = 0; j < i; j++) {
    const value = get(row, j) - (ui * get(w, j) + wi * get(u, j));
    set(row, j, value);
    sum += value * get(next, j);
    set(q, j, get(q, j) + value * ni);
  }
  const corner = get(row, i) - 2 * ui * wi;
  set(row, i, corner);
  set(q, i, sum + corner * ni);
}

/** Applies the reflections, from the last row's to the first's, to strips of `order` rows. */
function applyReflections(a: usize, order: i32, strips: usize, work: usize): void {
  const v = work;
  const negated = v + ((<usize>(order * PANEL)) << 3);
  const t = negated + ((<usize>(order * PANEL)) << 3);
  const taus = t + PANEL * PANEL * 8;
  const group: usize = PANEL * 32;
  for (let c = 0; c < 4; c++) set(taus, c, 1);
  for (let rows = order; rows > 0; rows -= PANEL) {
    const vStrip = (<usize>rows) << 5;
    memory.fill(t, 0, PANEL * PANEL * 8);
    for (let q = (PANEL >> 2) - 1; q >= 0; q--) {
      const target = v + <usize>q * vStrip;
      memory.fill(target, 0, vStrip);
      for (let c = 0; c < 4; c++) {
        const m = rows - PANEL + 4 * q + c;
        const u = rowOf(a, m);
        for (let j = 0; j < m; j++) store<f64>(target + ((<usize>(4 * j + c)) << 3), get(u, j));
      }
      addToT(t, taus, v, rows, PANEL, q);
      transposeNegated(negated + ((<usize>q) << 7), group, target, rows);
    }
    for (let j = 0; j < order; j += 4) {
      const strip = strips + ((<usize>(j * order)) << 3);
      reflectStrip(strip, rows, PANEL, v, negated, group, t, t + SCRATCH);
    }
  }
}

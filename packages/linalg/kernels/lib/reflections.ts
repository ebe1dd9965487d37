/**
 * QL factorizations of narrow panels, and their application to strips.
 *
 * Column j of a panel of w columns and m rows is reduced to its last w − j entries by a reflection H_j = I − τ v vᵀ, where v
 * is 1 at the pivot row m − w + j and 0 after it; j goes down from w − 1. All of them together are
 * Q = H_{w−1} ⋯ H_0 = I − V T Vᵀ with T lower triangular, and Qᵀ panel = [0; L].
 *
 * Source: Schreiber and Van Loan, "A storage-efficient WY representation for products of Householder transformations",
 * 1989; from the last column backwards, as LAPACK's dgeqlf.
 */
import { addTile } from './tile';
import { transposeNegated } from './strips';

/** The most columns of a panel. */
export const PANEL: i32 = 32;

/** Squares whose sum is below it may have underflowed: what they belong to is zero beside numbers near 1. */
const TINY_SQUARES: f64 = 1e-270;

/** Where {@link reflectStrip} may work, from T on: after T, and what belongs to it. */
export const SCRATCH: usize = 32 * 40 * 8;

/**
 * Reduces a panel by reflections; its last `width` rows become L, what is above L in it is left undefined.
 *
 * @param panel - strips that lie `stride` bytes apart.
 * @param rows - a multiple of 4, at least `width`.
 * @param width - a multiple of 4, at most PANEL.
 * @param v - takes V in strips, `rows` each.
 * @param negated - takes −V, four rows after four rows, the columns of each after one another.
 * @param t - takes T in strips, and has room for what else is needed.
 */
export function factorPanel(
  panel: usize,
  stride: usize,
  rows: i32,
  width: i32,
  v: usize,
  negated: usize,
  t: usize,
): void {
  const vStrip = (<usize>rows) << 5;
  const groupBytes = (<usize>width) << 5;
  const taus = t + 32 * 32 * 8;
  const scratch = t + SCRATCH;
  memory.fill(t, 0, (<usize>(width * width)) << 3);
  for (let q = (width >> 2) - 1; q >= 0; q--) {
    const pivot = rows - width + 4 * q;
    const strip = panel + <usize>q * stride;
    const vq = v + <usize>q * vStrip;
    factorStrip(strip, pivot, rows, vq, taus);
    transposeNegated(negated + ((<usize>q) << 7), groupBytes, vq, rows);

    addToT(t, taus, v, rows, width, q);

    const own = entryOfT(t, width, 4 * q, 4 * q);
    for (let p = 0; p < q; p++) {
      reflectStrip(
        panel + <usize>p * stride,
        rows,
        4,
        vq,
        negated + ((<usize>q) << 7),
        groupBytes,
        own,
        scratch,
      );
    }
  }
}

/**
 * Columns 4 q … 4 q + 3 of T, once those after them are known.
 *
 * @param t - T in strips; zero above its diagonal. Numbers 32 · 36 … 32 · 40 of it are overwritten.
 * @param taus - τ of these four columns.
 */
export function addToT(t: usize, taus: usize, v: usize, rows: i32, width: i32, q: i32): void {
  const products = t + 32 * 36 * 8;
  const vStrip = (<usize>rows) << 5;
  const vq = v + <usize>q * vStrip;
  memory.fill(products, 0, (<usize>width) << 5);
  for (let p = q; p < width >> 2; p++) {
    addTile(products + ((<usize>p) << 7), 32, 0, v + <usize>p * vStrip, vq, rows);
  }
  for (let c = 3; c >= 0; c--) {
    const i = 4 * q + c;
    const tau = load<f64>(taus + ((<usize>c) << 3));
    store<f64>(entryOfT(t, width, i, i), tau);
    for (let k = i + 1; k < width; k++) {
      let sum: f64 = 0;
      for (let l = i + 1; l <= k; l++) {
        sum += load<f64>(entryOfT(t, width, k, l)) * load<f64>(products + ((<usize>(4 * l + c)) << 3));
      }
      store<f64>(entryOfT(t, width, k, i), -tau * sum);
    }
  }
}

function entryOfT(t: usize, width: i32, row: i32, column: i32): usize {
  return t + ((<usize>((column >> 2) * width * 4 + row * 4 + (column & 3))) << 3);
}

/**
 * Strip ← Qᵀ strip = strip − V Tᵀ Vᵀ strip.
 *
 * @param groupBytes - from four rows of −V to the next four.
 * @param scratch - room for 2 × PANEL × 4 numbers.
 */
export function reflectStrip(
  strip: usize,
  rows: i32,
  width: i32,
  v: usize,
  negated: usize,
  groupBytes: usize,
  t: usize,
  scratch: usize,
): void {
  const bytes = (<usize>width) << 5;
  const products = scratch;
  const factors = scratch + bytes;
  memory.fill(scratch, 0, 2 * bytes);
  for (let at: usize = 0; at < bytes; at += 128) {
    addTile(products + at, 32, 0, v, strip, rows);
    v += (<usize>rows) << 5;
  }
  for (let at: usize = 0; at < bytes; at += 128) {
    // T is lower triangular: its columns begin at the diagonal.
    addTile(factors + at, 32, 0, t + at, products + at, width - <i32>(at >> 5));
    t += bytes;
  }
  const end = strip + ((<usize>rows) << 5);
  for (; strip < end; strip += 128) {
    addTile(strip, 32, 0, negated, factors, width);
    negated += groupBytes;
  }
}

/** The reflections of the four columns of one strip, whose pivots are at rows `pivot` to `pivot` + 3. */
function factorStrip(strip: usize, pivot: i32, rows: i32, v: usize, taus: usize): void {
  memory.fill(v + ((<usize>pivot) << 5), 0, (<usize>(rows - pivot)) << 5);
  for (let c: usize = 4; c-- > 0;) {
    const column = c << 3;
    const last = (<usize>pivot + c) << 5;
    const top = strip + last;
    const end = strip + last;
    // Products of the column above its pivot with all four columns.
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    let at = strip;
    for (; at + 32 < end; at += 64) {
      const x = v128.load64_splat(at + column);
      s0 = f64x2.add(s0, f64x2.mul(x, v128.load(at)));
      s1 = f64x2.add(s1, f64x2.mul(x, v128.load(at, 16)));
      const y = v128.load64_splat(at + column, 32);
      s2 = f64x2.add(s2, f64x2.mul(y, v128.load(at, 32)));
      s3 = f64x2.add(s3, f64x2.mul(y, v128.load(at, 48)));
    }
    for (; at < end; at += 32) {
      const x = v128.load64_splat(at + column);
      s0 = f64x2.add(s0, f64x2.mul(x, v128.load(at)));
      s1 = f64x2.add(s1, f64x2.mul(x, v128.load(at, 16)));
    }
    s0 = f64x2.add(s0, s2);
    s1 = f64x2.add(s1, s3);
    const own = c < 2 ? s0 : s1;
    const squares = (c & 1) == 0 ? f64x2.extract_lane(own, 0) : f64x2.extract_lane(own, 1);

    const alpha = load<f64>(top + column);
    const target = v + column;
    store<f64>(target + last, 1);
    if (squares < TINY_SQUARES) {
      store<f64>(taus + column, 0);
      for (at = 0; at < last; at += 32) store<f64>(target + at, 0);
      continue;
    }
    const norm = Math.sqrt(alpha * alpha + squares);
    const beta = alpha > 0 ? -norm : norm;
    const tau = (beta - alpha) / beta;
    const inverse = 1 / (alpha - beta);
    store<f64>(taus + column, tau);
    for (at = 0; at < last; at += 32) {
      store<f64>(target + at, load<f64>(strip + at + column) * inverse);
    }

    // x ← x − τ (vᵀ x) v for the columns before it, with vᵀ x = x at the pivot + (products) / (α − β).
    const d = f64x2.splat(inverse);
    let w0 = f64x2.add(v128.load(top), f64x2.mul(s0, d));
    let w1 = f64x2.add(v128.load(top, 16), f64x2.mul(s1, d));
    w0 = f64x2.mul(w0, f64x2.splat(-tau));
    w1 = f64x2.mul(w1, f64x2.splat(-tau));
    w1 = f64x2.replace_lane(w1, 1, 0);
    if (c < 3) w1 = f64x2.splat(0);
    if (c < 2) w0 = f64x2.replace_lane(w0, 1, 0);
    if (c < 1) w0 = f64x2.splat(0);
    for (at = 0; at <= last; at += 32) {
      const x = v128.load64_splat(target + at);
      v128.store(strip + at, f64x2.add(v128.load(strip + at), f64x2.mul(x, w0)));
      v128.store(strip + at, f64x2.add(v128.load(strip + at, 16), f64x2.mul(x, w1)), 16);
    }
    store<f64>(top + column, beta);
  }
}

import { Layout } from './layout';
import { reflect } from './panel';
import { awaitAtLeast } from './threads';
import { dot, makeReflection } from './vectors';

/** Sweeps that one thread takes together, so that what they touch stays in its cache. */
const GROUP: usize = 8;

/** Bytes of a sweep's own room: v, the next v, two vectors more, and τ of both. */
const SWEEP: usize = 4 * 256 + 64;

/** From an entry of the band to the one right of it. */
const RIGHT: usize = 504;

/**
 * Reduces the band to tridiagonal form. All threads call it.
 *
 * Sweep s clears column s below its first off-diagonal entry by a reflection of the 32 rows below; from the right this
 * fills a triangle 32 rows further down, whose first column the next reflection clears, and so on to the end. A step of a
 * sweep waits for the next but one of the sweep before: so several run one behind the other.
 *
 * Source: Schwarz, "Tridiagonalization of a symmetric band matrix", 1968; Lang, "A parallel algorithm for reducing
 * symmetric banded matrices to tridiagonal form", 1993.
 */
export function reduceToTridiagonal(at: usize, thread: i32, threads: i32): void {
  const layout = changetype<Layout>(at);
  const order = <usize>layout.order;
  if (order < 3) return;
  const room = layout.own + 65536 * <usize>thread;
  const sweeps = order - 2;
  for (let group = <usize>thread; group * GROUP < sweeps; group += <usize>threads) {
    const first = group * GROUP;
    const count = min(GROUP, sweeps - first);
    const done = layout.progress + (group << 2);
    const lastSteps = stepsOf(first + count - 1, order);
    const waves = lastSteps + 2 * (count - 1);
    for (let wave: usize = 0; wave < max(waves, stepsOf(first, order)); wave++) {
      if (threads > 1 && group > 0 && wave < stepsOf(first, order)) {
        awaitAtLeast(done - 4, <i32>min(wave + 2, stepsOf(first - 1, order)));
      }
      for (let q: usize = 0; q < count && q << 1 <= wave; q++) {
        const step = wave - (q << 1);
        if (step < stepsOf(first + q, order)) chase(layout, first + q, step, room + q * SWEEP);
      }
      if (threads > 1 && wave >= 2 * (count - 1)) {
        atomic.store<i32>(done, <i32>(wave + 1 - 2 * (count - 1)));
        atomic.notify(done, threads);
      }
    }
  }
}

/** How many steps a sweep has: blocks of 32 rows from row s + 1 on. */
function stepsOf(sweep: usize, order: usize): usize {
  return (order - 1 - sweep + 31) >> 5;
}

/** One step of a sweep: applies its reflection from both sides and makes the next one. */
function chase(layout: Layout, sweep: usize, step: usize, room: usize): void {
  const v = room + ((step & 1) << 8);
  const next = room + (((step & 1) ^ 1) << 8);
  const product = room + 512;
  const result = room + 1024;
  const row = sweep + 1 + (step << 5);
  if (step == 0) {
    clear(layout.band + (sweep << 9) + 8, v, result);
  }
  const tau = load<f64>(result);
  const diagonal = layout.band + (row << 9);
  if (tau != 0) reflectFromBothSides(diagonal, v, tau, product);
  if (row + 32 >= <usize>layout.order) return;
  const below = diagonal + 256;
  if (tau != 0) {
    multiplyBlock(below, v, product);
    subtractProduct(below, product, tau * load<f64>(v));
  }
  clear(below, next, result);
  updateBlock(below, v, product, tau, next, load<f64>(result));
}

/** Replaces a column of 32 entries by a multiple of its first unit vector, with the v of the reflection that does it. */
export function clear(column: usize, v: usize, result: usize): void {
  memory.copy(v, column, 256);
  makeReflection(v, 32, result);
  memory.fill(column, 0, 256);
  store<f64>(column, load<f64>(result, 8));
}

/** A ← H A H for a diagonal block of 32 rows, of which the lower triangle is kept; w is room for a vector. */
export function reflectFromBothSides(a: usize, v: usize, tau: f64, w: usize): void {
  memory.fill(w, 0, 256);
  for (let c: usize = 0; c < 32; c += 2) multiplyPair(a + (c << 9), v + (c << 3), w + (c << 3), 32 - c);
  const half = -0.5 * tau * tau * dot(v, w, 32);
  const taus = f64x2.splat(tau);
  const halves = f64x2.splat(half);
  for (let i: usize = 0; i < 256; i += 16) {
    v128.store(w + i, f64x2.add(f64x2.mul(taus, v128.load(w + i)), f64x2.mul(halves, v128.load(v + i))));
  }
  for (let c: usize = 0; c < 32; c += 2) updatePair(a + (c << 9), v + (c << 3), w + (c << 3), 32 - c);
}

/** w ← w + A v for two columns of a triangle and the rows that mirror them. */
export function multiplyPair(a: usize, v: usize, w: usize, rows: usize): void {
  const v0 = load<f64>(v);
  const v1 = load<f64>(v, 8);
  const a00 = load<f64>(a);
  const a10 = load<f64>(a, 8);
  const a11 = load<f64>(a, 8 + 504);
  const vs0 = f64x2.splat(v0);
  const vs1 = f64x2.splat(v1);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  for (let r: usize = 16; r < rows << 3; r += 16) {
    const c0 = v128.load(a + r);
    const c1 = v128.load(a + r, 504);
    const vr = v128.load(v + r);
    s0 = f64x2.add(s0, f64x2.mul(c0, vr));
    s1 = f64x2.add(s1, f64x2.mul(c1, vr));
    v128.store(w + r, f64x2.add(v128.load(w + r), f64x2.add(f64x2.mul(c0, vs0), f64x2.mul(c1, vs1))));
  }
  const sum0 = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  const sum1 = f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1);
  store<f64>(w, load<f64>(w) + (a00 * v0 + a10 * v1 + sum0));
  store<f64>(w, load<f64>(w, 8) + (a10 * v0 + a11 * v1 + sum1), 8);
}

/** A ← A − v wᵀ − w vᵀ for two columns of a triangle. */
export function updatePair(a: usize, v: usize, w: usize, rows: usize): void {
  const v0 = load<f64>(v);
  const v1 = load<f64>(v, 8);
  const w0 = load<f64>(w);
  const w1 = load<f64>(w, 8);
  store<f64>(a, load<f64>(a) - 2 * v0 * w0);
  store<f64>(a, load<f64>(a, 8) - (v1 * w0 + w1 * v0), 8);
  store<f64>(a, load<f64>(a, 512) - 2 * v1 * w1, 512);
  const vs0 = f64x2.splat(v0);
  const vs1 = f64x2.splat(v1);
  const ws0 = f64x2.splat(w0);
  const ws1 = f64x2.splat(w1);
  for (let r: usize = 16; r < rows << 3; r += 16) {
    const vr = v128.load(v + r);
    const wr = v128.load(w + r);
    v128.store(a + r, f64x2.sub(v128.load(a + r), f64x2.add(f64x2.mul(vr, ws0), f64x2.mul(wr, vs0))));
    v128.store(
      a + r,
      f64x2.sub(v128.load(a + r, 504), f64x2.add(f64x2.mul(vr, ws1), f64x2.mul(wr, vs1))),
      504,
    );
  }
}

/** y = B v for a block of 32 × 32. */
export function multiplyBlock(b: usize, v: usize, y: usize): void {
  for (let half: usize = 0; half < 256; half += 128) {
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    let column = b + half;
    for (let c: usize = 0; c < 256; c += 8) {
      const vc = v128.load64_splat(v + c);
      s0 = f64x2.add(s0, f64x2.mul(v128.load(column), vc));
      s1 = f64x2.add(s1, f64x2.mul(v128.load(column, 16), vc));
      s2 = f64x2.add(s2, f64x2.mul(v128.load(column, 32), vc));
      s3 = f64x2.add(s3, f64x2.mul(v128.load(column, 48), vc));
      s4 = f64x2.add(s4, f64x2.mul(v128.load(column, 64), vc));
      s5 = f64x2.add(s5, f64x2.mul(v128.load(column, 80), vc));
      s6 = f64x2.add(s6, f64x2.mul(v128.load(column, 96), vc));
      s7 = f64x2.add(s7, f64x2.mul(v128.load(column, 112), vc));
      column += RIGHT;
    }
    const to = y + half;
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
    v128.store(to, s4, 64);
    v128.store(to, s5, 80);
    v128.store(to, s6, 96);
    v128.store(to, s7, 112);
  }
}

/** x ← x − factor y for 32 entries. */
function subtractProduct(x: usize, y: usize, factor: f64): void {
  const factors = f64x2.splat(factor);
  for (let i: usize = 0; i < 256; i += 16) {
    v128.store(x + i, f64x2.sub(v128.load(x + i), f64x2.mul(factors, v128.load(y + i))));
  }
}

/** The columns of a block but the first: B ← (I − τ' u uᵀ) (B − τ y vᵀ). */
export function updateBlock(b: usize, v: usize, y: usize, tau: f64, u: usize, tauU: f64): void {
  if (tau != 0) subtractProduct(b + RIGHT, y, tau * load<f64>(v, 8));
  if (tauU != 0) reflect(b + RIGHT, u, 32, tauU);
  for (let c: usize = 2; c < 32; c += 2) {
    updateTwoColumns(
      b + c * RIGHT,
      y,
      tau == 0 ? 0 : tau * load<f64>(v + (c << 3)),
      tau == 0 ? 0 : tau * load<f64>(v + (c << 3), 8),
      u,
      tauU,
    );
  }
}

/** Two columns of {@link updateBlock}, with the factors of y. */
export function updateTwoColumns(b: usize, y: usize, f0: f64, f1: f64, u: usize, tauU: f64): void {
  const fs0 = f64x2.splat(f0);
  const fs1 = f64x2.splat(f1);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  for (let i: usize = 0; i < 256; i += 16) {
    const yi = v128.load(y + i);
    const ui = v128.load(u + i);
    const b0 = f64x2.sub(v128.load(b + i), f64x2.mul(fs0, yi));
    const b1 = f64x2.sub(v128.load(b + i, 504), f64x2.mul(fs1, yi));
    v128.store(b + i, b0);
    v128.store(b + i, b1, 504);
    s0 = f64x2.add(s0, f64x2.mul(b0, ui));
    s1 = f64x2.add(s1, f64x2.mul(b1, ui));
  }
  const gs0 = f64x2.splat(tauU * (f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1)));
  const gs1 = f64x2.splat(tauU * (f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1)));
  for (let i: usize = 0; i < 256; i += 16) {
    const ui = v128.load(u + i);
    v128.store(b + i, f64x2.sub(v128.load(b + i), f64x2.mul(gs0, ui)));
    v128.store(b + i, f64x2.sub(v128.load(b + i, 504), f64x2.mul(gs1, ui)), 504);
  }
}

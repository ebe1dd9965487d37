/**
 * An upper band matrix with WIDTH diagonals above the main one becomes bidiagonal: reflections clear a row beyond its second
 * entry, and what they fill in below the diagonal is chased down the band and out of it, a block of WIDTH rows at a time.
 *
 * Entry (r, c) lies at band + 8 (r ROW + c − r + WIDTH) for r − WIDTH ≤ c ≤ r + 2 WIDTH: room for what is filled in. So
 * blocks lie row after row, STEP bytes apart. Rows of zeros follow, for the last blocks.
 *
 * Source: Haidar, Kurzak, Luszczek, "An improved parallel singular value algorithm and its implementation for multicore
 * hardware", 2013; Großer and Lang, "Efficient parallel reduction to bidiagonal form", 1999.
 */

/** Diagonals above the main one. */
export const WIDTH: i32 = 32;

/** Numbers in a row of the band; nine more than are needed, so that the rows of a block fall into different cache sets. */
export const ROW: i32 = 3 * 32 + 9;

/** Bytes from a row of a block to the next. */
const STEP: usize = (3 * 32 + 8) * 8;

/** Bytes of WIDTH numbers. */
const VECTOR: usize = 32 * 8;

/** Sweeps that go down the band together, each two blocks behind the one before, so that the band stays in the cache. */
const TOGETHER: i32 = 8;

const TINY_SQUARES: f64 = 1e-270;

export function bandEntry(band: usize, row: i32, column: i32): usize {
  return band + ((<usize>(row * (ROW - 1) + column + WIDTH)) << 3);
}

/** Bytes of a band of that order. */
export function bandBytes(order: i32): usize {
  return (<usize>((order + 2 * WIDTH + 2) * ROW)) << 3;
}

/**
 * Reduces the band to its diagonal and the one above it, in place.
 *
 * @param vectors - room for TOGETHER + 1 vectors of WIDTH + 1 numbers.
 */
export function chaseBulges(band: usize, order: i32, vectors: usize): void {
  const left = vectors + <usize>TOGETHER * (VECTOR + 16);
  for (let first = 0; first < order - 1; first += TOGETHER) {
    const sweeps = min(TOGETHER, order - 1 - first);
    const steps = (order - 2 - first) / WIDTH + 1;
    for (let step = 0; step < steps + 2 * (sweeps - 1); step++) {
      for (let i = 0; i < sweeps; i++) {
        const block = step - 2 * i;
        const row = first + i + 1 + block * WIDTH;
        if (block < 0 || row >= order) continue;
        const right = vectors + <usize>i * (VECTOR + 16);
        if (block == 0) {
          const entry = bandEntry(band, row - 1, row);
          store<f64>(entry, makeReflection(entry, 8, right));
        }
        chaseBlock(bandEntry(band, row, row), right, left);
      }
    }
  }
}

/**
 * A reflection of columns comes in from above: it is applied to the diagonal block, whose first column is then cleared by a
 * reflection of rows. This one is applied to the block on the right too, whose first row is cleared by the reflection of
 * columns that takes the place of the first.
 */
function chaseBlock(block: usize, right: usize, left: usize): void {
  applyRight(block, right);
  const diagonal = makeReflection(block, STEP, left);
  applyLeft(block, left);
  store<f64>(block, diagonal);
  const across = makeReflection(block + VECTOR, 8, right);
  applyRight(block + VECTOR, right);
  store<f64>(block + VECTOR, across);
}

/**
 * The reflection I − τ v vᵀ that clears a vector after its first entry: v, then τ. The vector becomes zero, so that it may be
 * reflected along with its neighbors; the first entry that it has to get is returned.
 */
function makeReflection(x: usize, step: usize, v: usize): f64 {
  let squares: f64 = 0;
  let at = x;
  for (let i = 1; i < WIDTH; i++) {
    at += step;
    const value = load<f64>(at);
    squares += value * value;
  }
  const alpha = load<f64>(x);
  let beta = alpha;
  let tau: f64 = 0;
  let inverse: f64 = 0;
  if (squares >= TINY_SQUARES) {
    const norm = Math.sqrt(alpha * alpha + squares);
    beta = alpha > 0 ? -norm : norm;
    tau = (beta - alpha) / beta;
    inverse = 1 / (alpha - beta);
  }
  store<f64>(v, 1);
  store<f64>(v + VECTOR, tau);
  store<f64>(x, 0);
  at = x;
  for (let i = 1; i < WIDTH; i++) {
    at += step;
    v += 8;
    store<f64>(v, load<f64>(at) * inverse);
    store<f64>(at, 0);
  }
  return beta;
}

/** A ← A − τ v (vᵀ A) for WIDTH rows and twice as many columns. */
function applyLeft(a: usize, v: usize): void {
  const tau = load<f64>(v + VECTOR);
  if (tau == 0) return;
  const factor = f64x2.splat(-tau);
  const end = v + VECTOR;
  for (const last = a + 2 * VECTOR; a < last; a += 64) {
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    let row = a;
    for (let at = v; at < end; at += 8, row += STEP) {
      const x = v128.load64_splat(at);
      s0 = f64x2.add(s0, f64x2.mul(x, v128.load(row)));
      s1 = f64x2.add(s1, f64x2.mul(x, v128.load(row, 16)));
      s2 = f64x2.add(s2, f64x2.mul(x, v128.load(row, 32)));
      s3 = f64x2.add(s3, f64x2.mul(x, v128.load(row, 48)));
    }
    s0 = f64x2.mul(s0, factor);
    s1 = f64x2.mul(s1, factor);
    s2 = f64x2.mul(s2, factor);
    s3 = f64x2.mul(s3, factor);
    row = a;
    for (let at = v; at < end; at += 8, row += STEP) {
      const x = v128.load64_splat(at);
      v128.store(row, f64x2.add(v128.load(row), f64x2.mul(x, s0)));
      v128.store(row, f64x2.add(v128.load(row, 16), f64x2.mul(x, s1)), 16);
      v128.store(row, f64x2.add(v128.load(row, 32), f64x2.mul(x, s2)), 32);
      v128.store(row, f64x2.add(v128.load(row, 48), f64x2.mul(x, s3)), 48);
    }
  }
}

/** A ← A − τ (A v) vᵀ for WIDTH rows and columns. */
function applyRight(a: usize, v: usize): void {
  const tau = load<f64>(v + VECTOR);
  if (tau == 0) return;
  const factor = f64x2.splat(-tau);
  for (let i = 0; i < WIDTH; i += 2, a += 2 * STEP) applyToRows(a, a + STEP, v, factor);
}

function applyToRows(a: usize, b: usize, v: usize, factor: v128): void {
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let b0 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  for (let i: usize = 0; i < VECTOR; i += 32) {
    const v0 = v128.load(v + i);
    const v1 = v128.load(v + i, 16);
    a0 = f64x2.add(a0, f64x2.mul(v0, v128.load(a + i)));
    b0 = f64x2.add(b0, f64x2.mul(v0, v128.load(b + i)));
    a1 = f64x2.add(a1, f64x2.mul(v1, v128.load(a + i, 16)));
    b1 = f64x2.add(b1, f64x2.mul(v1, v128.load(b + i, 16)));
  }
  a0 = f64x2.add(a0, a1);
  b0 = f64x2.add(b0, b1);
  a0 = f64x2.mul(f64x2.add(a0, v128.shuffle<f64>(a0, a0, 1, 0)), factor);
  b0 = f64x2.mul(f64x2.add(b0, v128.shuffle<f64>(b0, b0, 1, 0)), factor);
  for (let i: usize = 0; i < VECTOR; i += 16) {
    const x = v128.load(v + i);
    const y = f64x2.add(v128.load(a + i), f64x2.mul(x, a0));
    const z = f64x2.add(v128.load(b + i), f64x2.mul(x, b0));
    v128.store(a + i, y);
    v128.store(b + i, z);
  }
}

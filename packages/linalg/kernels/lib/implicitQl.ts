/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by the implicit QL method with Wilkinson's shift.
 *
 * Rotations of several steps are kept and applied to the vectors together, a few columns after the other, so that these stay
 * in the cache.
 *
 * Source: Dubrulle, Martin, Wilkinson, "The implicit QL algorithm", 1968 (imtql2).
 */

/** Steps for each eigenvalue, on average, after which the rest is given up; two are typical. */
const MOST_STEPS: i32 = 30;

/** Steps whose rotations are kept. */
export const STEPS_TOGETHER: i32 = 16;

/** The square of the distance from 1 to the next float64. */
const ROUNDING_SQUARED: f64 = 4.930380657631324e-32;

/** The smallest normal number: an entry whose square is below it couples nothing. */
const TINY: f64 = 2.2250738585072014e-308;

/** Below it squares lose digits to underflow. */
const SMALL_SQUARES: f64 = 1e-270;

/**
 * Replaces the diagonal by the eigenvalues, in no order, and rotates the rows of a matrix along.
 *
 * @param d - the diagonal.
 * @param e - e[i] couples i and i + 1; the last entry is zero. Destroyed.
 * @param strips - the matrix in strips of `order` rows, an even number of them.
 * @param pairs - how many pairs of strips there are.
 * @param rotations - room for STEPS_TOGETHER steps of 2 + 2 `order` numbers, and one number more.
 * @returns how many values have not been found: none but for a defect.
 */
export function tridiagonalVectors(
  d: usize,
  e: usize,
  order: i32,
  strips: usize,
  pairs: i32,
  rotations: usize,
): i32 {
  const stepBytes = (<usize>(2 + 2 * order)) << 3;
  let left = MOST_STEPS * order;
  let kept = 0;
  let first = 0;
  while (first < order) {
    const last = endOfBlock(d, e, order, first);
    if (last == first) {
      first++;
    } else {
      if (left-- == 0) return order - first;
      const step = rotations + <usize>kept * stepBytes;
      store<f64>(step, <f64>(last - 1));
      store<f64>(step, <f64>qlStep(d, e, first, last, step + 16), 8);
      kept++;
      if (kept == STEPS_TOGETHER) {
        rotateAll(strips, pairs, order, rotations, stepBytes, kept);
        kept = 0;
      }
    }
  }
  rotateAll(strips, pairs, order, rotations, stepBytes, kept);
  return 0;
}

function get(array: usize, i: i32): f64 {
  return load<f64>(array + ((<usize>i) << 3));
}

function set(array: usize, i: i32, value: f64): void {
  store<f64>(array + ((<usize>i) << 3), value);
}

/** The last row of the block that starts at `first`: the off-diagonal entry after it is negligible. */
function endOfBlock(d: usize, e: usize, order: i32, first: i32): i32 {
  let last = first;
  for (; last < order - 1; last++) {
    const coupling = get(e, last) * get(e, last);
    const size = abs(get(d, last)) * abs(get(d, last + 1));
    if (coupling <= ROUNDING_SQUARED * size + TINY) break;
  }
  return last;
}

/** One step on rows `first` to `last`, from the bottom up; writes cosine and sine of each rotation, returns their number. */
function qlStep(d: usize, e: usize, first: i32, last: i32, rotations: usize): i32 {
  const top = get(d, first);
  const coupling = get(e, first);
  const slope = (get(d, first + 1) - top) / (2 * coupling);
  const root = abs(slope) < 1e150 ? Math.sqrt(slope * slope + 1) : abs(slope);
  const shift = top - coupling / (slope < 0 ? slope - root : slope + root);
  let g = get(d, last) - shift;
  let sine: f64 = 1;
  let cosine: f64 = 1;
  let p: f64 = 0;
  for (let i = last - 1; i >= first; i--) {
    const f = sine * get(e, i);
    const b = cosine * get(e, i);
    const r = norm(f, g);
    set(e, i + 1, r);
    if (r == 0) {
      // The rotation has split the block here: what is left of it is taken up again by the next step.
      set(d, i + 1, get(d, i + 1) - p);
      set(e, last, 0);
      return last - 1 - i;
    }
    sine = f / r;
    cosine = g / r;
    store<f64>(rotations, cosine);
    store<f64>(rotations, sine, 8);
    rotations += 16;
    const shifted = get(d, i + 1) - p;
    const t = (get(d, i) - shifted) * sine + 2 * cosine * b;
    p = sine * t;
    set(d, i + 1, shifted + p);
    g = cosine * t - b;
  }
  set(d, first, get(d, first) - p);
  set(e, first, g);
  set(e, last, 0);
  return last - first;
}

function norm(f: f64, g: f64): f64 {
  const squares = f * f + g * g;
  if (squares > SMALL_SQUARES) return Math.sqrt(squares);
  const larger = max(abs(f), abs(g));
  if (larger == 0) return 0;
  const x = f / larger;
  const y = g / larger;
  return larger * Math.sqrt(x * x + y * y);
}

function rotateAll(
  strips: usize,
  pairs: i32,
  order: i32,
  rotations: usize,
  stepBytes: usize,
  steps: i32,
): void {
  const strip = (<usize>order) << 5;
  for (let pair = 0; pair < pairs; pair++, strips += 2 * strip) {
    let step = rotations;
    for (let i = 0; i < steps; i++, step += stepBytes) {
      rotateRows(strips, strip, <i32>load<f64>(step), <i32>load<f64>(step, 8), step + 16);
    }
  }
}

/** Rotates rows i and i + 1 of two strips, i from `row` downwards. */
function rotateRows(strips: usize, strip: usize, row: i32, count: i32, rotations: usize): void {
  let left = strips + ((<usize>row) << 5);
  let right = left + strip;
  // What row i + 1 has become so far.
  let x0 = v128.load(left, 32);
  let x1 = v128.load(left, 48);
  let x2 = v128.load(right, 32);
  let x3 = v128.load(right, 48);
  for (const end = rotations + ((<usize>count) << 4); rotations < end; rotations += 16) {
    const c = v128.load64_splat(rotations);
    const s = v128.load64_splat(rotations, 8);
    const y0 = v128.load(left);
    const y1 = v128.load(left, 16);
    v128.store(left, f64x2.add(f64x2.mul(s, y0), f64x2.mul(c, x0)), 32);
    v128.store(left, f64x2.add(f64x2.mul(s, y1), f64x2.mul(c, x1)), 48);
    x0 = f64x2.sub(f64x2.mul(c, y0), f64x2.mul(s, x0));
    x1 = f64x2.sub(f64x2.mul(c, y1), f64x2.mul(s, x1));
    const y2 = v128.load(right);
    const y3 = v128.load(right, 16);
    v128.store(right, f64x2.add(f64x2.mul(s, y2), f64x2.mul(c, x2)), 32);
    v128.store(right, f64x2.add(f64x2.mul(s, y3), f64x2.mul(c, x3)), 48);
    x2 = f64x2.sub(f64x2.mul(c, y2), f64x2.mul(s, x2));
    x3 = f64x2.sub(f64x2.mul(c, y3), f64x2.mul(s, x3));
    left -= 32;
    right -= 32;
  }
  v128.store(left, x0, 32);
  v128.store(left, x1, 48);
  v128.store(right, x2, 32);
  v128.store(right, x3, 48);
}

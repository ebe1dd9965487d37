import { Layout } from './layout';

/** Steps for each eigenvalue, on average, after which the rest is given up; two are typical. */
const MOST_STEPS: i32 = 30;

/** The smallest normal number: an off-diagonal entry whose square is below it couples nothing. */
const TINY: f64 = 2.2250738585072014e-308;

/** Above it, squares that underflow are below the rounding of the sum. */
const SAFE_SQUARE: f64 = 1e-270;

/** Rounding: 2⁻⁵². */
const EPSILON: f64 = 2.220446049250313e-16;

/**
 * Takes the tridiagonal matrix out of the band, from the last row up.
 *
 * What comes first in the band is large in a graded matrix, and QL wants it last.
 */
export function takeTridiagonal(at: usize): void {
  const layout = changetype<Layout>(at);
  const order = <usize>layout.order;
  for (let i: usize = 0; i < order; i++) {
    const from = layout.band + ((order - 1 - i) << 9);
    store<f64>(layout.diagonal + (i << 3), load<f64>(from));
    if (i > 0) store<f64>(layout.offDiagonal + ((i - 1) << 3), load<f64>(from, 8));
  }
  if (order > 0) store<f64>(layout.offDiagonal + ((order - 1) << 3), 0);
}

/**
 * All eigenvalues of the tridiagonal matrix, in no order, by the implicit QL method with Wilkinson's
 * shift. Off-diagonal entry i couples i and i + 1.
 *
 * @returns how many it found: fewer than all where the steps did not suffice.
 *
 * Source: Dubrulle, Martin, Wilkinson, "The implicit QL algorithm", 1968 (imtql1).
 */
export function allValues(at: usize): i32 {
  const layout = changetype<Layout>(at);
  const order = layout.order;
  const d = layout.values;
  const e = layout.offDiagonal;
  memory.copy(d, layout.diagonal, (<usize>order) << 3);
  let stepsLeft = MOST_STEPS * order;
  for (let first = 0; first < order;) {
    const last = endOfBlock(d, e, first, order);
    if (last == first) {
      first++;
    } else if (stepsLeft-- > 0) {
      step(d, e, first, last);
    } else {
      return first;
    }
  }
  return order;
}

/** The last row of the block that starts at `first`: the off-diagonal entry after it is negligible. */
export function endOfBlock(d: usize, e: usize, first: i32, order: i32): i32 {
  let last = first;
  for (; last < order - 1; last++) {
    const at = (<usize>last) << 3;
    const coupling = load<f64>(e + at);
    const size = abs(load<f64>(d + at)) * abs(load<f64>(d + at, 8));
    if (coupling * coupling <= EPSILON * EPSILON * size + TINY) break;
  }
  return last;
}

/** One step on rows `first` to `last`: a rotation in each plane (i, i + 1), from the bottom up. */
export function step(d: usize, e: usize, first: i32, last: i32): void {
  const top = d + ((<usize>first) << 3);
  const coupling = load<f64>(e + ((<usize>first) << 3));
  const slope = (load<f64>(top, 8) - load<f64>(top)) / (2 * coupling);
  // Beyond 1e150 the square would overflow, and the root is the slope itself.
  const root = abs(slope) < 1e150 ? sqrt(slope * slope + 1) : abs(slope);
  const shift = load<f64>(top) - coupling / (slope < 0 ? slope - root : slope + root);

  let g = load<f64>(d + ((<usize>last) << 3)) - shift;
  let sine: f64 = 1;
  let cosine: f64 = 1;
  let p: f64 = 0;
  for (let i = last - 1; i >= first; i--) {
    const di = d + ((<usize>i) << 3);
    const ei = e + ((<usize>i) << 3);
    const entry = load<f64>(ei);
    const f = sine * entry;
    const b = cosine * entry;
    const squares = f * f + g * g;
    const r = squares > SAFE_SQUARE ? sqrt(squares) : carefulNorm(f, g);
    store<f64>(ei, r, 8);
    if (r == 0) {
      // The rotation has split the block here: what is left of it is taken up again by the next step.
      store<f64>(di, load<f64>(di, 8) - p, 8);
      store<f64>(e + ((<usize>last) << 3), 0);
      return;
    }
    sine = f / r;
    cosine = g / r;
    const shifted = load<f64>(di, 8) - p;
    const t = (load<f64>(di) - shifted) * sine + 2 * cosine * b;
    p = sine * t;
    store<f64>(di, shifted + p, 8);
    g = cosine * t - b;
  }
  store<f64>(top, load<f64>(top) - p);
  store<f64>(e + ((<usize>first) << 3), g);
  store<f64>(e + ((<usize>last) << 3), 0);
}

/** √(f² + g²) where the squares underflow. */
export function carefulNorm(f: f64, g: f64): f64 {
  const larger = max(abs(f), abs(g));
  if (larger == 0) return 0;
  const x = f / larger;
  const y = g / larger;
  return larger * sqrt(x * x + y * y);
}

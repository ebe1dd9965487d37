/**
 * Singular values of an upper bidiagonal matrix by the implicit QR method, without a shift where its values are tiny.
 *
 * Source: Demmel and Kahan, "Accurate singular values of bidiagonal matrices", 1990, as in LAPACK's dbdsqr.
 */

/** Steps for each value, on average, after which the rest is given up; two are typical. */
const MOST_STEPS: i32 = 30;

/** Half the distance from 1 to the next float64. */
const ROUNDING: f64 = 1.1102230246251565e-16;

/** Entries above the diagonal of so many roundings of the largest are noise that a further step would only renew. */
const NOISE: f64 = 8;

/** Below it squares lose digits to underflow. */
const SMALL_SQUARES: f64 = 1e-270;

/**
 * Replaces the diagonal by the singular values, in no order, zeros and signs as they come out. The entry of the diagonal
 * above, `e[i]` right of `d[i]`, are destroyed.
 *
 * @param rotation - room for three numbers.
 * @returns how many entries are left to be cleared: none but for a defect.
 */
export function bidiagonalValues(d: usize, e: usize, order: i32, rotation: usize): i32 {
  let largest: f64 = 0;
  for (let i = 0; i < order; i++) {
    largest = max(largest, abs(get(d, i)));
    if (i < order - 1) largest = max(largest, abs(get(e, i)));
  }
  const negligible = largest * ROUNDING * NOISE;
  let left = MOST_STEPS * order;
  let last = order - 1;
  let turnedLast = -1;
  while (last > 0) {
    if (abs(get(e, last - 1)) <= negligible) {
      last--;
      continue;
    }
    if (left-- == 0) return last;
    let first = last;
    let smallest = abs(get(d, last));
    while (first > 0 && abs(get(e, first - 1)) > negligible) {
      first--;
      smallest = min(smallest, abs(get(d, first)));
    }
    // The values come out at the end, the small ones first: they should be there already. The block turned upside down and
    // transposed has the same values.
    if (turnedLast != last && abs(get(d, first)) < abs(get(d, last))) reverse(d, e, first, last);
    turnedLast = last;
    const shift = smallerValue(get(d, last - 1), get(e, last - 1), get(d, last));
    const top = get(d, first);
    const ratio = shift / top;
    if (smallest <= negligible || ratio * ratio < ROUNDING) stepWithoutShift(d, e, first, last, rotation);
    else stepWithShift(d, e, first, last, shift, rotation);
  }
  return 0;
}

function get(array: usize, i: i32): f64 {
  return load<f64>(array + ((<usize>i) << 3));
}

function set(array: usize, i: i32, value: f64): void {
  store<f64>(array + ((<usize>i) << 3), value);
}

function reverse(d: usize, e: usize, first: i32, last: i32): void {
  for (let i = first, j = last; i < j; i++, j--) {
    const x = get(d, i);
    set(d, i, get(d, j));
    set(d, j, x);
  }
  for (let i = first, j = last - 1; i < j; i++, j--) {
    const x = get(e, i);
    set(e, i, get(e, j));
    set(e, j, x);
  }
}

/** The smaller singular value of [[f, g], [0, h]] (LAPACK's dlas2). */
function smallerValue(f: f64, g: f64, h: f64): f64 {
  const least = min(abs(f), abs(h));
  const most = max(abs(f), abs(h));
  if (least == 0) return 0;
  const across = abs(g);
  const sum = 1 + least / most;
  const difference = (most - least) / most;
  if (across < most) {
    const square = (across / most) * (across / most);
    return least * (2 / (Math.sqrt(sum * sum + square) + Math.sqrt(difference * difference + square)));
  }
  const quotient = most / across;
  const a = sum * quotient;
  const b = difference * quotient;
  return 2 * (least * (1 / (Math.sqrt(1 + a * a) + Math.sqrt(1 + b * b)))) * quotient;
}

/** Cosine, sine and r with c f + s g = r and c g = s f. */
function rotate(f: f64, g: f64, rotation: usize): void {
  let c: f64 = 1;
  let s: f64 = 0;
  let r = f;
  if (g != 0) {
    let squares = f * f + g * g;
    if (squares < SMALL_SQUARES) {
      const larger = max(abs(f), abs(g));
      const x = f / larger;
      const y = g / larger;
      r = Math.sqrt(x * x + y * y);
      c = x / r;
      s = y / r;
      r *= larger;
    } else {
      r = Math.sqrt(squares);
      c = f / r;
      s = g / r;
    }
  }
  store<f64>(rotation, c);
  store<f64>(rotation, s, 8);
  store<f64>(rotation, r, 16);
}

function stepWithShift(d: usize, e: usize, first: i32, last: i32, shift: f64, rotation: usize): void {
  const top = get(d, first);
  let f = (abs(top) - shift) * ((top < 0 ? -1.0 : 1.0) + shift / top);
  let g = get(e, first);
  for (let i = first; i < last; i++) {
    rotate(f, g, rotation);
    let c = load<f64>(rotation);
    let s = load<f64>(rotation, 8);
    if (i > first) set(e, i - 1, load<f64>(rotation, 16));
    const di = get(d, i);
    const ei = get(e, i);
    const next = get(d, i + 1);
    f = c * di + s * ei;
    const across = c * ei - s * di;
    g = s * next;
    const below = c * next;
    rotate(f, g, rotation);
    c = load<f64>(rotation);
    s = load<f64>(rotation, 8);
    set(d, i, load<f64>(rotation, 16));
    f = c * across + s * below;
    set(d, i + 1, c * below - s * across);
    if (i < last - 1) {
      const beyond = get(e, i + 1);
      g = s * beyond;
      set(e, i + 1, c * beyond);
    }
  }
  set(e, last - 1, f);
}

function stepWithoutShift(d: usize, e: usize, first: i32, last: i32, rotation: usize): void {
  let c: f64 = 1;
  let s: f64 = 0;
  let previousCosine: f64 = 1;
  let previousSine: f64 = 0;
  for (let i = first; i < last; i++) {
    rotate(get(d, i) * c, get(e, i), rotation);
    c = load<f64>(rotation);
    s = load<f64>(rotation, 8);
    const r = load<f64>(rotation, 16);
    if (i > first) set(e, i - 1, previousSine * r);
    rotate(previousCosine * r, get(d, i + 1) * s, rotation);
    previousCosine = load<f64>(rotation);
    previousSine = load<f64>(rotation, 8);
    set(d, i, load<f64>(rotation, 16));
  }
  const end = get(d, last) * c;
  set(d, last, end * previousCosine);
  set(e, last - 1, end * previousSine);
}

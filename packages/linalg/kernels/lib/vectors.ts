/** Sums over vectors, and the reflections that are made of them. */

/** Below it a sum of squares may have lost what underflowed. */
const SAFE_SQUARES: f64 = 1e-270;

/** The product of two vectors of an even number of entries. */
export function dot(x: usize, y: usize, length: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  const end = x + (length << 3);
  const whole = x + ((length & ~7) << 3);
  while (x < whole) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(x), v128.load(y)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    s2 = f64x2.add(s2, f64x2.mul(v128.load(x, 32), v128.load(y, 32)));
    s3 = f64x2.add(s3, f64x2.mul(v128.load(x, 48), v128.load(y, 48)));
    x += 64;
    y += 64;
  }
  while (x < end) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
  }
  const s = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

/** The largest absolute value of a vector of an even number of entries. */
function largestOf(x: usize, length: usize): f64 {
  let largest: f64 = 0;
  for (let i: usize = 0; i < length; i++) largest = max(largest, abs(load<f64>(x + (i << 3))));
  return largest;
}

/** Multiplies a vector of an even number of entries. */
function scale(x: usize, length: usize, factor: f64): void {
  const factors = f64x2.splat(factor);
  for (const end = x + (length << 3); x < end; x += 16) v128.store(x, f64x2.mul(v128.load(x), factors));
}

/**
 * Replaces x by the v of the reflection H = I − τ v vᵀ that maps x onto a multiple of its first unit vector; v begins with 1
 * and an x that is such a multiple already gives τ = 0 and v = 0.
 *
 * @param length - even; where x has an odd length, a zero follows.
 * @param result - where τ is written, and after it the multiple.
 */
export function makeReflection(x: usize, length: usize, result: usize): void {
  let first = load<f64>(x);
  store<f64>(x, 0);
  let squares = dot(x, x, length);
  let unit: f64 = 1;
  if (squares < SAFE_SQUARES) {
    // Squares of entries that are scaled to 1 do not underflow.
    const largest = largestOf(x, length);
    if (largest == 0) {
      store<f64>(result, 0);
      store<f64>(result, first, 8);
      return;
    }
    unit = max(largest, abs(first));
    // In two steps: the inverse of a denormal overflows.
    if (unit < 1e-300) {
      scale(x, length, 1e300);
      first *= 1e300;
      unit *= 1e300;
      scale(x, length, 1 / unit);
      first /= unit;
      unit *= 1e-300;
    } else {
      scale(x, length, 1 / unit);
      first /= unit;
    }
    squares = dot(x, x, length);
  }
  const norm = sqrt(first * first + squares);
  const multiple = first < 0 ? norm : -norm;
  scale(x, length, 1 / (first - multiple));
  store<f64>(x, 1);
  store<f64>(result, (multiple - first) / multiple);
  store<f64>(result, multiple * unit, 8);
}

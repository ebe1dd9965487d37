import { dot, makeReflection } from './vectors';

/**
 * The QR decomposition of 32 columns by reflections. The columns become Y, whose column k begins with k zeros and a 1; two zeros
 * follow each.
 *
 * @param stride - from one column to the next.
 * @param reflections - where τ of each reflection and the diagonal entry of R are written.
 * @param r - where R is written, row after row.
 */
export function decompose(panel: usize, stride: usize, rows: usize, reflections: usize, r: usize): void {
  memory.fill(r, 0, 8192);
  for (let k: usize = 0; k < 32; k++) {
    const column = panel + k * stride;
    for (let i: usize = 0; i < k; i++) {
      store<f64>(r + (((i << 5) + k) << 3), load<f64>(column + (i << 3)));
      store<f64>(column + (i << 3), 0);
    }
    const at = column + (k << 3);
    const result = reflections + (k << 4);
    // From an odd row on there is an odd number: the zero after the last one is taken along.
    const length = (rows - k + 1) & ~1;
    makeReflection(at, length, result);
    store<f64>(r + ((k * 33) << 3), load<f64>(result, 8));
    const tau = load<f64>(result);
    if (tau == 0) continue;
    let other = k + 1;
    for (; other < 32 && (other & 3) != 0; other++) {
      reflect(panel + other * stride + (k << 3), at, length, tau);
    }
    for (; other < 32; other += 4) {
      reflectFour(panel + other * stride + (k << 3), stride, at, length, tau);
    }
  }
}

/** x ← (I − τ v vᵀ) x. */
export function reflect(x: usize, v: usize, length: usize, tau: f64): void {
  const factor = f64x2.splat(-tau * dot(x, v, length));
  for (const end = x + (length << 3); x < end; x += 16, v += 16) {
    v128.store(x, f64x2.add(v128.load(x), f64x2.mul(factor, v128.load(v))));
  }
}

/** The same for four columns. */
export function reflectFour(x: usize, stride: usize, v: usize, length: usize, tau: f64): void {
  let x0 = x;
  let x1 = x + stride;
  let x2 = x1 + stride;
  let x3 = x2 + stride;
  let at = v;
  const end = v + (length << 3);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  for (; at < end; at += 16) {
    const vi = v128.load(at);
    s0 = f64x2.add(s0, f64x2.mul(vi, v128.load(x0)));
    s1 = f64x2.add(s1, f64x2.mul(vi, v128.load(x1)));
    s2 = f64x2.add(s2, f64x2.mul(vi, v128.load(x2)));
    s3 = f64x2.add(s3, f64x2.mul(vi, v128.load(x3)));
    x0 += 16;
    x1 += 16;
    x2 += 16;
    x3 += 16;
  }
  const f0 = f64x2.splat(-tau * (f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1)));
  const f1 = f64x2.splat(-tau * (f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1)));
  const f2 = f64x2.splat(-tau * (f64x2.extract_lane(s2, 0) + f64x2.extract_lane(s2, 1)));
  const f3 = f64x2.splat(-tau * (f64x2.extract_lane(s3, 0) + f64x2.extract_lane(s3, 1)));
  x0 = x;
  x1 = x + stride;
  x2 = x1 + stride;
  x3 = x2 + stride;
  for (at = v; at < end; at += 16) {
    const vi = v128.load(at);
    v128.store(x0, f64x2.add(v128.load(x0), f64x2.mul(f0, vi)));
    v128.store(x1, f64x2.add(v128.load(x1), f64x2.mul(f1, vi)));
    v128.store(x2, f64x2.add(v128.load(x2), f64x2.mul(f2, vi)));
    v128.store(x3, f64x2.add(v128.load(x3), f64x2.mul(f3, vi)));
    x0 += 16;
    x1 += 16;
    x2 += 16;
    x3 += 16;
  }
}

/** T of I − Y T Yᵀ, upper triangular, from the τ of its reflections and YᵀY. */
export function triangularFactor(t: usize, reflections: usize, yy: usize): void {
  memory.fill(t, 0, 8192);
  for (let k: usize = 0; k < 32; k++) {
    const tau = load<f64>(reflections + (k << 4));
    for (let i: usize = 0; i < k; i++) {
      let sum: f64 = 0;
      for (let j = i; j < k; j++) {
        sum += load<f64>(t + (((i << 5) + j) << 3)) * load<f64>(yy + (((j << 5) + k) << 3));
      }
      store<f64>(t + (((i << 5) + k) << 3), -tau * sum);
    }
    store<f64>(t + ((k * 33) << 3), tau);
  }
}

/**
 * One-sided Jacobi: rows are rotated in pairs until they are orthogonal. Rows are as long as a multiple of four numbers.
 */
import { dot } from './lib/vectors';

export { dot } from './lib/vectors';

/** Up to this cosine, 2⁻²⁰, squared lengths are taken forward instead of summed anew: what changes of them is a square of it. */
const SMALL: f64 = 9.5367431640625e-7;

/** Rows a and b become cosine a − sine b and sine a + cosine b. */
function rotate(a: usize, b: usize, bytes: usize, cosine: f64, sine: f64): void {
  const c = f64x2.splat(cosine);
  const s = f64x2.splat(sine);
  const end = a + bytes;
  for (; a < end; a += 32, b += 32) {
    const x0 = v128.load(a);
    const y0 = v128.load(b);
    const x1 = v128.load(a, 16);
    const y1 = v128.load(b, 16);
    v128.store(a, f64x2.sub(f64x2.mul(c, x0), f64x2.mul(s, y0)));
    v128.store(b, f64x2.add(f64x2.mul(s, x0), f64x2.mul(c, y0)));
    v128.store(a, f64x2.sub(f64x2.mul(c, x1), f64x2.mul(s, y1)), 16);
    v128.store(b, f64x2.add(f64x2.mul(s, x1), f64x2.mul(c, y1)), 16);
  }
}

/**
 * Makes a row orthogonal to each of those behind it in turn, by the smaller of the two angles that do.
 *
 * @param rows - where they begin, `stride` bytes each, of which the `leading` first numbers count for lengths and products.
 * @param squares - where the squared lengths are; kept up to date.
 * @param noise - rows of up to this squared length are left as they are.
 * @param orthogonal - so are pairs with a cosine up to this.
 * @returns the largest cosine of a pair that was rotated, 0 where none was.
 */
export function rotateBehind(
  rows: usize,
  squares: usize,
  first: i32,
  count: i32,
  stride: usize,
  leading: usize,
  noise: f64,
  orthogonal: f64,
): f64 {
  const row = rows + <usize>first * stride;
  const square = squares + ((<usize>first) << 3);
  let largest: f64 = 0;
  for (let j = first + 1; j < count; j++) {
    const other = rows + <usize>j * stride;
    const otherSquare = squares + ((<usize>j) << 3);
    const a = load<f64>(square);
    const b = load<f64>(otherSquare);
    if (min(a, b) <= noise) continue;
    const shared = dot(row, other, leading);
    const share = abs(shared) / (sqrt(a) * sqrt(b));
    if (share <= orthogonal) continue;
    largest = max(largest, share);

    const cotangent = (b - a) / (2 * shared);
    const size = abs(cotangent);
    // Beyond 1e150, where the square overflows, the tangent is 1 / (2 cotangent) to the last digit.
    const tangent = copysign<f64>(1 / (size + (size > 1e150 ? size : sqrt(1 + size * size))), cotangent);
    const cosine = 1 / sqrt(1 + tangent * tangent);
    rotate(row, other, stride, cosine, tangent * cosine);
    if (share <= SMALL) {
      store<f64>(square, a - tangent * shared);
      store<f64>(otherSquare, b + tangent * shared);
    } else {
      store<f64>(square, dot(row, row, leading));
      store<f64>(otherSquare, dot(other, other, leading));
    }
  }
  return largest;
}

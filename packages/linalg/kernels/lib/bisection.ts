import { Layout } from './layout';

/** Halvings of the interval that holds all values, after which it is no wider than the rounding of its ends. */
const HALVINGS: i32 = 55;

/** The smallest normal number: what squares of couplings are raised to. */
const TINY: f64 = 2.2250738585072014e-308;

/** The least radius: what raised couplings move a value by is below its rounding. */
const LEAST_RADIUS: f64 = 1e-130;

/** Rounding: 2⁻⁵². */
const EPSILON: f64 = 2.220446049250313e-16;

/** An end of the interval that holds all values: Gershgorin's, with room for rounding. */
export function radius(at: usize): f64 {
  const layout = changetype<Layout>(at);
  let largest: f64 = 0;
  let before: f64 = 0;
  for (let i: usize = 0; i < <usize>layout.order; i++) {
    const after = abs(load<f64>(layout.offDiagonal + (i << 3)));
    largest = max(largest, abs(load<f64>(layout.diagonal + (i << 3))) + before + after);
    before = after;
  }
  return max(LEAST_RADIUS, largest * (1 + 4 * EPSILON));
}

/** Squares of the off-diagonal entries, from below each diagonal entry; none is zero, so that no 0/0 comes up. */
export function squareCouplings(at: usize): void {
  const layout = changetype<Layout>(at);
  store<f64>(layout.squares, 0);
  for (let i: usize = 1; i < <usize>layout.order; i++) {
    const coupling = load<f64>(layout.offDiagonal + ((i - 1) << 3));
    store<f64>(layout.squares + (i << 3), max(coupling * coupling, TINY));
  }
}

/**
 * The largest values of the tridiagonal matrix, descending, by bisection: the value with index k is where the number of values from
 * there on falls to k. All threads call it; eight values are halved at once.
 *
 * Source: Barth, Martin, Wilkinson, "Calculation of the eigenvalues of a symmetric tridiagonal matrix by the method of
 * bisection", 1967.
 */
export function largestValues(at: usize, thread: i32, threads: i32): void {
  const layout = changetype<Layout>(at);
  const end = radius(at);
  const own = layout.own + 65536 * <usize>thread;
  const highs = own + 64;
  const middles = own + 128;
  const below = own + 192;
  for (let first = 8 * thread; first < layout.largest; first += 8 * threads) {
    for (let i: usize = 0; i < 64; i += 8) {
      store<f64>(own + i, -end);
      store<f64>(highs + i, end);
    }
    for (let halving = 0; halving < HALVINGS; halving++) {
      for (let i: usize = 0; i < 64; i += 8) {
        store<f64>(middles + i, 0.5 * load<f64>(own + i) + 0.5 * load<f64>(highs + i));
      }
      countBelow(at, middles, below);
      for (let i: usize = 0; i < 8; i++) {
        const from = <i64>layout.order - load<i64>(below + (i << 3));
        store<f64>((from > <i64>first + <i64>i ? own : highs) + (i << 3), load<f64>(middles + (i << 3)));
      }
    }
    const count = min(8, layout.largest - first);
    for (let i: usize = 0; i < <usize>count; i++) {
      store<f64>(
        layout.values + ((<usize>first + i) << 3),
        0.5 * load<f64>(own + (i << 3)) + 0.5 * load<f64>(highs + (i << 3)),
      );
    }
  }
}

/**
 * Whether the values found are the largest ones, none missed: for the one with index k, at most k values lie above it
 * and at least k + 1 do not lie below it, give or take the rounding of the ends.
 *
 * @returns the index of the first that fails; `largest` where none does.
 */
export function certify(at: usize): i32 {
  const layout = changetype<Layout>(at);
  const slack = 2 * EPSILON * radius(at);
  const middles = layout.own + 128;
  const below = layout.own + 192;
  for (let first = 0; first < layout.largest; first += 4) {
    const count = <usize>min(4, layout.largest - first);
    for (let i: usize = 0; i < 4; i++) {
      const value = load<f64>(layout.values + ((<usize>first + min(i, count - 1)) << 3));
      store<f64>(middles + (i << 4), value + slack);
      store<f64>(middles + (i << 4), value - slack, 8);
    }
    countBelow(at, middles, below);
    for (let i: usize = 0; i < count; i++) {
      const index = <i64>first + <i64>i;
      const above = <i64>layout.order - load<i64>(below + (i << 4));
      const notBelow = <i64>layout.order - load<i64>(below + (i << 4), 8);
      if (above > index || notBelow <= index) return <i32>index;
    }
  }
  return layout.largest;
}

/**
 * How many values lie below each of eight numbers: as many as there are negative pivots in T − x I (Sylvester). A pivot
 * of zero counts as positive, and the next one is −∞.
 */
export function countBelow(at: usize, numbers: usize, counts: usize): void {
  const layout = changetype<Layout>(at);
  const x0 = v128.load(numbers);
  const x1 = v128.load(numbers, 16);
  const x2 = v128.load(numbers, 32);
  const x3 = v128.load(numbers, 48);
  const zero = f64x2.splat(0);
  let q0 = f64x2.splat(1);
  let q1 = q0;
  let q2 = q0;
  let q3 = q0;
  let n0 = i64x2.splat(0);
  let n1 = n0;
  let n2 = n0;
  let n3 = n0;
  let diagonal = layout.diagonal;
  let square = layout.squares;
  for (const end = diagonal + ((<usize>layout.order) << 3); diagonal < end; diagonal += 8) {
    const d = v128.load64_splat(diagonal);
    const s = v128.load64_splat(square);
    q0 = f64x2.sub(f64x2.sub(d, x0), f64x2.div(s, q0));
    q1 = f64x2.sub(f64x2.sub(d, x1), f64x2.div(s, q1));
    q2 = f64x2.sub(f64x2.sub(d, x2), f64x2.div(s, q2));
    q3 = f64x2.sub(f64x2.sub(d, x3), f64x2.div(s, q3));
    n0 = i64x2.sub(n0, f64x2.lt(q0, zero));
    n1 = i64x2.sub(n1, f64x2.lt(q1, zero));
    n2 = i64x2.sub(n2, f64x2.lt(q2, zero));
    n3 = i64x2.sub(n3, f64x2.lt(q3, zero));
    square += 8;
  }
  v128.store(counts, n0);
  v128.store(counts, n1, 16);
  v128.store(counts, n2, 32);
  v128.store(counts, n3, 48);
}

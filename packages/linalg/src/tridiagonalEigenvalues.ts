import type { Tridiagonal } from './tridiagonal.ts';

/**
 * Steps for each eigenvalue, on average, after which the rest is given up. Two are typical; the first eigenvalues of a
 * strongly graded matrix take many, in which the last ones come out too.
 */
const MOST_STEPS = 30;

/** The smallest normal number: an off-diagonal entry whose square is below it couples nothing. */
const TINY = 2 ** -1022;

/** Above it, squares that underflow are below the rounding of the sum. */
const SAFE_SQUARE = 2 ** -900;

/**
 * Eigenvalues of a symmetric tridiagonal matrix by the implicit QL method with Wilkinson's shift, in no order:
 * about 15 n² operations. Both arrays are destroyed; the first is returned.
 *
 * Entries should be near 1 in size. Where they grow down the diagonal over many orders of magnitude, small
 * eigenvalues keep their relative accuracy.
 *
 * @throws RangeError where they take more than thirty steps each, on average.
 *
 * Source: Dubrulle, Martin, Wilkinson, "The implicit QL algorithm", 1968 (imtql1).
 */
export function tridiagonalEigenvalues({ diagonal: d, offDiagonal: e }: Tridiagonal): Float64Array {
  let stepsLeft = MOST_STEPS * d.length;
  for (let first = 0; first < d.length;) {
    const last = endOfBlock(d, e, first);
    if (last === first) {
      first++;
    } else if (stepsLeft-- > 0) {
      qlStep(d, e, { first, last });
    } else {
      throw new RangeError(
        `expected ${d.length} eigenvalues within ${MOST_STEPS} QL steps each, got ${first}. Report this matrix as a defect.`,
      );
    }
  }
  return d;
}

/** The last row of the block that starts at `first`: the off-diagonal entry after it is negligible. */
function endOfBlock(d: Float64Array, e: Float64Array, first: number): number {
  let last = first;
  for (; last < d.length - 1; last++) {
    const coupling = (e[last] as number) ** 2;
    const size = Math.abs(d[last] as number) * Math.abs(d[last + 1] as number);
    if (coupling <= Number.EPSILON * Number.EPSILON * size + TINY) break;
  }
  return last;
}

/** One implicit QL step on rows `first` to `last`: a rotation in each plane (i, i + 1), from the bottom up. */
function qlStep(
  d: Float64Array,
  e: Float64Array,
  block: { readonly first: number; readonly last: number },
): void {
  const { first, last } = block;
  const top = d[first] as number;
  const coupling = e[first] as number;
  const slope = ((d[first + 1] as number) - top) / (2 * coupling);
  // Beyond 1e150 the square would overflow, and the root is the slope itself.
  const root = Math.abs(slope) < 1e150 ? Math.sqrt(slope * slope + 1) : Math.abs(slope);
  const shift = top - coupling / (slope < 0 ? slope - root : slope + root);

  let g = (d[last] as number) - shift;
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = last - 1; i >= first; i--) {
    const ei = e[i] as number;
    const f = sine * ei;
    const b = cosine * ei;
    const r = norm(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The rotation has split the block here: what is left of it is taken up again by the next step.
      d[i + 1] = (d[i + 1] as number) - p;
      e[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    const shifted = (d[i + 1] as number) - p;
    const t = ((d[i] as number) - shifted) * sine + 2 * cosine * b;
    p = sine * t;
    d[i + 1] = shifted + p;
    g = cosine * t - b;
  }
  d[first] = (d[first] as number) - p;
  e[first] = g;
  e[last] = 0;
}

/** √(f² + g²), to all its digits even where the squares leave the normal numbers; Math.hypot takes ten times as long. */
function norm(f: number, g: number): number {
  const squares = f * f + g * g;
  if (squares > SAFE_SQUARE) return Math.sqrt(squares);
  const larger = Math.max(Math.abs(f), Math.abs(g));
  return larger === 0 ? 0 : larger * Math.sqrt((f / larger) ** 2 + (g / larger) ** 2);
}

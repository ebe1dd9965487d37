/** Pieces that the distribution is summed in. */
const PIECES = 65_536;

/**
 * The limits of the singular values of a large matrix of independent entries: the i-th of k = min(n, d) is the value that a
 * share of (i − ½) / k of them lie above.
 *
 * The squares of the singular values of an n × d matrix with entries of mean 0 and variance v, over v max(n, d), are distributed with the density
 * √((b − x)(x − a)) / (2π y x) between a = (1 − √y)² and b = (1 + √y)², y = k / max(n, d), whatever the entries' distribution.
 *
 * @param shape - n and d.
 * @param variance - v.
 * @returns k values, descending.
 *
 * Source: Marchenko and Pastur, "Distribution of eigenvalues for some sets of random matrices", 1967.
 */
export function marchenkoPasturSingularValues(
  shape: readonly [n: number, d: number],
  variance: number,
): Float64Array {
  const larger = Math.max(...shape);
  const count = Math.min(...shape);
  const ratio = count / larger;
  // With x = 1 + y + 2 √y cos t the density is that of t in [0, π], smooth: 2 sin²t / (π x). Descending x is ascending t.
  const square = (t: number): number => 1 + ratio + 2 * Math.sqrt(ratio) * Math.cos(t);
  const width = Math.PI / PIECES;
  const values = new Float64Array(count);
  let below = 0;
  let filled = 0;
  for (let piece = 0; piece < PIECES && filled < count; piece++) {
    const middle = (piece + 0.5) * width;
    const mass = ((2 * Math.sin(middle) ** 2) / (Math.PI * square(middle))) * width;
    for (; filled < count && (filled + 0.5) / count <= below + mass; filled++) {
      const t = (piece + ((filled + 0.5) / count - below) / mass) * width;
      values[filled] = Math.sqrt(variance * larger * square(t));
    }
    below += mass;
  }
  return values;
}

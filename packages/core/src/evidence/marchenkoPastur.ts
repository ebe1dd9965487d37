/**
 * The largest singular value of n × d random numbers without structure, for large n and d: s (√n + √d), where s² is the mean of the squares of the entries. Larger values of an EDJM stand for
 * directions that noise of that size does not have.
 *
 * Source: Marchenko and Pastur, "Distribution of eigenvalues for some sets of random matrices", 1967.
 *
 * @param size - n and d_in.
 * @param singularValues - all of the matrix: the sum of their squares is that of its entries.
 *
 * @example
 * ```ts
 * import { marchenkoPasturEdge } from '@edjm/core';
 *
 * console.log(marchenkoPasturEdge({ n: 4, dIn: 1 }, Float64Array.of(2))); // 3, since the mean square is 1
 * ```
 */
export function marchenkoPasturEdge(
  { n, dIn }: { readonly n: number; readonly dIn: number },
  singularValues: ArrayLike<number>,
): number {
  const squares = Array.from(singularValues).reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares / (n * dIn)) * (Math.sqrt(n) + Math.sqrt(dIn));
}

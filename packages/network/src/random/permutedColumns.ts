import type { DenseMatrix } from '@edjm/core';
import { derivedSeed } from './derivedSeed.ts';
import { seededRandom } from './random.ts';

/**
 * A matrix whose columns hold the same numbers in random orders, each column in one of its own: what columns have to do with each other is gone, their sizes and means stay.
 *
 * @param seed - a 32-bit integer.
 *
 * @example
 * ```ts
 * import { permutedColumns } from '@edjm/network';
 *
 * const { data } = permutedColumns({ rows: 3, columns: 1, data: Float64Array.of(1, 2, 3) }, 0);
 * console.log(data.toSorted()); // Float64Array [ 1, 2, 3 ]
 * ```
 */
export function permutedColumns({ rows, columns, data }: DenseMatrix, seed: number): DenseMatrix {
  const permuted = Float64Array.from(data);
  for (let column = 0; column < columns; column++) {
    const { uniform } = seededRandom(derivedSeed(seed, [column]));
    // Fisher and Yates.
    for (let row = rows - 1; row > 0; row--) {
      const other = Math.floor(uniform() * (row + 1));
      const [a, b] = [row * columns + column, other * columns + column];
      [permuted[a], permuted[b]] = [permuted[b] as number, permuted[a] as number];
    }
  }
  return { rows, columns, data: permuted };
}

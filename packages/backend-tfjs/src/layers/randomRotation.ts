import type { Float64Matrix } from '@edjm/linalg';

/** Steps for every doubling of the number of columns: in one a row spreads over all columns, in the second it evens out. */
const STEPS_PER_DOUBLING = 2;

/**
 * The first rows of a random rotation: orthonormal rows of any direction, in some 2 n d log₂ d operations, whereas
 * orthonormalization takes 2 n² d.
 *
 * Unit vectors walk as in Kac's model of a gas: each step puts the columns into random pairs, and turns each pair by 45° one way or the
 * other. Each row comes close to one that is uniform on the sphere: the kurtosis of its entries is that of a normal distribution, to some
 * 1 / d. All rows together are not uniform among the rotations, since they share some d log₂ d random choices.
 *
 * @param count - n, at most `columns`.
 * @param columns - d.
 * @param uniform - Gives the next number of U[0, 1).
 * @returns n × d, orthonormal to some 1e-15.
 *
 * Source: Kac, "Foundations of kinetic theory", 1956; Pillai and Smith, "Kac's walk on n-sphere mixes in n log n steps",
 * 2017, for turns by any angle, for which the distance of fourth moments from their limit shrinks to ¾ in each step; by 45°
 * it shrinks to ½.
 */
export function randomRotation(count: number, columns: number, uniform: () => number): Float64Matrix {
  const steps = STEPS_PER_DOUBLING * Math.ceil(Math.log2(columns));
  const paired = columns - (columns % 2);
  const pairs = new Uint32Array(steps * paired);
  const order = Uint32Array.from({ length: columns }, (_, at) => at);
  for (let step = 0; step < steps; step++) {
    shuffle(order, uniform);
    pairs.set(order.subarray(0, paired), step * paired);
  }

  const data = new Float64Array(count * columns);
  for (let i = 0; i < count; i++) {
    // All steps of a row, then the next row: it stays in the cache.
    const row = data.subarray(i * columns, (i + 1) * columns);
    row[i] = 1;
    for (let at = 0; at < pairs.length; at += 2) {
      const first = pairs[at] as number;
      const second = pairs[at + 1] as number;
      const a = row[first] as number;
      const b = row[second] as number;
      row[first] = (a - b) * Math.SQRT1_2;
      row[second] = (a + b) * Math.SQRT1_2;
    }
  }
  return { rows: count, columns, data };
}

/** Fisher-Yates, in place. */
function shuffle(order: Uint32Array, uniform: () => number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    const moved = order[last] as number;
    order[last] = order[other] as number;
    order[other] = moved;
  }
}

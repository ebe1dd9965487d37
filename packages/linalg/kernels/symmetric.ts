import { reduceToBand } from './lib/bandReduction';
import { allOfBand, largestOfBand } from './lib/bandValues';
import { certify } from './lib/bisection';
import { reduceToTridiagonal } from './lib/chase';
import {
  findLargest,
  largestIn,
  largestOfParts,
  powerOfTwo,
  scaleExponent,
  writeTile,
  writeTiles,
} from './lib/input';
import { Layout } from './lib/layout';
import { meet } from './lib/threads';

/**
 * Eigenvalues of a symmetric matrix: dense to band, band to tridiagonal, tridiagonal to values. All threads call it.
 *
 * Nothing that is added up depends on how many threads there are, so neither does any bit of the result.
 *
 * @param at - the address of the {@link Layout}.
 * @returns to thread 0: how many values it found, fewer than wanted where an iteration did not end or the count at the end failed; -1
 * where an entry is not finite.
 */
export function eigenvalues(at: usize, thread: i32, threads: i32): i32 {
  const layout = changetype<Layout>(at);
  findLargest(at, thread, threads);
  meet(layout.meeting, threads);
  const largest = largestOfParts(at);
  if (!(largest < Infinity)) return -1;
  if (largest == 0) {
    if (thread == 0) memory.fill(layout.values, 0, (<usize>layout.order) << 3);
    return layout.largest;
  }
  const exponent = scaleExponent(largest);
  writeTiles(at, powerOfTwo(-exponent), thread, threads);
  meet(layout.meeting, threads);
  let found = layout.largest;
  if (!reduceToBand(at, thread, threads)) {
    found =
      layout.largest == layout.order ? allOfBand(at, thread, threads) : largestOfBand(at, thread, threads);
  }
  if (thread != 0) return 0;
  const scale = powerOfTwo(exponent);
  for (let i = layout.values, end = i + ((<usize>layout.largest) << 3); i < end; i += 8) {
    store<f64>(i, load<f64>(i) * scale);
  }
  return found;
}

// What runs long is exported even where only the kernel calls it: a function with one caller would be inlined, and V8
// optimizes a function no sooner than when it is called again.
export { largestIn, writeTile };
export { certify, reduceToBand, reduceToTridiagonal };
export { addTile, gatherTile, transposeTile } from './lib/bandReduction';
export { countBelow } from './lib/bisection';
export {
  clear,
  multiplyBlock,
  multiplyPair,
  reflectFromBothSides,
  updateBlock,
  updatePair,
  updateTwoColumns,
} from './lib/chase';
export { reflect, reflectFour, triangularFactor } from './lib/panel';
export {
  addProduct,
  addRankUpdate,
  addTransposedProduct,
  packEights,
  packPairs,
  packPanels,
} from './lib/tiles';
export { carefulNorm, endOfBlock, step } from './lib/tridiagonal';
export { dot, makeReflection } from './lib/vectors';

import { certify, largestValues, squareCouplings } from './bisection';
import { reduceToTridiagonal } from './chase';
import { Layout } from './layout';
import { meet } from './threads';
import { allValues, takeTridiagonal } from './tridiagonal';

/** All eigenvalues of the band, in no order. All threads call it. @returns to thread 0: how many it found. */
export function allOfBand(at: usize, thread: i32, threads: i32): i32 {
  takeTridiagonalOfBand(at, thread, threads);
  return thread == 0 ? allValues(at) : 0;
}

/**
 * The largest eigenvalues of the band, descending. All threads call it, and are met at the end.
 *
 * @returns to thread 0: the index of the first that a Sturm count refutes; `largest` where it refutes none.
 */
export function largestOfBand(at: usize, thread: i32, threads: i32): i32 {
  const layout = changetype<Layout>(at);
  takeTridiagonalOfBand(at, thread, threads);
  if (thread == 0) squareCouplings(at);
  meet(layout.meeting, threads);
  largestValues(at, thread, threads);
  meet(layout.meeting, threads);
  return thread == 0 ? certify(at) : 0;
}

/** Thread 0 has the tridiagonal matrix then. */
function takeTridiagonalOfBand(at: usize, thread: i32, threads: i32): void {
  const layout = changetype<Layout>(at);
  meet(layout.meeting, threads);
  reduceToTridiagonal(at, thread, threads);
  meet(layout.meeting, threads);
  if (thread == 0) takeTridiagonal(at);
}

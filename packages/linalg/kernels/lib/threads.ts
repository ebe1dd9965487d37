/**
 * Threads that work on one matrix. Each calls the same function; {@link meet} holds a thread until all have come. What is
 * done is split into parts of which each thread takes some, so the result does not depend on how many threads there are.
 */

/** Looks at the count so often before the thread sleeps: some tens of microseconds. */
const SPINS: i32 = 20_000;

/**
 * Waits for all threads.
 *
 * @param meeting - two i32, zero at the beginning: how many have come, and how many meetings there have been.
 */
export function meet(meeting: usize, threads: i32): void {
  if (threads == 1) return;
  const turn = atomic.load<i32>(meeting, 4);
  if (atomic.add<i32>(meeting, 1) == threads - 1) {
    atomic.store<i32>(meeting, 0);
    atomic.add<i32>(meeting, 1, 4);
    atomic.notify(meeting + 4, threads);
    return;
  }
  awaitChange(meeting + 4, turn);
}

/** Waits until a counter is no longer what it was. */
export function awaitChange(counter: usize, was: i32): void {
  for (let spin = 0; spin < SPINS; spin++) {
    if (atomic.load<i32>(counter) != was) return;
  }
  while (atomic.load<i32>(counter) == was) atomic.wait<i32>(counter, was, -1);
}

/** The part that a row of tiles belongs to: to and fro over them, so that long and short rows are shared out evenly. */
export function partOf(row: usize, parts: usize): usize {
  const place = row % (2 * parts);
  return place < parts ? place : 2 * parts - 1 - place;
}

/** Waits until a counter has reached a number. */
export function awaitAtLeast(counter: usize, number: i32): void {
  for (;;) {
    const found = atomic.load<i32>(counter);
    if (found >= number) return;
    awaitChange(counter, found);
  }
}

import { EdjmError } from '../contracts/errors.ts';

/** More threads than processors are of no use, and no machine has so many processors: a larger number is a typing error. */
const MOST_THREADS = 1024;

/**
 * Refuses a number of threads that no machine can run.
 *
 * @param threads - undefined if none is asked for.
 * @throws EdjmError `INVALID_ARGUMENT` if it is no whole number from 1 to 1024.
 */
export function checkThreads(threads: number | undefined): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected a number of threads from 1 to ${MOST_THREADS}, got ${threads}. Leave it out for one a processor.`,
  );
}

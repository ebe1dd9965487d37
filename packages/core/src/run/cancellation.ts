import { EdjmError } from '../contracts/errors.ts';

/** @throws EdjmError `ABORTED` if the signal has been given; its reason is the cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal.reason);
}

/** Turns errors of canceled work, the signal's reason or an `AbortError`, into `ABORTED`. */
export function asAborted(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true) return error;
  const isAbort = error === signal.reason || (error instanceof Error && error.name === 'AbortError');
  return isAbort ? abortedError(error) : error;
}

/** Lets timers, signals and the screen run between two computations. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    // Browsers have no setImmediate; timers there wait some milliseconds.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

function abortedError(cause: unknown): EdjmError {
  return new EdjmError('ABORTED', 'expected the run to finish, but it was canceled.', { cause });
}

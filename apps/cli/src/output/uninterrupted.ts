const signals = ['SIGINT', 'SIGTERM'] as const;

type Signal = (typeof signals)[number];

/**
 * Does a short piece of work that must not be cut off. An interruption in the meantime takes effect when the work is done; a second one ends
 * the process at once.
 */
export async function uninterrupted(work: () => Promise<void>): Promise<void> {
  // Asked before the work: a listener that hears a signal once is gone after it.
  const heard = new Set<Signal>(signals.filter((signal) => process.listenerCount(signal) > 0));
  let held: Signal | undefined;
  const release = (): void => {
    for (const signal of signals) process.removeListener(signal, hold);
  };
  const hold = (signal: Signal): void => {
    if (held === undefined) {
      held = signal;
      return;
    }
    release();
    end(signal);
  };
  for (const signal of signals) process.on(signal, hold);
  try {
    await work();
  } finally {
    release();
    // Training has a listener of its own, which has heard the signal already.
    if (held !== undefined && !heard.has(held)) end(held);
  }
}

/** Ends the process as the signal does if nobody listens. */
function end(signal: Signal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Does a short piece of work that must not be cut off. An interruption in the meantime takes effect when it is done. */
export async function uninterrupted(work: () => Promise<void>): Promise<void> {
  let held: NodeJS.Signals | undefined;
  const hold = (signal: NodeJS.Signals): void => {
    held ??= signal;
  };
  for (const signal of signals) process.on(signal, hold);
  try {
    await work();
  } finally {
    for (const signal of signals) process.removeListener(signal, hold);
    // Of training, which has a listener of its own, the signal has been heard already.
    if (held !== undefined && process.listenerCount(held) === 0) process.kill(process.pid, held);
  }
}

/** Lets timers, signals and the screen have their turn between two steps. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    // Browsers have no setImmediate; timers there wait some milliseconds.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

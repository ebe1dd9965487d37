/** Starts work when all earlier work has ended, whether it succeeded or failed. */
export type SerialQueue = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a queue that does one thing at a time. */
export function serialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

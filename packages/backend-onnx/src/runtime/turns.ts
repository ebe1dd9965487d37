/** Does work when all work given earlier is done. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a queue. */
export function inTurn(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

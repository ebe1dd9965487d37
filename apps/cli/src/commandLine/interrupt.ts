/** A signal that Ctrl-C or a termination request triggers. A second request ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(name);
    });
  }
  return controller.signal;
}

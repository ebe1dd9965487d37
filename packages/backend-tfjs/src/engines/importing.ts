/** Imports a package in Node. Its name is no literal here, so that bundlers for browsers do not look for it. */
export async function importInNode<T>(name: string): Promise<T> {
  return wholeOf<T>((await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Module<T>);
}

/** A CommonJS package as Node imports it, or a module as bundlers for browsers do. */
type Module<T> = T | { readonly default: T };

/** All exports of a package. For a CommonJS package, Node knows only the names that it finds without running it. */
export function wholeOf<T>(module: Module<T>): T {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
}

/** Whether an error says that a package is not installed, not that it is broken. */
export function isMissing(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    'code' in cause &&
    (cause.code === 'ERR_MODULE_NOT_FOUND' || cause.code === 'MODULE_NOT_FOUND')
  );
}

/** The first two lines of an error's message, as one. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n', 2).join(' ').trim().replace(/\.$/, '');
}

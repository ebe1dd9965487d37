/** Imports a package in Node. Its name is no literal here, so that bundlers for browsers do not look for it. */
export async function importInNode(name: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

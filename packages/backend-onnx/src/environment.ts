/** Whether this is Node, or what calls itself so: files and packages are found at run time. */
export function inNode(): boolean {
  return typeof process === 'object' && typeof process.versions.node === 'string';
}

/** Imports a package in Node. Its name is no literal here, so that bundlers for browsers do not look for it. */
export async function importInNode(name: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

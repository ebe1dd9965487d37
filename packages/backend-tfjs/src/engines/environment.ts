/** Whether this is Node, or what calls itself so: files and packages are found at run time. */
export function inNode(): boolean {
  return typeof process === 'object' && 'node' in process.versions;
}

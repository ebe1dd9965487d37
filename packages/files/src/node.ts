/** Whether this is Node, or a runtime that has its modules: paths name files there, and addresses relative to the page elsewhere. */
export function inNode(): boolean {
  return typeof process === 'object' && typeof process.getBuiltinModule === 'function';
}

/** Node's modules, looked up at run time instead of imported: bundlers for browsers never see them. */
export const node = {
  get crypto() {
    return process.getBuiltinModule('node:crypto');
  },
  get fs() {
    return process.getBuiltinModule('node:fs');
  },
  get path() {
    return process.getBuiltinModule('node:path');
  },
  get stream() {
    return process.getBuiltinModule('node:stream');
  },
  get url() {
    return process.getBuiltinModule('node:url');
  },
  get zlib() {
    return process.getBuiltinModule('node:zlib');
  },
};

import type * as crypto from 'node:crypto';
import type * as fs from 'node:fs';
import type * as path from 'node:path';
import type stream from 'node:stream';
import type * as url from 'node:url';
import type * as zlib from 'node:zlib';

/** Whether this is Node, or a runtime that has its modules: paths name files there, and addresses relative to the page elsewhere. */
export function inNode(): boolean {
  return typeof process === 'object' && typeof process.getBuiltinModule === 'function';
}

/** Node's modules, looked up at run time instead of imported: bundlers for browsers never see them. */
export const node = {
  get crypto(): typeof crypto {
    return process.getBuiltinModule('node:crypto');
  },
  get fs(): typeof fs {
    return process.getBuiltinModule('node:fs');
  },
  get path(): typeof path {
    return process.getBuiltinModule('node:path');
  },
  get stream(): typeof stream {
    return process.getBuiltinModule('node:stream');
  },
  get url(): typeof url {
    return process.getBuiltinModule('node:url');
  },
  get zlib(): typeof zlib {
    return process.getBuiltinModule('node:zlib');
  },
};

import { EdjmError } from '@edjm/core';
import type { ModelFile } from './modelFile.ts';

/** Node's modules, looked up when a file is read and not imported: bundlers for browsers need not know them. */
const node = {
  get fs() {
    return process.getBuiltinModule('node:fs');
  },
  get path() {
    return process.getBuiltinModule('node:path');
  },
  get url() {
    return process.getBuiltinModule('node:url');
  },
};

/** Reads a file. */
export async function openLocalFile(source: string | URL): Promise<ModelFile> {
  const path = source instanceof URL ? node.url.fileURLToPath(source) : source;
  return {
    name: node.path.basename(path),
    bytes: await readWhole(path, 'a model.json, .keras or .h5 file'),
    beside: (location) => readBeside(path, location),
  };
}

async function readWhole(path: string, expected: string): Promise<Uint8Array> {
  try {
    return await node.fs.promises.readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') {
      throw new EdjmError('NOT_FOUND', `${path}: expected ${expected}, got no file. Check the path.`, {
        cause,
      });
    }
    if (code === 'EISDIR') {
      throw new EdjmError('INVALID_FILE', `${path}: expected ${expected}, got a folder. Name the file.`, {
        cause,
      });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError('INVALID_FILE', `${path}: expected ${expected} that can be read, got: ${reason}.`, {
      cause,
    });
  }
}

async function readBeside(model: string, location: string): Promise<Uint8Array> {
  const { fs, path } = node;
  const folder = await fs.promises.realpath(path.dirname(model));
  const file = path.resolve(folder, location);
  if (path.isAbsolute(location) || !isInside(folder, file)) throw outsideError(model, location);
  // What a link points to counts, not where the link lies.
  const target = await fs.promises.realpath(file).catch(() => file);
  if (!isInside(folder, target)) throw outsideError(model, location);
  return readWhole(file, `weights of ${model}`);
}

function isInside(folder: string, file: string): boolean {
  const way = node.path.relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${node.path.sep}`) && !node.path.isAbsolute(way);
}

/** The error for weights that lie elsewhere. */
export function outsideError(model: string, location: string): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${model}: expected weights in the model's own folder, got "${location}". Put them beside the model.`,
  );
}

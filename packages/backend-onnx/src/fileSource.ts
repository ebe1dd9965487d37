import { EdjmError } from '@edjm/core';
import { readModel, type ExternalData } from '@edjm/onnx-autodiff';
import type { NamedModel } from './modelSource.ts';

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

/** Reads a model, and its weights where they lie beside it. */
export async function readModelFile(source: string | URL): Promise<NamedModel> {
  const path = source instanceof URL ? node.url.fileURLToPath(source) : source;
  const bytes = await readWhole(path);
  const readExternal = (data: ExternalData) => readExternalData(path, data);
  return { name: node.path.basename(path), model: readModel(bytes, { name: path, readExternal }) };
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await node.fs.promises.readFile(path);
  } catch (cause) {
    throw fileError(path, cause, 'an .onnx file');
  }
}

function fileError(path: string, cause: unknown, expected: string): EdjmError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT')
    return new EdjmError('NOT_FOUND', `${path}: expected ${expected}, got no file. Check the path.`, {
      cause,
    });
  if (code === 'EISDIR')
    return new EdjmError('INVALID_FILE', `${path}: expected ${expected}, got a folder. Name the file.`, {
      cause,
    });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EdjmError('INVALID_FILE', `${path}: expected ${expected} that can be read, got: ${reason}.`, {
    cause,
  });
}

/** Reads a range of a file in the model's own folder, or below it; a model cannot name any other. */
function readExternalData(modelPath: string, { location, offset, length }: ExternalData): Uint8Array {
  const { fs } = node;
  const folder = fs.realpathSync(node.path.dirname(modelPath));
  const path = node.path.resolve(folder, location);
  if (!isInside(folder, path) || node.path.isAbsolute(location)) throw outsideError(modelPath, location);
  let file: number;
  try {
    // What a link points to counts, not where the link lies.
    if (!isInside(folder, fs.realpathSync(path))) throw outsideError(modelPath, location);
    file = fs.openSync(path, 'r');
  } catch (cause) {
    throw EdjmError.is(cause) ? cause : fileError(path, cause, `the weights of ${modelPath}`);
  }
  try {
    const { size } = fs.fstatSync(file);
    if (offset + length > size) {
      throw new EdjmError(
        'INVALID_FILE',
        `${path}: expected ${String(length)} bytes of weights from byte ${String(offset)} on, got a file of ${String(size)} bytes. It may be truncated, or belong to another model.`,
      );
    }
    const bytes = new Uint8Array(length);
    fs.readSync(file, bytes, 0, length, offset);
    return bytes;
  } finally {
    fs.closeSync(file);
  }
}

function isInside(folder: string, path: string): boolean {
  const way = node.path.relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${node.path.sep}`) && !node.path.isAbsolute(way);
}

function outsideError(modelPath: string, location: string): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${modelPath}: expected weights in the model's own folder, got "${location}". Put them beside the model.`,
  );
}

import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EdjmError } from '@edjm/core';
import { readModel, type ExternalData, type Graph } from '@edjm/onnx-autodiff';

/** Reads a model from a path or from its bytes. */
export async function readModelSource(
  source: string | URL | Uint8Array,
): Promise<{ name: string; model: Graph }> {
  if (source instanceof Uint8Array) return { name: 'the model', model: readModel(source) };
  const path = source instanceof URL ? fileURLToPath(source) : source;
  const bytes = await readWhole(path);
  const readExternal = (data: ExternalData) => readExternalData(path, data);
  return { name: basename(path), model: readModel(bytes, { name: path, readExternal }) };
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
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
    return new EdjmError('INVALID_FILE', `${path}: expected ${expected}, got a folder.`, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EdjmError('INVALID_FILE', `${path}: expected ${expected} that can be read, got: ${reason}.`, {
    cause,
  });
}

/** Reads a range of a file in the model's own folder, or below it; a model cannot name any other. */
function readExternalData(modelPath: string, { location, offset, length }: ExternalData): Uint8Array {
  const folder = realpathSync(dirname(modelPath));
  const path = resolve(folder, location);
  if (!isInside(folder, path) || isAbsolute(location)) throw outsideError(modelPath, location);
  let file: number;
  try {
    // What a link points to counts, not where the link lies.
    if (!isInside(folder, realpathSync(path))) throw outsideError(modelPath, location);
    file = openSync(path, 'r');
  } catch (cause) {
    throw EdjmError.is(cause) ? cause : fileError(path, cause, `the weights of ${modelPath}`);
  }
  try {
    const { size } = fstatSync(file);
    if (offset + length > size) {
      throw new EdjmError(
        'INVALID_FILE',
        `${path}: expected ${String(length)} bytes of weights from byte ${String(offset)} on, got a file of ${String(size)} bytes. It may be truncated, or belong to another model.`,
      );
    }
    const bytes = new Uint8Array(length);
    readSync(file, bytes, 0, length, offset);
    return bytes;
  } finally {
    closeSync(file);
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outsideError(modelPath: string, location: string): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${modelPath}: expected weights in the model's own folder, got "${location}". Put them beside the model.`,
  );
}

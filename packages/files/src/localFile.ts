import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { EdjmError } from '@edjm/core';
import { type ByteReader, type RandomReader, sequentialReader } from './byteSource.ts';
import { type OpenFile, type Wanted, wantedOf } from './file.ts';
import { isBelow, outsideError } from './folder.ts';
import { node } from './node.ts';
import { readRange, readWhole } from './boundedReads.ts';
import { reasonOf, refusal } from './refusal.ts';

/** Bytes of one read: the system takes no more than 2 GiB at once. */
const READ_BYTES = 2 ** 30;

/** Finds a file on disk. */
export async function openLocalFile(location: string, wanted: Wanted): Promise<OpenFile> {
  const { expected } = wanted;
  const found = await node.fs.promises.stat(location).catch((cause: unknown) => {
    throw readError(location, expected, cause);
  });
  // A pipe is refused before it is opened: opening it may wait for ever.
  checkKind(location, expected, found);
  const open = () => openReader(location, expected);
  const file: OpenFile = {
    name: node.path.basename(location),
    location,
    length: found.size,
    lengthIsExact: true,
    open,
    openRandom: open,
    bytes: () => readWhole(file, wanted),
    range: (from, length) => readRange(file, { from, length }, wanted),
    beside: (name, options = {}) => openBeside(location, name, wantedOf(options)),
  };
  return file;
}

async function openBeside(location: string, name: string, wanted: Wanted): Promise<OpenFile> {
  const { fs, path } = node;
  if (!isBelow(name)) throw outsideError(location, name);
  const folder = await fs.promises.realpath(path.dirname(location));
  const file = path.resolve(folder, name);
  // A link counts as the file that it points to.
  const target = await fs.promises.realpath(file).catch(() => file);
  if (![file, target].every((each) => isInside(folder, each))) throw outsideError(location, name);
  return openLocalFile(file, wanted);
}

function isInside(folder: string, file: string): boolean {
  const { path } = node;
  const way = path.relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

async function openReader(location: string, expected: string): Promise<ByteReader & RandomReader> {
  const { promises, constants } = node.fs;
  // Opens without waiting, in case a pipe has replaced the file since it was found. Windows has no such flag.
  const flags = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
  let handle: FileHandle;
  try {
    handle = await promises.open(location, flags);
  } catch (cause) {
    throw readError(location, expected, cause);
  }
  try {
    checkKind(location, expected, await handle.stat());
  } catch (error) {
    await handle.close();
    throw error;
  }
  return sequentialReader({
    readAt: (into, position) => readFully(handle, into, position),
    close: () => handle.close(),
  });
}

async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const length = Math.min(READ_BYTES, into.length - filled);
    const { bytesRead } = await handle.read(into, filled, length, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function checkKind(location: string, expected: string, found: Stats): void {
  if (found.isFile()) return;
  const [got, todo] = found.isDirectory()
    ? ['a folder', 'Name the file.']
    : found.isFIFO()
      ? ['a pipe', 'Write it to a file first.']
      : [found.isSocket() ? 'a socket' : 'a device', 'Name a file on disk.'];
  throw refusal(location, { expected, got, todo });
}

function readError(location: string, expected: string, cause: unknown): EdjmError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? refusal(location, { code: 'NOT_FOUND', expected, got: 'no file', todo: 'Check the path.', cause })
    : refusal(location, {
        expected: `${expected} that can be read`,
        got: `an error: ${reasonOf(cause)}`,
        todo: 'Check it and its permissions.',
        cause,
      });
}

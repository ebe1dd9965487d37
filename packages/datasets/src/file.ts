import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { EdjmError } from '@edjm/core';
import type { ByteReader, ByteSource, RandomReader } from './byteSource.ts';

/** A file that can be read at any position. */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await openFile(path);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      const got = stats.isDirectory() ? 'a directory' : 'a device or pipe, which can be read only once';
      throw new EdjmError('INVALID_FILE', `${path}: expected a file, got ${got}. Name a file on disk.`);
    }
    const openAgain = (): Promise<ByteReader & RandomReader> => openReader(path);
    return { name: path, length: stats.size, lengthIsExact: true, open: openAgain, openRandom: openAgain };
  } finally {
    await handle.close();
  }
}

/**
 * Opens a file for reading.
 *
 * @throws EdjmError `NOT_FOUND` if there is none, `INVALID_FILE` if it cannot be opened.
 */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
      throw new EdjmError('NOT_FOUND', `${path}: expected a data file, got none there. Check the path.`, {
        cause,
      });
    }
    throw new EdjmError(
      'INVALID_FILE',
      `${path}: expected a readable file, got: ${reason}. Check it and its permissions.`,
      {
        cause,
      },
    );
  }
}

/** SHA-256 over the bytes of files, one after the other, in lower-case hexadecimal. */
export async function sha256OfFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const handle = await openFile(path);
    for await (const chunk of handle.createReadStream()) hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex');
}

/** Bytes of an open file from `position` on: fewer than asked only at its end. */
export async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function openReader(path: string): Promise<ByteReader & RandomReader> {
  const handle = await openFile(path);
  let position = 0;
  return {
    async read(into) {
      const count = await readFully(handle, into, position);
      position += count;
      return count;
    },
    readAt: (into, at) => readFully(handle, into, at),
    close: () => handle.close(),
  };
}

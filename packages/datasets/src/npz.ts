import { Reader, ZipReader, type FileEntry } from '@zip.js/zip.js';
import type { FileHandle } from 'node:fs/promises';
import { EdjmError } from '@edjm/core';
import { chunkReader, MAX_DEFLATE_RATIO, type ByteReader, type ByteSource } from './byteSource.ts';
import { openFile, readFully } from './file.ts';

/** Whether bytes begin as a zip archive does, an empty one included. */
export function isZip(start: Uint8Array): boolean {
  return (
    start[0] === 0x50 &&
    start[1] === 0x4b &&
    ((start[2] === 0x03 && start[3] === 0x04) || (start[2] === 0x05 && start[3] === 0x06))
  );
}

/**
 * One array of an .npz archive, inflated as far as it is read and no further.
 *
 * @param file - The archive.
 * @param array - Which array; may be left out if there is one only.
 * @throws EdjmError `AMBIGUOUS` if there are several and none was named, `NOT_FOUND` if there is none of that
 * name, `INVALID_FILE` for a damaged archive, `UNSUPPORTED` for an encrypted one.
 */
export async function npzMember(file: ByteSource, array?: string): Promise<ByteSource> {
  const handle = await openFile(file.name);
  try {
    const entries = await arrayEntries(handle, file);
    const entry = choose(entries, file.name, array);
    const name = `${file.name} (array '${arrayName(entry)}')`;
    checkEntry(entry, name);
    return {
      name,
      length: entry.uncompressedSize,
      lengthIsExact: true,
      open: () => openMember(file, entry.filename, name),
    };
  } finally {
    await handle.close();
  }
}

async function openMember(file: ByteSource, filename: string, name: string): Promise<ByteReader> {
  const handle = await openFile(file.name);
  try {
    const entry = (await arrayEntries(handle, file)).find((candidate) => candidate.filename === filename);
    if (entry === undefined) throw damagedZip(name, 'an archive that changed since it was opened');
    return chunkReader(inflate(entry, name), () => handle.close());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* inflate(entry: FileEntry, name: string): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const finished = entry.getData(writable, { checkSignature: true, useWebWorkers: false }).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  try {
    yield* readable;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damagedZip(name, reason, { cause });
  } finally {
    // The archive's file is closed next: nothing may still read from it.
    await finished;
  }
}

async function arrayEntries(handle: FileHandle, file: ByteSource): Promise<readonly FileEntry[]> {
  const archive = new ZipReader(new HandleReader(handle, file.length), { useWebWorkers: false });
  try {
    const entries = await archive.getEntries();
    return entries.filter((entry): entry is FileEntry => !entry.directory && entry.filename.endsWith('.npy'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damagedZip(file.name, reason, { cause });
  }
}

function choose(entries: readonly FileEntry[], name: string, array: string | undefined): FileEntry {
  const names = entries.map((entry) => `'${arrayName(entry)}'`).join(', ');
  const [first, second] = entries;
  if (first === undefined) {
    throw damagedZip(name, 'a zip archive without any .npy in it');
  }
  if (array !== undefined) {
    const chosen = entries.find((entry) => arrayName(entry) === array);
    if (chosen !== undefined) return chosen;
    throw new EdjmError(
      'NOT_FOUND',
      `${name}: expected an array '${array}', got ${names}. Choose one of these.`,
    );
  }
  if (second !== undefined) {
    throw new EdjmError(
      'AMBIGUOUS',
      `${name}: expected one array, got ${names}. Choose one with the option 'array'.`,
    );
  }
  return first;
}

function checkEntry(entry: FileEntry, name: string): void {
  if (entry.encrypted) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected plain data, got an encrypted member. Save it without a password.`,
    );
  }
  if (entry.uncompressedSize > entry.compressedSize * MAX_DEFLATE_RATIO) {
    throw damagedZip(name, `${entry.compressedSize} bytes that claim to hold ${entry.uncompressedSize}`);
  }
}

function arrayName(entry: FileEntry): string {
  return entry.filename.slice(0, -'.npy'.length);
}

function damagedZip(name: string, got: string, options?: ErrorOptions): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${name}: expected an .npz archive as numpy.savez writes it, got ${got}. Write or download it again.`,
    options,
  );
}

class HandleReader extends Reader<FileHandle> {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, size: number) {
    super(handle);
    this.#handle = handle;
    this.size = size;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.min(length, Math.max(0, this.size - index)));
    return bytes.subarray(0, await readFully(this.#handle, bytes, index));
  }
}

import { EdjmError } from '@edjm/core';
import type { FileEntry } from '@zip.js/zip.js';
import { invalidFile, unsupportedFile } from './refusal.ts';

/** First bytes of a zip archive. */
export const ZIP_MAGIC: readonly number[] = [0x50, 0x4b];

/** The parts of a .keras archive that are read, and the most bytes that each may have. */
const parts = {
  'config.json': 64 * 2 ** 20,
  'metadata.json': 2 ** 20,
  'model.weights.h5': 4 * 2 ** 30,
} as const;

/** Deflate turns no byte into more than this many. */
const MAX_DEFLATE_RATIO = 1032;

/** What a .keras archive holds. */
export interface KerasArchive {
  readonly config: string;
  /** Absent in archives that someone packed anew without it. */
  readonly metadata: string | undefined;
  readonly weights: Uint8Array;
}

/**
 * Unpacks a .keras archive, in memory.
 *
 * @throws EdjmError `INVALID_FILE` for a damaged archive or one of another kind, `UNSUPPORTED` for an encrypted one.
 */
export async function readArchive(bytes: Uint8Array, name: string): Promise<KerasArchive> {
  const { Uint8ArrayReader, ZipReader } = await import('@zip.js/zip.js');
  const archive = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false });
  try {
    const entries = (await archive.getEntries()).filter((entry): entry is FileEntry => !entry.directory);
    const decoder = new TextDecoder();
    const metadata = await member('metadata.json', entries, name);
    const config = required(await member('config.json', entries, name), 'config.json', name);
    if (entries.some(({ filename }) => filename === 'model.weights.npz')) {
      throw unsupportedFile(name, {
        expected: 'weights as model.weights.h5',
        got: 'model.weights.npz',
        todo: 'Load the model with Keras and save it again.',
      });
    }
    const weights = required(await member('model.weights.h5', entries, name), 'model.weights.h5', name);
    return {
      config: decoder.decode(config),
      metadata: metadata === undefined ? undefined : decoder.decode(metadata),
      weights,
    };
  } catch (cause) {
    if (EdjmError.is(cause)) throw cause;
    throw damaged(name, cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    await archive.close();
  }
}

async function member(
  part: keyof typeof parts,
  entries: readonly FileEntry[],
  name: string,
): Promise<Uint8Array | undefined> {
  const found = entries.filter(({ filename }) => filename === part);
  const [entry] = found;
  if (entry === undefined) return undefined;
  if (found.length > 1) throw damaged(name, `${found.length} members named ${part}`);
  if (entry.encrypted) {
    throw unsupportedFile(name, {
      expected: 'plain data',
      got: `${part} encrypted`,
      todo: 'Save it without a password.',
    });
  }
  const { uncompressedSize: size, compressedSize } = entry;
  if (size > parts[part]) throw damaged(name, `${size} bytes of ${part}, above the limit of ${parts[part]}`);
  if (size > compressedSize * MAX_DEFLATE_RATIO) {
    throw damaged(name, `${compressedSize} bytes of ${part} that claim to hold ${size}`);
  }
  return inflate(entry, name);
}

/** The bytes of a member, no more of them than it claims to have. */
async function inflate(entry: FileEntry, name: string): Promise<Uint8Array> {
  const all = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      if (filled + chunk.length > all.length) throw new Error('more bytes than it claims to hold');
      all.set(chunk, filled);
      filled += chunk.length;
    },
  });
  await entry.getData(writable, { checkSignature: true, useWebWorkers: false });
  if (filled === all.length) return all;
  throw damaged(name, `${filled} of ${all.length} bytes of ${entry.filename}`);
}

function required(bytes: Uint8Array | undefined, part: keyof typeof parts, name: string): Uint8Array {
  if (bytes !== undefined) return bytes;
  throw damaged(name, `no ${part}`);
}

function damaged(name: string, got: string, cause?: unknown): EdjmError {
  return invalidFile(name, {
    expected: 'a .keras archive as model.save writes it',
    got,
    todo: 'Save or download it again.',
    cause,
  });
}

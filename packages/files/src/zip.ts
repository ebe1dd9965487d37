import type { EdjmError } from '@edjm/core';
import type { FileEntry } from '@zip.js/zip.js';
import {
  type ByteSource,
  chunkReader,
  MAX_DEFLATE_RATIO,
  type RandomReader,
  type RandomSource,
} from './byteSource.ts';
import { MAX_BYTES, readWhole } from './boundedReads.ts';
import { reasonOf, refusal } from './refusal.ts';

/** The expected kind of an archive, for messages. */
export interface ArchiveOptions {
  /** Defaults to `'a zip archive'`. */
  readonly expected?: string;
  /** The advice for another one. Defaults to `'Write or download it again.'`. */
  readonly todo?: string;
}

/** A file in a zip archive, inflated as far as it is read and no further, and never beyond the length that the archive states. */
export interface ZipMember extends ByteSource {
  /**
   * All bytes.
   *
   * @param maxBytes - Defaults to 4 GiB.
   * @throws EdjmError `INVALID_FILE` for more than these, before memory is taken for them.
   */
  bytes(maxBytes?: number): Promise<Uint8Array>;
}

/** Whether bytes begin as a zip archive does, an empty one included. */
export function isZip(start: Uint8Array): boolean {
  const [p, k, ...mark] = start;
  return p === 0x50 && k === 0x4b && ((mark[0] === 3 && mark[1] === 4) || (mark[0] === 5 && mark[1] === 6));
}

/**
 * The files in a zip archive, in its order. Opening one throws `UNSUPPORTED` if it is encrypted, and `INVALID_FILE` if it states more bytes
 * than its compressed ones can hold; reading throws `INVALID_FILE` for damaged data, a wrong checksum, and another length than stated.
 *
 * @throws EdjmError `INVALID_FILE` for a damaged archive and for a name that leads out of it.
 *
 * @example
 * ```ts
 * import { openFile, openZip } from '@edjm/files';
 *
 * const members = await openZip(await openFile('model.keras'));
 * const config = members.find(({ name }) => name === 'config.json');
 * console.log(new TextDecoder().decode(await config?.bytes(2 ** 20)));
 * ```
 */
export async function openZip(
  source: RandomSource,
  options: ArchiveOptions = {},
): Promise<readonly ZipMember[]> {
  const archive = { source, expected: 'a zip archive', todo: 'Write or download it again.', ...options };
  const reader = await source.openRandom();
  try {
    return (await entriesIn(archive, reader)).map((entry, index) => memberOf(archive, entry, index));
  } finally {
    await reader.close();
  }
}

/** An archive, and its description in messages. */
interface Archive extends Required<ArchiveOptions> {
  readonly source: RandomSource;
}

function memberOf(archive: Archive, { filename, uncompressedSize }: FileEntry, index: number): ZipMember {
  const { name, location } = archive.source;
  const member: ZipMember = {
    name: filename,
    location: `${location} (${filename})`,
    length: uncompressedSize,
    lengthIsExact: true,
    async open() {
      const reader = await archive.source.openRandom();
      try {
        const entry = (await entriesIn(archive, reader))[index];
        if (entry?.filename !== filename || entry.uncompressedSize !== uncompressedSize) {
          throw damaged(archive, 'an archive that changed since it was opened');
        }
        checkEntry(archive, entry);
        return chunkReader(inflated(archive, entry), () => reader.close());
      } catch (error) {
        await reader.close();
        throw error;
      }
    },
    async bytes(maxBytes = MAX_BYTES) {
      if (uncompressedSize > maxBytes) {
        throw damaged(archive, `${uncompressedSize} bytes of ${filename}, above the limit of ${maxBytes}`);
      }
      return readWhole(member, { expected: `${filename} of ${name}`, maxBytes });
    },
  };
  return member;
}

async function entriesIn(archive: Archive, reader: RandomReader): Promise<readonly FileEntry[]> {
  const { Reader, ZipReader } = await import('@zip.js/zip.js');
  const { length } = archive.source;
  class ArchiveReader extends Reader<RandomReader> {
    override readonly size = length;

    override async readUint8Array(index: number, count: number): Promise<Uint8Array> {
      const bytes = new Uint8Array(Math.min(count, Math.max(0, length - index)));
      return bytes.subarray(0, await reader.readAt(bytes, index));
    }
  }
  try {
    const entries = await new ZipReader(new ArchiveReader(reader), { useWebWorkers: false }).getEntries();
    return entries.filter((entry): entry is FileEntry => !entry.directory);
  } catch (cause) {
    throw damaged(archive, reasonOf(cause), cause);
  }
}

/** Checked before memory is taken for the length that an entry states. */
function checkEntry(archive: Archive, { filename, encrypted, ...stated }: FileEntry): void {
  const { uncompressedSize } = stated;
  // It may claim more bytes than the archive has.
  const compressedSize = Math.min(stated.compressedSize, archive.source.length);
  if (encrypted) {
    throw refusal(archive.source.location, {
      code: 'UNSUPPORTED',
      expected: 'plain data',
      got: `${filename} encrypted`,
      todo: 'Save it without a password.',
    });
  }
  if (uncompressedSize > compressedSize * MAX_DEFLATE_RATIO) {
    throw damaged(archive, `${compressedSize} bytes of ${filename} that claim to hold ${uncompressedSize}`);
  }
}

async function* inflated(archive: Archive, entry: FileEntry): AsyncGenerator<Uint8Array> {
  let fail: (cause: unknown) => void = () => undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      fail = (cause) => {
        controller.error(cause);
      };
    },
  });
  const finished = entry.getData(writable, { checkSignature: true, useWebWorkers: false }).then(
    () => undefined,
    // An entry whose header is damaged fails before anything is written: the reader below must not wait for it.
    fail,
  );
  const { filename, uncompressedSize } = entry;
  let size = 0;
  try {
    for await (const chunk of readable) {
      size += chunk.length;
      if (size > uncompressedSize) throw new Error('more bytes than it claims to hold');
      yield chunk;
    }
    if (size < uncompressedSize) throw new Error(`${size} of ${uncompressedSize} bytes of ${filename}`);
  } catch (cause) {
    throw damaged(archive, reasonOf(cause), cause);
  } finally {
    // The archive is closed next: nothing may still read from it.
    await finished;
  }
}

function damaged({ source, expected, todo }: Archive, got: string, cause?: unknown): EdjmError {
  return refusal(source.location, { expected, got, todo, cause });
}

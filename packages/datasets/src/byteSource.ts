/** Bytes in order, on demand. */
export interface ByteReader {
  /** Fills `into` as far as bytes are left, and returns how many it wrote: fewer than asked only at the end. */
  read(into: Uint8Array): Promise<number>;
  /** Releases the file, also in the middle of it. */
  close(): Promise<void>;
}

/** Bytes at any position. */
export interface RandomReader {
  /** As `ByteReader.read`, from `position` on. */
  readAt(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Something that bytes can be read from, from the start and more than once. */
export interface ByteSource {
  /** For messages: which file, and which part of it. */
  readonly name: string;
  /** Number of bytes: exact, or the most that there can be. */
  readonly length: number;
  /** Whether `length` is exact; a gzipped file tells its length only at its end. */
  readonly lengthIsExact: boolean;
  open(): Promise<ByteReader>;
  /** Absent if bytes come only in order, as out of a compressed file. */
  openRandom?(): Promise<RandomReader>;
}

/** Deflate turns no byte into more than this many: with it a compressed file's length has a bound before it is read. */
export const MAX_DEFLATE_RATIO = 1032;

/** A source that lies in memory. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    length: bytes.length,
    lengthIsExact: true,
    open() {
      let position = 0;
      return Promise.resolve({
        read(into) {
          const part = bytes.subarray(position, position + into.length);
          into.set(part);
          position += part.length;
          return Promise.resolve(part.length);
        },
        close: () => Promise.resolve(),
      });
    },
  };
}

/** A reader over chunks of any size; `close` ends the iteration and then calls `release`. */
export function chunkReader(chunks: AsyncIterable<Uint8Array>, release: () => Promise<void>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async read(into) {
      let filled = 0;
      while (filled < into.length) {
        if (rest.length === 0) {
          const next = await iterator.next();
          if (next.done === true) break;
          rest = next.value;
        }
        const part = rest.subarray(0, into.length - filled);
        into.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
      }
      return filled;
    },
    async close() {
      await iterator.return?.();
      await release();
    },
  };
}

/** The first bytes of a source: at most `length` of them. */
export async function readStart(source: ByteSource, length: number): Promise<Uint8Array> {
  const reader = await source.open();
  try {
    const start = new Uint8Array(Math.min(length, source.length));
    return start.subarray(0, await reader.read(start));
  } finally {
    await reader.close();
  }
}

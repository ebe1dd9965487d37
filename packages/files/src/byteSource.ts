/** Bytes in order, as far as they are asked for. */
export interface ByteReader {
  /** Fills `into` with the next bytes, and returns their number. It is smaller than `into` only at the end. */
  read(into: Uint8Array): Promise<number>;
  /** Releases the file, also in the middle of it. */
  close(): Promise<void>;
}

/** Bytes at any position. */
export interface RandomReader {
  /** Like `ByteReader.read`, from `position` on. */
  readAt(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Something that bytes can be read from, from the start and more than once. */
export interface ByteSource {
  /** A short name for reports. */
  readonly name: string;
  /** The full path or address for messages, with the part of the file if only a part is meant. */
  readonly location: string;
  /** Number of bytes: exact, or an upper bound. */
  readonly length: number;
  /** Whether `length` is exact; a gzipped file tells its length only at its end. */
  readonly lengthIsExact: boolean;
  open(): Promise<ByteReader>;
  /** Absent if bytes come only in order, for example from a compressed file. */
  openRandom?(): Promise<RandomReader>;
}

/** A source that can be read at any position. */
export interface RandomSource extends ByteSource {
  openRandom(): Promise<RandomReader>;
}

/** Deflate expands no byte to more than this many, which bounds the content of a compressed file before it is read. */
export const MAX_DEFLATE_RATIO = 1032;

/** Bytes of one read, if a whole source is read. */
const CHUNK_BYTES = 2 ** 16;

/** A reader of bytes in memory, in order and at any position. */
export function memoryReader(bytes: Uint8Array): ByteReader & RandomReader {
  return sequentialReader({
    readAt(into, position) {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return Promise.resolve(part.length);
    },
    close: () => Promise.resolve(),
  });
}

/** The same reader, which also reads in order. */
export function sequentialReader(random: RandomReader): ByteReader & RandomReader {
  let position = 0;
  return {
    readAt: (into, at) => random.readAt(into, at),
    async read(into) {
      const count = await random.readAt(into, position);
      position += count;
      return count;
    },
    close: () => random.close(),
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

/** All bytes of a reader, a chunk at a time, each in memory of its own. The reader stays open. */
export async function* chunksOf(reader: ByteReader): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await reader.read(chunk);
    if (count > 0) yield chunk.subarray(0, count);
    if (count < chunk.length) return;
  }
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

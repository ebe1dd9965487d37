import type { EdjmError } from '@edjm/core';
import { type ByteReader, type ByteSource, chunkReader, chunksOf, MAX_DEFLATE_RATIO } from './byteSource.ts';
import { inNode, node } from './node.ts';
import { reasonOf, refusal } from './refusal.ts';

/** Whether bytes begin as a gzip file does. */
export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/**
 * The content of a gzip file, inflated only as far as it is read.
 *
 * Reading throws `INVALID_FILE` for damaged or truncated data, a wrong checksum, and bytes after the end.
 */
export function gunzipped(file: ByteSource): ByteSource {
  return {
    name: file.name,
    location: file.location,
    length: file.length * MAX_DEFLATE_RATIO,
    lengthIsExact: false,
    async open() {
      const compressed = await file.open();
      const chunks = inNode() ? inflated(compressed, file) : inflatedInBrowsers(compressed, file);
      return chunkReader(chunks, () => compressed.close());
    },
  };
}

async function* inflated(
  compressed: ByteReader,
  { location, length }: ByteSource,
): AsyncGenerator<Uint8Array> {
  const { Readable, pipeline } = node.stream;
  const gunzip = node.zlib.createGunzip();
  // `pipeline` needs a callback; the iteration below meets the same error.
  pipeline(Readable.from(chunksOf(compressed)), gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (cause) {
    throw damaged(location, reasonOf(cause), cause);
  }
  if (gunzip.bytesWritten < length) {
    throw damaged(location, `${length - gunzip.bytesWritten} bytes after their end`);
  }
}

/** By the engine's own inflater, which refuses bytes after the end by itself. */
export async function* inflatedInBrowsers(
  compressed: ByteReader,
  { location }: ByteSource,
): AsyncGenerator<Uint8Array> {
  const chunks = chunksOf(compressed);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
  const reader = stream.pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (let next = await reader.read(); next.value !== undefined; next = await reader.read())
      yield next.value;
  } catch (cause) {
    throw damaged(location, reasonOf(cause), cause);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function damaged(location: string, got: string, cause?: unknown): EdjmError {
  return refusal(location, {
    expected: 'complete gzip data',
    got,
    todo: 'The file is damaged or cut short: write or download it again.',
    cause,
  });
}

import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EdjmError } from '@edjm/core';
import { chunkReader, MAX_DEFLATE_RATIO, type ByteSource } from './byteSource.ts';
import { openFile } from './file.ts';

/** Whether bytes begin as a gzip file does. */
export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** The content of a gzip file, inflated only as far as it is read. */
export function gunzipSource(file: ByteSource): ByteSource {
  return {
    name: file.name,
    length: file.length * MAX_DEFLATE_RATIO,
    lengthIsExact: false,
    async open() {
      const handle = await openFile(file.name);
      const compressed = handle.createReadStream({ autoClose: false });
      return chunkReader(inflate(compressed, file), async () => {
        compressed.destroy();
        await handle.close();
      });
    },
  };
}

async function* inflate(compressed: NodeJS.ReadableStream, file: ByteSource): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // The callback is there because `pipeline` wants one; the iteration below meets the same error.
  pipeline(compressed, gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damagedGzip(file.name, reason, { cause });
  }
  if (gunzip.bytesWritten < file.length) {
    throw damagedGzip(file.name, `${file.length - gunzip.bytesWritten} bytes after their end`);
  }
}

function damagedGzip(name: string, got: string, options?: ErrorOptions): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${name}: expected complete gzip data, got ${got}. The file is damaged or cut short: write or download it again.`,
    options,
  );
}

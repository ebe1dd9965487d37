import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of the bytes of files, one after the other, in lower-case hexadecimal. */
export async function fileHash(...paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex');
}

import { type ByteSource, chunksOf } from './byteSource.ts';
import { inNode, node } from './node.ts';

/** SHA-256 over the bytes of files, one after the other, in lower-case hexadecimal. Browsers hold all of them in memory for it. */
export async function sha256(files: readonly ByteSource[]): Promise<string> {
  const hash = inNode() ? node.crypto.createHash('sha256') : undefined;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const file of files) {
    const reader = await file.open();
    try {
      for await (const chunk of chunksOf(reader)) {
        if (hash === undefined) parts.push(chunk);
        else hash.update(chunk);
      }
    } finally {
      await reader.close();
    }
  }
  if (hash !== undefined) return hash.digest('hex');
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

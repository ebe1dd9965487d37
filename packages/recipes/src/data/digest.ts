/**
 * A fingerprint of several texts and arrays, in lower-case hexadecimal: SHA-256 of the one part that there is, or of the SHA-256 of each part.
 */
export async function digest(parts: readonly (string | ArrayBufferView)[]): Promise<string> {
  const digests: Uint8Array[] = [];
  for (const part of parts) {
    digests.push(await sha256(typeof part === 'string' ? new TextEncoder().encode(part) : bytesOf(part)));
  }
  const [only] = digests;
  const whole =
    digests.length === 1 && only
      ? only
      : await sha256(Uint8Array.from(digests.flatMap((bytes) => [...bytes])));
  return Array.from(whole, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A copy, because memory that threads share cannot be digested. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

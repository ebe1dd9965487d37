import { EdjmError } from '@edjm/core';
import type { ArrayHeader } from './arrayHeader.ts';
import type { ByteSource } from '@edjm/files';
import type { Part } from './storedArray.ts';

const IMAGE_SHAPE = [3, 32, 32] as const;
const LABEL_BYTES = 1;
const RECORD_BYTES = LABEL_BYTES + 3 * 32 * 32;

/**
 * The header that a CIFAR-10 batch in binary form lacks: records of a label byte and 3,072 pixels, until the end of
 * the file. A gzipped file is read through once to count them.
 *
 * @throws EdjmError `INVALID_FILE` if the length is no whole number of records.
 *
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html
 */
export async function cifar10Header(bytes: ByteSource, part: Part): Promise<ArrayHeader> {
  const length = bytes.lengthIsExact ? bytes.length : await countBytes(bytes);
  if (length === 0 || length % RECORD_BYTES !== 0) {
    throw new EdjmError(
      'INVALID_FILE',
      `${bytes.location}: expected CIFAR-10 records of ${RECORD_BYTES} bytes, got ${length} bytes. Give a data_batch .bin file.`,
    );
  }
  const n = length / RECORD_BYTES;
  const labels = part === 'labels';
  return {
    element: { kind: 'u1', littleEndian: true },
    shape: labels ? [n] : [n, ...IMAGE_SHAPE],
    columnMajor: false,
    start: 0,
    recordBytes: RECORD_BYTES,
    recordOffset: labels ? 0 : LABEL_BYTES,
  };
}

async function countBytes(bytes: ByteSource): Promise<number> {
  const reader = await bytes.open();
  try {
    const block = new Uint8Array(RECORD_BYTES * 64);
    let total = 0;
    for (let count = -1; count !== 0; total += count) count = await reader.read(block);
    return total;
  } finally {
    await reader.close();
  }
}

import { EdjmError } from '@edjm/core';
import { memoryReader } from './byteSource.ts';
import type { OpenFile, Wanted } from './file.ts';
import { checkRange, checkSize } from './boundedReads.ts';

/** Bytes in memory as a file without a folder. */
export function memoryFile(
  bytes: Uint8Array,
  wanted: Wanted & Partial<Pick<OpenFile, 'location' | 'beside'>>,
): OpenFile {
  const { name, location = name, beside = nothingBeside } = wanted;
  const { length } = bytes;
  checkSize(location, length, wanted);
  const open = () => Promise.resolve(memoryReader(bytes));
  return {
    name,
    location,
    length,
    lengthIsExact: true,
    open,
    openRandom: open,
    bytes: () => Promise.resolve(bytes),
    range: async (from, count) => {
      checkRange({ location, length }, { from, length: count }, wanted.expected);
      return bytes.subarray(from, from + count);
    },
    beside,
  };

  function nothingBeside(other: string): Promise<never> {
    const message = `${location}: expected its path or URL, got its bytes alone. "${other}" lies beside it.`;
    return Promise.reject(new EdjmError('INVALID_ARGUMENT', message));
  }
}

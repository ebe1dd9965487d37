import { EdjmError } from '@edjm/core';
import { memoryReader } from './byteSource.ts';
import type { OpenFile, Wanted } from './file.ts';
import { checkSize } from './readWhole.ts';

/** Bytes in memory as a file that nothing lies beside. */
export function memoryFile(
  bytes: Uint8Array,
  wanted: Wanted & Partial<Pick<OpenFile, 'location' | 'beside'>>,
): OpenFile {
  const { name, location = name, beside = nothingBeside } = wanted;
  checkSize(location, bytes.length, wanted);
  const open = () => Promise.resolve(memoryReader(bytes));
  return {
    name,
    location,
    length: bytes.length,
    lengthIsExact: true,
    open,
    openRandom: open,
    bytes: () => Promise.resolve(bytes),
    beside,
  };

  function nothingBeside(other: string): Promise<never> {
    const message = `${location}: expected its path or URL, got its bytes alone. "${other}" lies beside it.`;
    return Promise.reject(new EdjmError('INVALID_ARGUMENT', message));
  }
}

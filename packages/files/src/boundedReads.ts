import type { ByteSource, RandomSource } from './byteSource.ts';
import { refusal } from './refusal.ts';

/** The most bytes that are held in memory at once, unless `maxBytes` says otherwise: 4 GiB, all that WebAssembly can address. */
export const MAX_BYTES: number = 2 ** 32;

/** The expected kind of a file, and its largest size. */
export interface Bound {
  readonly expected: string;
  readonly maxBytes: number;
}

/** Refuses `size` bytes if they are more than the bound. */
export function checkSize(location: string, size: number, { expected, maxBytes }: Bound): void {
  if (size <= maxBytes) return;
  throw refusal(location, {
    expected: `${expected} of at most ${maxBytes} bytes`,
    got: `${size} bytes`,
    todo: 'Check that it is the right file.',
  });
}

/** A place in a file. */
export interface Range {
  readonly from: number;
  readonly length: number;
}

/** Refuses a place that a file does not have. */
export function checkRange(
  file: Pick<ByteSource, 'location' | 'length'>,
  { from, length }: Range,
  expected: string,
): void {
  if (from >= 0 && length >= 0 && from + length <= file.length) return;
  throw refusal(file.location, {
    expected: `${expected}, ${length} bytes from byte ${from} on`,
    got: `a file of ${file.length} bytes`,
    todo: 'It may be truncated, or belong to another file.',
  });
}

/**
 * The bytes in a place of a source.
 *
 * @throws EdjmError `INVALID_FILE` if the place is larger than the bound, before memory is taken for it, or the source ends before it does.
 */
export async function readRange(source: RandomSource, range: Range, bound: Bound): Promise<Uint8Array> {
  const { location } = source;
  checkRange(source, range, bound.expected);
  checkSize(location, range.length, bound);
  const reader = await source.openRandom();
  try {
    const bytes = new Uint8Array(range.length);
    const length = range.from + (await reader.readAt(bytes, range.from));
    checkRange({ location, length }, range, bound.expected);
    return bytes;
  } finally {
    await reader.close();
  }
}

/**
 * All bytes of a source of exact length.
 *
 * @throws EdjmError `INVALID_FILE` if there are more bytes than the bound, before memory is taken for them, or a number of
 * bytes other than the source stated.
 */
export async function readWhole(source: ByteSource, bound: Bound): Promise<Uint8Array<ArrayBuffer>> {
  const { location, length } = source;
  checkSize(location, length, bound);
  const reader = await source.open();
  try {
    const bytes = new Uint8Array(length);
    const count = await reader.read(bytes);
    const more = await reader.read(new Uint8Array(1));
    if (count === length && more === 0) return bytes;
    throw refusal(location, {
      expected: `${length} bytes`,
      got: more === 0 ? `${count}` : 'more',
      todo: 'The file changed while it was read: read it again.',
    });
  } finally {
    await reader.close();
  }
}

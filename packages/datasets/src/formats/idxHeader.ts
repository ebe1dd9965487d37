import type { ArrayHeader } from './arrayHeader.ts';
import { truncated } from './arrayHeader.ts';
import type { ElementKind } from './elementType.ts';

const KIND_OF_CODE: ReadonlyMap<number, ElementKind> = new Map([
  [0x08, 'u1'],
  [0x09, 'i1'],
  [0x0b, 'i2'],
  [0x0c, 'i4'],
  [0x0d, 'f4'],
  [0x0e, 'f8'],
]);

/** Whether bytes begin as an IDX file does: two zeros, a known element type, at least one axis. */
export function isIdx(start: Uint8Array): boolean {
  return start[0] === 0 && start[1] === 0 && KIND_OF_CODE.has(start[2] ?? 0) && (start[3] ?? 0) > 0;
}

/**
 * Reads the header of an IDX file, the format of MNIST: all numbers big-endian, one 32-bit size for each axis.
 *
 * @param start - The file's first bytes, for which `isIdx` holds.
 * @param name - For messages.
 * @throws EdjmError `INVALID_FILE` if the header ends too early.
 *
 * Source: http://yann.lecun.com/exdb/mnist/
 */
export function parseIdxHeader(start: Uint8Array, name: string): ArrayHeader {
  const axes = start[3] ?? 0;
  const end = 4 + 4 * axes;
  if (start.length < end) {
    throw truncated(name, `${end} bytes of IDX header for ${axes} axes`, `${start.length} bytes`);
  }
  const view = new DataView(start.buffer, start.byteOffset, end);
  return {
    element: { kind: KIND_OF_CODE.get(view.getUint8(2)) ?? 'u1', littleEndian: false },
    shape: Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis)),
    columnMajor: false,
    start: end,
  };
}

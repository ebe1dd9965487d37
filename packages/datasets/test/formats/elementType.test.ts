import { describe, expect, it } from 'vitest';
import { decodeElements, type ElementKind, type ElementType } from '../../src/formats/elementType.ts';

const half = new Map([
  [0, 0],
  [1, 0x3c00],
  [-2, 0xc000],
  [65_504, 0x7bff],
  [2 ** -24, 1],
  [0.333251953125, 0x3555],
]);

const cases: readonly [ElementKind, readonly number[]][] = [
  ['b1', [0, 1]],
  ['u1', [0, 1, 255]],
  ['i1', [0, -1, 127, -128]],
  ['i2', [0, -2, 32_767, -32_768]],
  ['u2', [0, 1, 65_535]],
  ['i4', [0, -3, 2 ** 31 - 1]],
  ['u4', [0, 3, 2 ** 32 - 1]],
  ['i8', [0, -4, 2 ** 53 - 1]],
  ['u8', [0, 4, 2 ** 53 - 1]],
  ['f2', [...half.keys()]],
  ['f4', [0, -0.5, 1.5]],
  ['f8', [0, -0.1, 1e300]],
];

/** Writes numbers with a `DataView`, which knows both orders of bytes. */
function encode({ kind, littleEndian }: ElementType, values: readonly number[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(64));
  for (const [i, value] of values.entries()) {
    if (kind === 'b1' || kind === 'u1') view.setUint8(i, value);
    else if (kind === 'i1') view.setInt8(i, value);
    else if (kind === 'i2') view.setInt16(2 * i, value, littleEndian);
    else if (kind === 'u2') view.setUint16(2 * i, value, littleEndian);
    else if (kind === 'f2') view.setUint16(2 * i, half.get(value) ?? 0, littleEndian);
    else if (kind === 'i4') view.setInt32(4 * i, value, littleEndian);
    else if (kind === 'u4') view.setUint32(4 * i, value, littleEndian);
    else if (kind === 'f4') view.setFloat32(4 * i, value, littleEndian);
    else if (kind === 'i8') view.setBigInt64(8 * i, BigInt(value), littleEndian);
    else if (kind === 'u8') view.setBigUint64(8 * i, BigInt(value), littleEndian);
    else view.setFloat64(8 * i, value, littleEndian);
  }
  return view.buffer;
}

describe('decodeElements', () => {
  describe.each([true, false])('little-endian: %s', (littleEndian) => {
    it.each(cases)('reads %s', (kind, values) => {
      const buffer = encode({ kind, littleEndian }, values);
      expect(Array.from(decodeElements({ kind, littleEndian }, buffer, values.length))).toEqual(values);
    });
  });

  it('reads the infinities and NaN of float16', () => {
    const buffer = Uint16Array.of(0x7c00, 0xfc00, 0x7e00).buffer;
    const littleEndian = new Uint8Array(buffer)[1] === 0x7c;
    expect(Array.from(decodeElements({ kind: 'f2', littleEndian }, buffer, 3))).toEqual([
      Infinity,
      -Infinity,
      NaN,
    ]);
  });
});

/** How the numbers of an array are stored. */
export interface ElementType {
  readonly kind: ElementKind;
  readonly littleEndian: boolean;
}

/** Numpy's letter (b: truth value, i: signed, u: unsigned, f: floating point) and the number of bytes. */
export const ELEMENT_KINDS = [
  'b1',
  'i1',
  'u1',
  'i2',
  'u2',
  'i4',
  'u4',
  'i8',
  'u8',
  'f2',
  'f4',
  'f8',
] as const;

/**
 *
 */
export type ElementKind = (typeof ELEMENT_KINDS)[number];

/** Number of bytes of one element. */
export function elementBytes(type: ElementType): number {
  return Number(type.kind[1]);
}

/** Whether a type holds whole numbers that a float64 need not hold exactly. */
export function exceedsFloat64(type: ElementType): boolean {
  return type.kind === 'i8' || type.kind === 'u8';
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * The numbers that a buffer holds from its start. Bytes are put into this machine's order in place, so a buffer
 * can be decoded once.
 */
export function decodeElements(type: ElementType, buffer: ArrayBuffer, count: number): ArrayLike<number> {
  const bytes = elementBytes(type);
  if (bytes > 1 && type.littleEndian !== hostIsLittleEndian) {
    reverseEach(new Uint8Array(buffer, 0, count * bytes), bytes);
  }
  switch (type.kind) {
    case 'b1':
    case 'u1':
      return new Uint8Array(buffer, 0, count);
    case 'i1':
      return new Int8Array(buffer, 0, count);
    case 'i2':
      return new Int16Array(buffer, 0, count);
    case 'u2':
      return new Uint16Array(buffer, 0, count);
    case 'i4':
      return new Int32Array(buffer, 0, count);
    case 'u4':
      return new Uint32Array(buffer, 0, count);
    case 'i8':
      return Float64Array.from(new BigInt64Array(buffer, 0, count), Number);
    case 'u8':
      return Float64Array.from(new BigUint64Array(buffer, 0, count), Number);
    case 'f2':
      return Float32Array.from(new Uint16Array(buffer, 0, count), halfToNumber);
    case 'f4':
      return new Float32Array(buffer, 0, count);
    case 'f8':
      return new Float64Array(buffer, 0, count);
  }
}

function reverseEach(data: Uint8Array, size: number): void {
  for (let start = 0; start < data.length; start += size) data.subarray(start, start + size).reverse();
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

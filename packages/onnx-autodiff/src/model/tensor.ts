import { EdjmError } from '@edjm/core';

/** Element types of ONNX that a covered graph may hold, with their code in TensorProto.DataType. */
export const elementTypeCodes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** Name of an element type. */
export type ElementType = keyof typeof elementTypeCodes;

const bytesPerElement: Record<ElementType, number> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  string: 0,
  bool: 1,
  float16: 2,
  float64: 8,
  uint32: 4,
  uint64: 8,
  bfloat16: 2,
};

/** Element type and static shape of a tensor. */
export interface TensorType {
  readonly elementType: ElementType;
  readonly shape: readonly number[];
}

/** A tensor's type and its elements, little-endian in row-major order, as ONNX stores them. */
export interface Tensor extends TensorType {
  readonly bytes: Uint8Array;
}

/** The product of a shape's dimensions. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Throws `INVALID_FILE` if a size is no whole number; `what` names the tensor. */
export function checkType({ shape }: TensorType, what: string): void {
  if (shape.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(sizeOf(shape)))
    return;
  throw new EdjmError(
    'INVALID_FILE',
    `${what}: expected a tensor whose sizes are whole numbers, got the shape [${shape.join(', ')}].`,
  );
}

/** The number of bytes of a tensor of this type. */
export function byteLength(type: TensorType): number {
  return sizeOf(type.shape) * bytesPerElement[type.elementType];
}

/** Whether elements of this type are JavaScript numbers: {@link tensorOf} and {@link valuesOf} take such types. */
export function isNumeric(elementType: ElementType): boolean {
  return elementType !== 'float16' && elementType !== 'bfloat16' && elementType !== 'string';
}

/** Whether gradients flow through tensors of this element type. */
export function isFloating(elementType: ElementType): boolean {
  return (
    elementType === 'float32' ||
    elementType === 'float64' ||
    elementType === 'float16' ||
    elementType === 'bfloat16'
  );
}

type NumberArray =
  Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Uint32Array;

const INT64_END = 2n ** 63n;
const UINT64_END = 2n ** 64n;

/**
 * The integer between two bounds that is nearest to a number. Files say "up to the end" by numbers beyond the bounds.
 */
function integerBetween(low: bigint, value: number, high: bigint): bigint {
  if (value <= Number(low) || Number.isNaN(value)) return low;
  return value >= Number(high) ? high : BigInt(Math.trunc(value));
}

/** The signed 64-bit integer that is nearest to a number. */
export function toInt64(value: number): bigint {
  return integerBetween(-INT64_END, value, INT64_END - 1n);
}

function notNumeric(elementType: ElementType): EdjmError {
  return new EdjmError(
    'UNSUPPORTED',
    `expected a constant in float32, float64 or whole numbers, got ${elementType}. Export the network in float32.`,
  );
}

function encode(elementType: ElementType, values: readonly number[]): ArrayBufferView {
  switch (elementType) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, toInt64);
    case 'uint64':
      return BigUint64Array.from(values, (value) => integerBetween(0n, value, UINT64_END - 1n));
    case 'int32':
      return Int32Array.from(values);
    case 'uint32':
      return Uint32Array.from(values);
    case 'int16':
      return Int16Array.from(values);
    case 'uint16':
      return Uint16Array.from(values);
    case 'int8':
      return Int8Array.from(values);
    case 'uint8':
      return Uint8Array.from(values);
    case 'bool':
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
    case 'float16':
    case 'bfloat16':
    case 'string':
      throw notNumeric(elementType);
  }
}

/** A tensor made of numbers: `tensorOf('int64', [2], [3, 4])`. */
export function tensorOf(
  elementType: ElementType,
  shape: readonly number[],
  values: readonly number[],
): Tensor {
  if (values.length !== sizeOf(shape)) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `expected ${String(sizeOf(shape))} values for the shape [${shape.join(', ')}], got ${String(values.length)}.`,
    );
  }
  const view = encode(elementType, values);
  return { elementType, shape, bytes: new Uint8Array(view.buffer, view.byteOffset, view.byteLength) };
}

/** A float32 tensor on the given values, without copying them. */
export function float32Tensor(shape: readonly number[], values: Float32Array): Tensor {
  return {
    elementType: 'float32',
    shape,
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/** The numbers of a tensor, in row-major order; 64-bit integers become doubles. */
export function valuesOf(tensor: Tensor): readonly number[] {
  const { elementType, bytes } = tensor;
  // Copied, so that the view starts at a multiple of the element's size wherever the file put the bytes.
  const { buffer } = new Uint8Array(bytes);
  let view: NumberArray;
  switch (elementType) {
    case 'float32':
      view = new Float32Array(buffer);
      break;
    case 'float64':
      view = new Float64Array(buffer);
      break;
    case 'int64':
      return Array.from(new BigInt64Array(buffer), Number);
    case 'uint64':
      return Array.from(new BigUint64Array(buffer), Number);
    case 'int32':
      view = new Int32Array(buffer);
      break;
    case 'uint32':
      view = new Uint32Array(buffer);
      break;
    case 'int16':
      view = new Int16Array(buffer);
      break;
    case 'uint16':
      view = new Uint16Array(buffer);
      break;
    case 'int8':
      view = new Int8Array(buffer);
      break;
    case 'uint8':
    case 'bool':
      view = new Uint8Array(buffer);
      break;
    case 'float16':
    case 'bfloat16':
    case 'string':
      throw notNumeric(elementType);
  }
  return Array.from(view);
}

/** The elements of a tensor at the given places of row-major order, in a new shape. */
export function elementsAt(tensor: Tensor, shape: readonly number[], places: readonly number[]): Tensor {
  const size = bytesPerElement[tensor.elementType];
  const bytes = new Uint8Array(places.length * size);
  places.forEach((place, index) => {
    bytes.set(tensor.bytes.subarray(place * size, (place + 1) * size), index * size);
  });
  return { elementType: tensor.elementType, shape, bytes };
}

import { create, fromBinary } from '@bufbuild/protobuf';
import { EdjmError } from '@edjm/core';
import { TensorProto_DataLocation, TensorProtoSchema, type TensorProto } from '../generated/onnx_pb.ts';
import {
  byteLength,
  elementTypeCodes,
  sizeOf,
  tensorOf,
  type ElementType,
  type Tensor,
  type TensorType,
} from './tensor.ts';

/** The place of a tensor that is stored outside the model file. */
export interface ExternalData {
  /** As the model names it, relative to the model's folder. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** The name of a file in messages, and how to read tensors outside of it. */
export interface ReadOptions {
  /** For messages. Defaults to `'the model'`. */
  readonly name?: string;
  /** Reads external data. Without it a model with external data is refused. */
  readonly readExternal?: (data: ExternalData) => Uint8Array;
}

const elementTypes: ReadonlyMap<number, ElementType> = new Map(
  Object.entries(elementTypeCodes).map(([name, code]) => [code, name as ElementType]),
);

/** The element type of a code of TensorProto.DataType; throws `UNSUPPORTED` for a code without a name here. */
export function elementTypeOf(code: number, what: string): ElementType {
  const elementType = elementTypes.get(code);
  if (elementType === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${what}: expected one of the element types ${Object.keys(elementTypeCodes).join(', ')}, got TensorProto.DataType ${String(code)}.`,
    );
  }
  return elementType;
}

function invalid(what: string, expected: string, got: string): EdjmError {
  return new EdjmError('INVALID_FILE', `${what}: expected ${expected}, got ${got}.`);
}

function described({ elementType, shape }: TensorType): string {
  return `${elementType} [${shape.join(', ')}]`;
}

function readType(proto: TensorProto, what: string): TensorType {
  const type = { elementType: elementTypeOf(proto.dataType, what), shape: proto.dims.map(Number) };
  const sizes = [...type.shape, sizeOf(type.shape), byteLength(type)];
  if (sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) return type;
  throw invalid(what, 'a shape of whole numbers', `[${type.shape.join(', ')}]`);
}

function externalBytes(
  proto: TensorProto,
  type: TensorType,
  { what, readExternal }: { readonly what: string; readonly readExternal: ReadOptions['readExternal'] },
): Uint8Array {
  const fields = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = fields.get('location') ?? '';
  const offset = Number(fields.get('offset') ?? 0);
  const length = Number(fields.get('length') ?? byteLength(type));
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw invalid(what, 'an offset in the file of its weights', fields.get('offset') ?? '');
  if (length !== byteLength(type))
    throw invalid(what, `${String(byteLength(type))} bytes for ${described(type)}`, String(length));
  if (readExternal === undefined) {
    throw new EdjmError(
      'INVALID_FILE',
      `${what} lies in the file "${location}" beside the model: expected a way to read it. Load the model by its path.`,
    );
  }
  return readExternal({ location, offset, length });
}

function typedValues(proto: TensorProto): readonly number[] {
  if (proto.floatData.length > 0) return proto.floatData;
  if (proto.doubleData.length > 0) return proto.doubleData;
  if (proto.int32Data.length > 0) return proto.int32Data;
  if (proto.int64Data.length > 0) return proto.int64Data.map(Number);
  return proto.uint64Data.map(Number);
}

/** The elements of a tensor that stores them as numbers, in the field of its type. */
function typedBytes(proto: TensorProto, type: TensorType, what: string): Uint8Array {
  // Strings are carried by name only: no covered operator reads them.
  if (type.elementType === 'string') return new Uint8Array();
  const values = typedValues(proto);
  if (values.length !== sizeOf(type.shape))
    throw invalid(what, `${String(sizeOf(type.shape))} values for ${described(type)}`, String(values.length));
  if (type.elementType === 'float16' || type.elementType === 'bfloat16')
    return new Uint8Array(Uint16Array.from(values).buffer);
  return tensorOf(type.elementType, type.shape, values).bytes;
}

/** Reads a tensor of a model; `what` names it in messages. */
export function readTensor(
  proto: TensorProto,
  what: string,
  readExternal?: ReadOptions['readExternal'],
): Tensor {
  const type = readType(proto, what);
  const isExternal = proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const bytes = isExternal
    ? externalBytes(proto, type, { what, readExternal })
    : proto.rawData.length > 0
      ? proto.rawData
      : typedBytes(proto, type, what);
  if (bytes.length === byteLength(type)) return { ...type, bytes };
  throw invalid(what, `${String(byteLength(type))} bytes for ${described(type)}`, String(bytes.length));
}

/** The tensor as a message of the file format. */
export function writeTensor(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: elementTypeCodes[tensor.elementType],
    dims: tensor.shape.map(BigInt),
    rawData: tensor.bytes,
  });
}

/**
 * Reads a file that holds one tensor, as ONNX test data does.
 *
 * @param bytes - the whole file, a serialized TensorProto.
 * @throws EdjmError `INVALID_FILE` if the bytes are no tensor, `UNSUPPORTED` for an element type without a name here.
 */
export function readTensorFile(bytes: Uint8Array, options: Pick<ReadOptions, 'name'> = {}): Tensor {
  const name = options.name ?? 'the tensor';
  let proto: TensorProto;
  try {
    proto = fromBinary(TensorProtoSchema, bytes);
  } catch (cause) {
    throw new EdjmError(
      'INVALID_FILE',
      `${name}: expected an ONNX tensor, got ${String(bytes.length)} bytes that do not decode as one. The file may be truncated, or of another kind.`,
      { cause },
    );
  }
  return readTensor(proto, name);
}

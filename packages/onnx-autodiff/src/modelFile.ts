import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { EdjmError } from '@edjm/core';
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type TensorProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import type { Attribute, Graph, Node, ValueInfo } from './graph.ts';
import { byteLength, elementTypeCodes, sizeOf, tensorOf, type ElementType, type Tensor } from './tensor.ts';

/** Where the bytes of a tensor lie that is stored outside the model file. */
export interface ExternalData {
  /** As the model names it, relative to the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** Absent: up to the end of the file. */
  readonly length?: number;
}

/** Options of {@link readModel}. */
export interface ReadModelOptions {
  /** For messages. Defaults to `'the model'`. */
  readonly name?: string;
  /** Reads external data; without it a model that has some is refused. */
  readonly readExternal?: (data: ExternalData) => Uint8Array;
}

const elementTypes: ReadonlyMap<number, ElementType> = new Map(
  Object.entries(elementTypeCodes).map(([name, code]) => [code, name as ElementType]),
);

function elementTypeOf(code: number, what: string): ElementType {
  const elementType = elementTypes.get(code);
  if (elementType === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${what}: expected one of the element types ${Object.keys(elementTypeCodes).join(', ')}, got TensorProto.DataType ${String(code)}.`,
    );
  }
  return elementType;
}

function typedFieldValues(proto: TensorProto): readonly number[] {
  if (proto.floatData.length > 0) return proto.floatData;
  if (proto.doubleData.length > 0) return proto.doubleData;
  if (proto.int32Data.length > 0) return proto.int32Data;
  if (proto.int64Data.length > 0) return proto.int64Data.map(Number);
  return proto.uint64Data.map(Number);
}

function readTensor(proto: TensorProto, options: ReadModelOptions): Tensor {
  const what = `tensor "${proto.name}"`;
  const elementType = elementTypeOf(proto.dataType, what);
  const shape = proto.dims.map(Number);
  const type = { elementType, shape };
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    const fields = new Map(proto.externalData.map(({ key, value }) => [key, value]));
    const location = fields.get('location') ?? '';
    if (options.readExternal === undefined) {
      throw new EdjmError(
        'INVALID_FILE',
        `${what} lies in the file "${location}" beside the model: expected a way to read it. Load the model by its path.`,
      );
    }
    const length = Number(fields.get('length') ?? byteLength(type));
    const bytes = options.readExternal({ location, offset: Number(fields.get('offset') ?? 0), length });
    return checkedTensor(type, bytes, what);
  }
  if (proto.rawData.length > 0 || sizeOf(shape) === 0) return checkedTensor(type, proto.rawData, what);
  if (elementType === 'string') return { ...type, bytes: new Uint8Array() };
  const values = typedFieldValues(proto);
  if (elementType === 'float16' || elementType === 'bfloat16') {
    return { ...type, bytes: new Uint8Array(Uint16Array.from(values).buffer) };
  }
  if (values.length !== sizeOf(shape)) {
    throw new EdjmError(
      'INVALID_FILE',
      `${what}: expected ${String(sizeOf(shape))} values for the shape [${shape.join(', ')}], got ${String(values.length)}.`,
    );
  }
  return tensorOf(elementType, shape, values);
}

function checkedTensor(
  type: { elementType: ElementType; shape: readonly number[] },
  bytes: Uint8Array,
  what: string,
): Tensor {
  if (bytes.length !== byteLength(type)) {
    throw new EdjmError(
      'INVALID_FILE',
      `${what}: expected ${String(byteLength(type))} bytes for ${type.elementType} [${type.shape.join(', ')}], got ${String(bytes.length)}.`,
    );
  }
  return { ...type, bytes };
}

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

function readAttribute(proto: AttributeProto, options: ReadModelOptions): Attribute {
  switch (proto.type) {
    case Kind.FLOAT:
      return { float: proto.f };
    case Kind.INT:
      return { int: Number(proto.i) };
    case Kind.STRING:
      return { string: utf8.decode(proto.s) };
    case Kind.TENSOR:
      if (proto.t === undefined) break;
      return { tensor: readTensor(proto.t, options) };
    case Kind.FLOATS:
      return { floats: proto.floats };
    case Kind.INTS:
      return { ints: proto.ints.map(Number) };
    case Kind.STRINGS:
      return { strings: proto.strings.map((bytes) => utf8.decode(bytes)) };
    case Kind.UNDEFINED:
    case Kind.GRAPH:
    case Kind.GRAPHS:
    case Kind.SPARSE_TENSOR:
    case Kind.SPARSE_TENSORS:
    case Kind.TENSORS:
    case Kind.TYPE_PROTO:
    case Kind.TYPE_PROTOS:
      break;
  }
  return { opaque: proto };
}

function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const type = proto.type?.value;
  if (type?.case !== 'tensorType') {
    throw new EdjmError('UNSUPPORTED', `"${proto.name}": expected a tensor, got ${type?.case ?? 'no type'}.`);
  }
  const elementType = elementTypeOf(type.value.elemType, `"${proto.name}"`);
  const shape = type.value.shape?.dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : value.case === 'dimParam' ? value.value : undefined,
  );
  return { name: proto.name, elementType, ...(shape && { shape }) };
}

function readGraph(model: ModelProto, proto: GraphProto, options: ReadModelOptions): Graph {
  if (proto.sparseInitializer.length > 0) {
    throw new EdjmError(
      'UNSUPPORTED',
      'expected dense initializers, got sparse ones. Export the model with dense weights.',
    );
  }
  const initializers = new Map(proto.initializer.map((tensor) => [tensor.name, readTensor(tensor, options)]));
  return {
    name: proto.name,
    irVersion: Number(model.irVersion),
    opsets: new Map(
      model.opsetImport.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, Number(version)]),
    ),
    inputs: proto.input.filter(({ name }) => !initializers.has(name)).map(readValueInfo),
    outputs: proto.output.map(readValueInfo),
    initializers,
    nodes: proto.node.map((node) => ({
      opType: node.opType,
      domain: node.domain === 'ai.onnx' ? '' : node.domain,
      name: node.name,
      inputs: node.input,
      outputs: node.output,
      attributes: Object.fromEntries(
        node.attribute.map((attribute) => [attribute.name, readAttribute(attribute, options)]),
      ),
    })),
  };
}

/**
 * Reads an .onnx file.
 *
 * @param bytes - the whole file.
 * @throws EdjmError `INVALID_FILE` where the bytes are no ONNX model, `UNSUPPORTED` for sparse or non-tensor values.
 */
export function readModel(bytes: Uint8Array, options: ReadModelOptions = {}): Graph {
  const name = options.name ?? 'the model';
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new EdjmError(
      'INVALID_FILE',
      `${name}: expected an ONNX model, got ${String(bytes.length)} bytes that do not decode as one. The file may be truncated, or of another kind.`,
      { cause },
    );
  }
  if (model.graph === undefined || model.graph.output.length === 0 || model.opsetImport.length === 0) {
    throw new EdjmError(
      'INVALID_FILE',
      `${name}: expected an ONNX model with a graph, outputs and an operator set, got ${String(bytes.length)} bytes without them. The file may be truncated, or of another kind.`,
    );
  }
  return readGraph(model, model.graph, options);
}

function writeTensor(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: elementTypeCodes[tensor.elementType],
    dims: tensor.shape.map(BigInt),
    rawData: tensor.bytes,
  });
}

function writeAttribute(name: string, attribute: Attribute): AttributeProto {
  if ('int' in attribute)
    return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(attribute.int) });
  if ('float' in attribute)
    return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: attribute.float });
  if ('ints' in attribute)
    return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: attribute.ints.map(BigInt) });
  if ('floats' in attribute)
    return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...attribute.floats] });
  if ('string' in attribute) {
    return create(AttributeProtoSchema, { name, type: Kind.STRING, s: toUtf8.encode(attribute.string) });
  }
  if ('strings' in attribute) {
    return create(AttributeProtoSchema, {
      name,
      type: Kind.STRINGS,
      strings: attribute.strings.map((s) => toUtf8.encode(s)),
    });
  }
  if ('tensor' in attribute) {
    return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: writeTensor('', attribute.tensor) });
  }
  return attribute.opaque as AttributeProto;
}

function writeNode(node: Node): ReturnType<typeof create<typeof NodeProtoSchema>> {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, attribute]) => writeAttribute(name, attribute)),
  });
}

function writeValueInfo({ name, elementType, shape }: ValueInfo): ValueInfoProto {
  const dim = shape?.map((dimension) => ({
    value:
      typeof dimension === 'number'
        ? ({ case: 'dimValue', value: BigInt(dimension) } as const)
        : typeof dimension === 'string'
          ? ({ case: 'dimParam', value: dimension } as const)
          : ({ case: undefined } as const),
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: elementTypeCodes[elementType], ...(dim && { shape: { dim } }) },
      },
    },
  });
}

/** Writes a graph as the bytes of an .onnx file, weights inside. */
export function writeModel(graph: Graph): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(graph.irVersion),
    producerName: 'edjm',
    opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(writeNode),
      initializer: [...graph.initializers].map(([name, tensor]) => writeTensor(name, tensor)),
      input: graph.inputs.map(writeValueInfo),
      output: graph.outputs.map(writeValueInfo),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

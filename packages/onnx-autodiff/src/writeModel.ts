import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import type { Attribute, Graph, Node, ValueInfo } from './graph.ts';
import { elementTypeCodes, toInt64 } from './tensor.ts';
import { writeTensor } from './tensorProto.ts';

const toUtf8 = new TextEncoder();

function writeAttribute(name: string, attribute: Attribute): AttributeProto {
  if ('int' in attribute)
    return create(AttributeProtoSchema, { name, type: Kind.INT, i: toInt64(attribute.int) });
  if ('float' in attribute)
    return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: attribute.float });
  if ('ints' in attribute)
    return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: attribute.ints.map(toInt64) });
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

function writeNode(node: Node): NodeProto {
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
        ? ({ case: 'dimValue', value: toInt64(dimension) } as const)
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

import { create, toBinary } from '@bufbuild/protobuf';
import { EdjmError } from '@edjm/core';
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type ValueInfoProto,
} from '../generated/onnx_pb.ts';
import {
  describeNode,
  type Attribute,
  type Graph,
  type Node,
  type Subgraph,
  type SubgraphValue,
} from './graph.ts';
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
  if ('graph' in attribute) {
    return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: writeGraph(attribute.graph) });
  }
  return attribute.opaque as AttributeProto;
}

function writeNode(node: Node): NodeProto {
  if (node.opset !== undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${describeNode(node)}: expected a node of the model's operator set, got one of set ${String(node.opset)} from a function of the model. Add it to a GraphBuilder, which brings it up to date.`,
    );
  }
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, attribute]) => writeAttribute(name, attribute)),
  });
}

function writeGraph({ name, inputs, outputs, initializers, nodes }: Subgraph): GraphProto {
  return create(GraphProtoSchema, {
    name,
    node: nodes.map(writeNode),
    initializer: [...initializers].map(([key, tensor]) => writeTensor(key, tensor)),
    input: inputs.map(writeValueInfo),
    output: outputs.map(writeValueInfo),
  });
}

function writeValueInfo({ name, elementType, shape, sequence }: SubgraphValue): ValueInfoProto {
  if (elementType === undefined) return create(ValueInfoProtoSchema, { name });
  const dim = shape?.map((dimension) => ({
    value:
      typeof dimension === 'number'
        ? ({ case: 'dimValue', value: toInt64(dimension) } as const)
        : typeof dimension === 'string'
          ? ({ case: 'dimParam', value: dimension } as const)
          : ({ case: undefined } as const),
  }));
  const type = create(TypeProtoSchema, {
    value: {
      case: 'tensorType',
      value: { elemType: elementTypeCodes[elementType], ...(dim && { shape: { dim } }) },
    },
  });
  if (sequence !== true) return create(ValueInfoProtoSchema, { name, type });
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'sequenceType', value: { elemType: type } } },
  });
}

/** Writes a graph as the bytes of an .onnx file, weights inside. */
export function writeModel(graph: Graph): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(graph.irVersion),
    producerName: 'edjm',
    opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    graph: writeGraph(graph),
  });
  return toBinary(ModelProtoSchema, model);
}

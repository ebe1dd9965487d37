import { EdjmError } from '@edjm/core';
import {
  AttributeProto_AttributeType as Kind,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../generated/onnx_pb.ts';
import type { Attribute, Node, Subgraph, SubgraphValue, ValueInfo } from './graph.ts';
import type { Tensor } from './tensor.ts';
import { elementTypeOf } from './tensorProto.ts';

/** The most graphs or functions inside of each other: exporters nest a few. */
const DEEPEST = 64;

const utf8 = new TextDecoder();

/** The reader of nodes, with its knowledge of the model around them. */
export interface Reader {
  /** The name of the model in messages. */
  readonly name: string;
  /** The number of graphs and functions around the nodes. */
  readonly depth: number;
  readonly tensor: (proto: TensorProto, role: string) => Tensor;
  /** The version of an operator set in the function around, if it is not the model's. */
  readonly opset: (domain: string) => number | undefined;
  /** The attribute of the function around that a node refers to; undefined if the call leaves it out. */
  readonly reference: (name: string) => Attribute | undefined;
  /** The nodes that a node stands for: itself, or the nodes of the function that it calls. */
  readonly expanded: (
    node: Node,
    call: { readonly overload: string; readonly reader: Reader },
  ) => readonly Node[];
}

/** The reader of nodes one graph or function deeper. */
export function deeper(reader: Reader): Reader {
  if (reader.depth < DEEPEST) return { ...reader, depth: reader.depth + 1 };
  throw new EdjmError(
    'INVALID_FILE',
    `${reader.name}: expected graphs and functions at most ${String(DEEPEST)} deep inside of each other, got more.`,
  );
}

/** The standard operator set has two names. */
export function normalizedDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** The value of an attribute; undefined if it refers to one that is left out. */
export function readAttribute(proto: AttributeProto, reader: Reader): Attribute | undefined {
  if (proto.refAttrName !== '') return reader.reference(proto.refAttrName);
  switch (proto.type) {
    case Kind.FLOAT:
      return { float: proto.f };
    case Kind.INT:
      return { int: Number(proto.i) };
    case Kind.STRING:
      return { string: utf8.decode(proto.s) };
    case Kind.TENSOR:
      if (proto.t === undefined) break;
      return { tensor: reader.tensor(proto.t, `attribute "${proto.name}"`) };
    case Kind.GRAPH:
      if (proto.g === undefined) break;
      return { graph: readSubgraph(proto.g, deeper(reader)) };
    case Kind.FLOATS:
      return { floats: proto.floats };
    case Kind.INTS:
      return { ints: proto.ints.map(Number) };
    case Kind.STRINGS:
      return { strings: proto.strings.map((bytes) => utf8.decode(bytes)) };
    case Kind.UNDEFINED:
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

/** The declaration of a tensor. */
export function readValueInfo(proto: ValueInfoProto, { name }: Reader): ValueInfo {
  const what = `${name}: "${proto.name}"`;
  const type = proto.type?.value;
  if (type?.case !== 'tensorType') {
    throw new EdjmError(
      'UNSUPPORTED',
      `${what}: expected a tensor, got ${type?.case ?? 'no type'}. Export the network with inputs and outputs that are tensors of declared types.`,
    );
  }
  const elementType = elementTypeOf(type.value.elemType, what);
  const shape = type.value.shape?.dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : value.case === 'dimParam' ? value.value : undefined,
  );
  return { name: proto.name, elementType, ...(shape && { shape }) };
}

/** The declaration of an output of a model, which may leave its type open. */
export function readOutput(proto: ValueInfoProto, reader: Reader): SubgraphValue {
  const type = proto.type?.value;
  const isOpen = type?.case === undefined || (type.case === 'tensorType' && type.value.elemType === 0);
  return isOpen ? { name: proto.name } : readValueInfo(proto, reader);
}

/** Inputs and outputs of subgraphs need no type: it follows from the tensors that they are bound to. */
function readSubgraphValue(proto: ValueInfoProto, reader: Reader): SubgraphValue {
  const type = proto.type?.value;
  const isTensor = type?.case === 'tensorType' && type.value.elemType !== 0;
  return isTensor ? readValueInfo(proto, reader) : { name: proto.name };
}

function readSubgraph(proto: GraphProto, reader: Reader): Subgraph {
  const initializers = readInitializers(proto, reader);
  const inputs = proto.input.map((input) => readSubgraphValue(input, reader));
  // An initializer of an input is its default, and every call gives a value.
  const bound = new Set(inputs.map(({ name }) => name));
  return {
    name: proto.name,
    inputs,
    outputs: proto.output.map((output) => readSubgraphValue(output, reader)),
    initializers: new Map([...initializers].filter(([name]) => !bound.has(name))),
    nodes: readNodes(proto.node, reader),
  };
}

/** The initializers of a graph, by name. */
export function readInitializers(proto: GraphProto, { name, tensor }: Reader): ReadonlyMap<string, Tensor> {
  if (proto.sparseInitializer.length > 0) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected dense initializers, got sparse ones. Export the model with dense weights.`,
    );
  }
  const initializers = new Map(
    proto.initializer.map((weights) => [weights.name, tensor(weights, `initializer "${weights.name}"`)]),
  );
  if (initializers.size === proto.initializer.length) return initializers;
  throw new EdjmError(
    'INVALID_FILE',
    `${name}: expected a name of its own for every initializer, got ${String(proto.initializer.length)} initializers of ${String(initializers.size)} names.`,
  );
}

function readNode(proto: NodeProto, reader: Reader): Node {
  const domain = normalizedDomain(proto.domain);
  const opset = reader.opset(domain);
  const attributes = proto.attribute.flatMap((attribute) => {
    const value = readAttribute(attribute, reader);
    return value === undefined ? [] : [[attribute.name, value] as const];
  });
  return {
    opType: proto.opType,
    domain,
    name: proto.name,
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(attributes),
    ...(opset !== undefined && { opset }),
  };
}

/** Nodes in the order of the file, functions of the model written out. */
export function readNodes(protos: readonly NodeProto[], reader: Reader): readonly Node[] {
  return protos.flatMap((proto) =>
    reader.expanded(readNode(proto, reader), { overload: proto.overload, reader }),
  );
}

import { fromBinary } from '@bufbuild/protobuf';
import { EdjmError } from '@edjm/core';
import {
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import type { Attribute, Graph, Node, ValueInfo } from './graph.ts';
import { nodesInOrder } from './nodeOrder.ts';
import type { Tensor } from './tensor.ts';
import { elementTypeOf, readTensor, type ReadOptions } from './tensorProto.ts';

/** Versions are small numbers; a larger one is a sign of a damaged file. */
const LARGEST_VERSION = 2n ** 31n;

const utf8 = new TextDecoder();

/** How tensors inside a model are read, and what messages call the model. */
interface Reader {
  readonly name: string;
  readonly tensor: (proto: TensorProto, role: string) => Tensor;
}

function readAttribute(proto: AttributeProto, { tensor }: Reader): Attribute {
  switch (proto.type) {
    case Kind.FLOAT:
      return { float: proto.f };
    case Kind.INT:
      return { int: Number(proto.i) };
    case Kind.STRING:
      return { string: utf8.decode(proto.s) };
    case Kind.TENSOR:
      if (proto.t === undefined) break;
      return { tensor: tensor(proto.t, `attribute "${proto.name}"`) };
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

function readValueInfo(proto: ValueInfoProto, { name }: Reader): ValueInfo {
  const what = `${name}: "${proto.name}"`;
  const type = proto.type?.value;
  if (type?.case !== 'tensorType') {
    throw new EdjmError('UNSUPPORTED', `${what}: expected a tensor, got ${type?.case ?? 'no type'}.`);
  }
  const elementType = elementTypeOf(type.value.elemType, what);
  const shape = type.value.shape?.dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : value.case === 'dimParam' ? value.value : undefined,
  );
  return { name: proto.name, elementType, ...(shape && { shape }) };
}

function readNode(proto: NodeProto, reader: Reader): Node {
  return {
    opType: proto.opType,
    domain: normalizedDomain(proto.domain),
    name: proto.name,
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(
      proto.attribute.map((attribute) => [attribute.name, readAttribute(attribute, reader)]),
    ),
  };
}

/** The standard operator set has two names. */
function normalizedDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function readVersion(version: bigint, what: string): number {
  if (version >= 1n && version <= LARGEST_VERSION) return Number(version);
  throw new EdjmError('INVALID_FILE', `${what}: expected a version from 1 on, got ${String(version)}.`);
}

function readInitializers(proto: GraphProto, { name, tensor }: Reader): ReadonlyMap<string, Tensor> {
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

function readGraph(model: ModelProto, proto: GraphProto, reader: Reader): Graph {
  const { name } = reader;
  const initializers = readInitializers(proto, reader);
  const opsets = model.opsetImport.map(({ domain, version }) => {
    return [normalizedDomain(domain), readVersion(version, `${name}: operator set "${domain}"`)] as const;
  });
  return {
    name: proto.name,
    irVersion: readVersion(model.irVersion, `${name}: format of the file`),
    opsets: new Map(opsets),
    inputs: proto.input
      .filter((input) => !initializers.has(input.name))
      .map((input) => readValueInfo(input, reader)),
    outputs: proto.output.map((output) => readValueInfo(output, reader)),
    initializers,
    nodes: proto.node.map((node) => readNode(node, reader)),
  };
}

/**
 * Reads an .onnx file.
 *
 * @param bytes - the whole file.
 * @throws EdjmError `INVALID_FILE` where the bytes are no ONNX model, or one whose tensors or names do not fit together;
 * `UNSUPPORTED` for sparse weights and for inputs and outputs that are no tensors.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readModel } from '@edjm/onnx-autodiff';
 *
 * const graph = readModel(await readFile('model.onnx'), { name: 'model.onnx' });
 * console.log(graph.nodes.map(({ opType }) => opType));
 * ```
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Graph {
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
  const tensor: Reader['tensor'] = (proto, role) =>
    readTensor(proto, `${name}: ${role}`, options.readExternal);
  const graph = readGraph(model, model.graph, { name, tensor });
  return { ...graph, nodes: nodesInOrder(graph, name) };
}

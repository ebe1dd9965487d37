import { fromBinary } from '@bufbuild/protobuf';
import { EdjmError } from '@edjm/core';
import { withFunctions } from './functions.ts';
import {
  ModelProtoSchema,
  type GraphProto,
  type ModelProto,
  type TensorProto,
} from '../generated/onnx_pb.ts';
import type { Graph } from './graph.ts';
import { inOrder } from './nodeOrder.ts';
import {
  normalizedDomain,
  readInitializers,
  readNodes,
  readOutput,
  readValueInfo,
  type Reader,
} from './readNodes.ts';
import type { Tensor } from './tensor.ts';
import { readTensor, type ReadOptions } from './tensorProto.ts';

/** Versions are small numbers; a larger one is a sign of a damaged file. */
const LARGEST_VERSION = 2n ** 31n;

function readVersion(version: bigint, what: string): number {
  if (version >= 1n && version <= LARGEST_VERSION) return Number(version);
  throw new EdjmError('INVALID_FILE', `${what}: expected a version from 1 on, got ${String(version)}.`);
}

function readGraph(model: ModelProto, proto: GraphProto, reader: Reader): Graph {
  const { name } = reader;
  const initializers = readInitializers(proto, reader);
  // Those of functions first: a version that the model itself imports replaces them.
  const imported = [...model.functions.flatMap(({ opsetImport }) => opsetImport), ...model.opsetImport];
  const opsets = imported.map(({ domain, version }) => {
    return [normalizedDomain(domain), readVersion(version, `${name}: operator set "${domain}"`)] as const;
  });
  return {
    name: proto.name,
    irVersion: readVersion(model.irVersion, `${name}: format of the file`),
    opsets: new Map(opsets),
    inputs: proto.input
      .filter((input) => !initializers.has(input.name))
      .map((input) => readValueInfo(input, reader)),
    outputs: proto.output.map((output) => readOutput(output, reader)),
    initializers,
    nodes: readNodes(proto.node, reader),
  };
}

/**
 * Reads an .onnx file.
 *
 * @param bytes - the whole file.
 * @throws EdjmError `INVALID_FILE` if the bytes are no ONNX model, or one whose tensors or names do not fit together;
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
  const reader = withFunctions(modelReader(name, options), model);
  return inOrder(readGraph(model, model.graph, reader), name);
}

/** The reader of the model's own graph. */
function modelReader(name: string, { readExternal }: ReadOptions): Reader {
  // A function that is called often holds each of its tensors once.
  const tensors = new Map<TensorProto, Tensor>();
  return {
    name,
    depth: 0,
    tensor: (proto, role) => {
      const tensor = tensors.get(proto) ?? readTensor(proto, `${name}: ${role}`, readExternal);
      tensors.set(proto, tensor);
      return tensor;
    },
    opset: () => undefined,
    reference: (attribute) => {
      throw new EdjmError(
        'INVALID_FILE',
        `${name}: expected a reference to the attribute "${attribute}" inside of a function, got one outside.`,
      );
    },
    expanded: (node) => [node],
  };
}

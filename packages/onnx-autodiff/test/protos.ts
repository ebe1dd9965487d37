import { create, toBinary } from '@bufbuild/protobuf';
import { EdjmError } from '@edjm/core';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type ValueInfoProto,
} from '../src/generated/onnx_pb.ts';
import { NetworkGraph, readModel, writeModel } from '../src/index.ts';

function open(bytes: Uint8Array): void {
  const network = new NetworkGraph(readModel(bytes, { name: 'm.onnx' }));
  writeModel(network.vjpGraph(network.fixedBatchSize ?? 2, 2).graph);
}

/** The error of opening bytes that may be any; throws what is no `EdjmError`. */
export function refusal(bytes: Uint8Array): EdjmError | undefined {
  try {
    open(bytes);
    return undefined;
  } catch (error) {
    if (EdjmError.is(error)) return error;
    throw error;
  }
}

type ModelInit = NonNullable<Parameters<typeof create<typeof ModelProtoSchema>>[1]>;

/** The bytes of a model of operator set 18. */
export function modelBytes(model: ModelInit): Uint8Array {
  const opsetImport = [{ domain: '', version: 18n }];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport, ...model }));
}

/** A declared float32 tensor. */
export const float32 = (name: string, dims: readonly bigint[]): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: 1,
          shape: { dim: dims.map((value) => ({ value: { case: 'dimValue' as const, value } })) },
        },
      },
    },
  });

/** y = x + w, where w is a tensor in whatever form. */
export function withWeights(weights: Parameters<typeof create<typeof TensorProtoSchema>>[1]): Uint8Array {
  return modelBytes({
    graph: {
      node: [create(NodeProtoSchema, { opType: 'Add', input: ['x', 'w'], output: ['y'] })],
      initializer: [create(TensorProtoSchema, { name: 'w', dataType: 1, ...weights })],
      input: [float32('x', [2n, 2n])],
      output: [float32('y', [2n, 2n])],
    },
  });
}

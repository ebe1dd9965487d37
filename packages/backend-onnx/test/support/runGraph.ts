import { writeModel, type ElementType, type Graph, type Tensor } from '@edjm/onnx-autodiff';
import { InferenceSession, Tensor as EngineTensor } from 'onnxruntime-node';

/** Runs a graph in ONNX Runtime, as often as asked. */
export interface Run {
  (feeds: Readonly<Record<string, Tensor>>): Promise<ReadonlyMap<string, Tensor>>;
  readonly release: () => Promise<void>;
}

type Elements =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

function elementsOf({ elementType, bytes }: Tensor): Elements {
  const { buffer } = Uint8Array.from(bytes);
  switch (elementType) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
    case 'float16':
    case 'bfloat16':
    case 'string':
      throw new Error(`expected numbers, got ${elementType}.`);
  }
}

function toEngine(tensor: Tensor): EngineTensor {
  return new EngineTensor(tensor.elementType as 'float32', elementsOf(tensor) as Float32Array, tensor.shape);
}

function fromEngine({ type, data, dims }: EngineTensor): Tensor {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return {
    elementType: type as ElementType,
    shape: dims,
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
  };
}

/** Prepares a graph for runs; throws if ONNX Runtime does not accept it. */
export async function sessionOf(graph: Graph): Promise<Run> {
  const inDouble = graph.inputs.some(({ elementType }) => elementType === 'float64');
  const session = await InferenceSession.create(writeModel(graph), {
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    // Above this level it writes QuickGelu for x σ(αx) in float64, for which it has no kernel.
    graphOptimizationLevel: inDouble ? 'basic' : 'all',
  });
  const run = async (feeds: Readonly<Record<string, Tensor>>) => {
    const inputs = Object.entries(feeds).map(([name, tensor]) => [name, toEngine(tensor)] as const);
    const outputs = await session.run(Object.fromEntries(inputs));
    return new Map(Object.entries(outputs).map(([name, tensor]) => [name, fromEngine(tensor)]));
  };
  return Object.assign(run, { release: () => session.release() });
}

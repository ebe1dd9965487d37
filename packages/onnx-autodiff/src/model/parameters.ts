import { EdjmError, type NetworkParameter, type ParameterChange } from '@edjm/core';
import { type Graph, intAttribute, type Node } from './graph.ts';
import { float32Tensor, type Tensor, tensorOf, valuesOf } from './tensor.ts';

type Role = NetworkParameter['role'];

/** The roles of an operator's inputs, by their place. */
const rolesOf: Readonly<Record<string, readonly (Role | undefined)[]>> = {
  MatMul: ['weight', 'weight'],
  Gemm: ['weight', 'weight', 'bias'],
  Conv: [undefined, 'weight', 'bias'],
  ConvTranspose: [undefined, 'weight', 'bias'],
  Einsum: ['weight', 'weight'],
  Gather: ['weight'],
  LSTM: [undefined, 'weight', 'weight', 'bias'],
  GRU: [undefined, 'weight', 'weight', 'bias'],
  RNN: [undefined, 'weight', 'weight', 'bias'],
  Add: ['bias', 'bias'],
  BatchNormalization: [undefined, ...Array<Role>(4).fill('normalization')],
  InstanceNormalization: [undefined, 'normalization', 'normalization'],
  GroupNormalization: [undefined, 'normalization', 'normalization'],
  LayerNormalization: [undefined, 'normalization', 'normalization'],
  RMSNormalization: [undefined, 'normalization'],
};

/** Operators that hand a tensor on in another arrangement. */
const arranging: ReadonlySet<string> = new Set([
  'Transpose',
  'Reshape',
  'Identity',
  'Unsqueeze',
  'Squeeze',
  'Flatten',
]);

/** The parameters of a graph: its initializers in float32 or float64, and what is made of them. */
export function graphParameters(graph: Graph): readonly NetworkParameter[] {
  const uses = usesOf(graph.nodes);
  return [...graph.initializers].flatMap(([name, tensor]) => {
    const data = numbersOf(tensor);
    return data ? [{ name, shape: tensor.shape, data, role: roleOf(name, uses) }] : [];
  });
}

/**
 * The graph with other values for its parameters.
 *
 * @throws EdjmError `SHAPE_MISMATCH` for another number of values.
 */
export function withParameters(graph: Graph, change: ParameterChange): Graph {
  const initializers = new Map(graph.initializers);
  for (const parameter of graphParameters(graph)) {
    const values = change(parameter);
    if (values === undefined) continue;
    if (values.length !== parameter.data.length) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${parameter.name}: expected ${String(parameter.data.length)} values, got ${String(values.length)}. Give as many as the parameter has.`,
      );
    }
    const tensor =
      parameter.data instanceof Float32Array
        ? float32Tensor(parameter.shape, Float32Array.from(values))
        : tensorOf('float64', parameter.shape, Array.from(values));
    initializers.set(parameter.name, tensor);
  }
  return { ...graph, initializers };
}

function numbersOf(tensor: Tensor): Float32Array | Float64Array | undefined {
  switch (tensor.elementType) {
    case 'float32':
      return Float32Array.from(valuesOf(tensor));
    case 'float64':
      return Float64Array.from(valuesOf(tensor));
    default:
      return undefined;
  }
}

/** A node that takes a tensor, and at which place. */
interface Use {
  readonly node: Node;
  readonly place: number;
}

function usesOf(nodes: readonly Node[]): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const node of nodes) {
    for (const [place, name] of node.inputs.entries()) {
      uses.set(name, [...(uses.get(name) ?? []), { node, place }]);
    }
  }
  return uses;
}

/** The role that all uses agree on, through nodes that only arrange. */
function roleOf(name: string, uses: ReadonlyMap<string, readonly Use[]>): Role {
  const roles = new Set(
    (uses.get(name) ?? []).flatMap(({ node, place }): Role[] => {
      if (arranging.has(node.opType) && place === 0)
        return node.outputs.map((output) => roleOf(output, uses));
      if (node.domain !== '') return ['other'];
      // Whole numbers that choose rows are no embedding.
      if (node.opType === 'Gather' && intAttribute(node, 'axis', 0) !== 0) return ['other'];
      return [rolesOf[node.opType]?.[place] ?? 'other'];
    }),
  );
  const [role = 'other', ...others] = roles;
  return others.length === 0 ? role : 'other';
}

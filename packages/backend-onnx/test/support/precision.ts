import {
  tensorOf,
  valuesOf,
  type Attribute,
  type Graph,
  type Node,
  type Subgraph,
  type Tensor,
} from '@edjm/onnx-autodiff';
import type { Point } from './vjpCheck.ts';

/** Element types of real numbers, with their codes of TensorProto.DataType. */
const precisions = { float32: 1, float64: 11 } as const;
type Precision = keyof typeof precisions;

const isReal = (elementType: string): elementType is Precision => elementType in precisions;

/** The same numbers in another precision; tensors of other types as they are. */
function tensorIn(precision: Precision, tensor: Tensor): Tensor {
  return isReal(tensor.elementType) ? tensorOf(precision, tensor.shape, valuesOf(tensor)) : tensor;
}

function attributeIn(precision: Precision, attribute: Attribute, name: string): Attribute {
  if ('tensor' in attribute) return { tensor: tensorIn(precision, attribute.tensor) };
  if ('graph' in attribute) return { graph: bodyIn(precision, attribute.graph) };
  const isType =
    name === 'to' && 'int' in attribute && Object.values<number>(precisions).includes(attribute.int);
  return isType ? { int: precisions[precision] } : attribute;
}

function nodeIn(precision: Precision, node: Node): Node {
  const attributes = Object.entries(node.attributes).map(([name, attribute]) => {
    const isConstant = node.opType === 'Constant';
    if (isConstant && 'float' in attribute)
      return ['value', { tensor: tensorOf(precision, [], [attribute.float]) }] as const;
    if (isConstant && 'floats' in attribute) {
      const { floats } = attribute;
      return ['value', { tensor: tensorOf(precision, [floats.length], floats) }] as const;
    }
    return [name, attributeIn(precision, attribute, name)] as const;
  });
  return { ...node, attributes: Object.fromEntries(attributes) };
}

/** The nodes and initializers of a graph with every real number in another precision. */
function bodyIn<G extends Subgraph>(precision: Precision, graph: G): G {
  const initializers = [...graph.initializers].map(
    ([name, tensor]) => [name, tensorIn(precision, tensor)] as const,
  );
  const nodes = graph.nodes.map((node) => nodeIn(precision, node));
  return { ...graph, initializers: new Map(initializers), nodes };
}

/** The same graph with every real number in another precision. */
function graphIn(precision: Precision, graph: Graph): Graph {
  const info = <V extends Graph['outputs'][number]>(value: V) => ({
    ...value,
    ...(value.elementType !== undefined && isReal(value.elementType) && { elementType: precision }),
  });
  return {
    ...bodyIn(precision, graph),
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
  };
}

/** The same graph at the same point in another precision. */
export function pointIn(precision: Precision, { graph, variables, constants }: Point): Point {
  const numbers = [...variables].map(([name, tensor]) => [name, tensorIn(precision, tensor)] as const);
  return { graph: graphIn(precision, graph), variables: new Map(numbers), constants };
}

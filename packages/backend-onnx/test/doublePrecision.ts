import { tensorOf, valuesOf, type Attribute, type Graph, type Node, type Tensor } from '@edjm/onnx-autodiff';

/** Codes of TensorProto.DataType. */
const FLOAT32 = 1;
const FLOAT64 = 11;

/** The same numbers in float64; tensors of other types as they are. */
export function inDouble(tensor: Tensor): Tensor {
  return tensor.elementType === 'float32' ? tensorOf('float64', tensor.shape, valuesOf(tensor)) : tensor;
}

function attributeInDouble(attribute: Attribute, name: string): Attribute {
  if ('tensor' in attribute) return { tensor: inDouble(attribute.tensor) };
  if (name === 'to' && 'int' in attribute && attribute.int === FLOAT32) return { int: FLOAT64 };
  return attribute;
}

function nodeInDouble(node: Node): Node {
  const attributes = Object.entries(node.attributes).flatMap(([name, attribute]) => {
    if (node.opType !== 'Constant') return [[name, attributeInDouble(attribute, name)] as const];
    if ('float' in attribute)
      return [['value', { tensor: tensorOf('float64', [], [attribute.float]) }] as const];
    if ('floats' in attribute) {
      const { floats } = attribute;
      return [['value', { tensor: tensorOf('float64', [floats.length], floats) }] as const];
    }
    return [[name, attributeInDouble(attribute, name)] as const];
  });
  return { ...node, attributes: Object.fromEntries(attributes) };
}

/** The same graph with float64 wherever it says float32. */
export function graphInDouble(graph: Graph): Graph {
  const info = ({ elementType, ...rest }: Graph['inputs'][number]) => ({
    ...rest,
    elementType: elementType === 'float32' ? ('float64' as const) : elementType,
  });
  return {
    ...graph,
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, inDouble(tensor)])),
    nodes: graph.nodes.map(nodeInDouble),
  };
}

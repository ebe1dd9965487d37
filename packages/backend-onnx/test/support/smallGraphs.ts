import {
  tensorOf,
  type Attribute,
  type ElementType,
  type Graph,
  type Node,
  type Tensor,
} from '@edjm/onnx-autodiff';
import { noise, type Point } from './vjpCheck.ts';

/** Operator sets beside the standard one, and their versions. */
const otherOpsets = [['com.microsoft', 1]] as const;

/** A node with the output `y`, unless others are named; `'com.microsoft.Gelu'` is one of another domain. */
export function node(
  opType: string,
  inputs: readonly string[],
  options: {
    readonly outputs?: readonly string[];
    readonly attributes?: Readonly<Record<string, Attribute>>;
  } = {},
): Node {
  const dot = opType.lastIndexOf('.');
  return {
    opType: opType.slice(dot + 1),
    domain: opType.slice(0, Math.max(0, dot)),
    name: '',
    inputs,
    outputs: options.outputs ?? ['y'],
    attributes: options.attributes ?? {},
  };
}

/** The operator of a node with its domain, if that is not the standard one. */
export function operatorName({ domain, opType }: Node): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

/** What {@link pointOf} makes a graph of. */
export interface SmallGraph {
  /** Variables: shapes of random numbers, or tensors. */
  readonly variables: Readonly<Record<string, readonly number[] | Tensor>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly Node[];
  /** Defaults to `y`. */
  readonly outputs?: readonly string[];
  /** Defaults to 18. */
  readonly opset?: number;
  /** Of the random variables; defaults to float64. */
  readonly elementType?: ElementType;
}

const isTensor = (value: readonly number[] | Tensor): value is Tensor => 'bytes' in value;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** A small graph at a point. */
export function pointOf(small: SmallGraph): Point {
  const { constants = {}, nodes, outputs = ['y'], opset = 18, elementType = 'float64' } = small;
  const variables = new Map(
    Object.entries(small.variables).map(([name, value], index) => {
      const tensor = isTensor(value)
        ? value
        : tensorOf(elementType, value, noise(sizeOf(value), 100 + index));
      return [name, tensor] as const;
    }),
  );
  const graph: Graph = {
    name: 'small',
    irVersion: 8,
    opsets: new Map([['', opset], ...otherOpsets]),
    inputs: [...variables].map(([name, tensor]) => ({
      name,
      elementType: tensor.elementType,
      shape: tensor.shape,
    })),
    outputs: outputs.map((name) => ({ name, elementType })),
    initializers: new Map(Object.entries(constants)),
    nodes,
  };
  return { graph, variables, constants: new Map() };
}

/** A vector of 64-bit integers. */
export const ints = (...values: readonly number[]): Tensor => tensorOf('int64', [values.length], values);

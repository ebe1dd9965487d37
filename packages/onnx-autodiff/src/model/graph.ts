import type { ElementType, Tensor } from './tensor.ts';

/** The value of a node's attribute, by kind. An `opaque` value is handed on unread. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: Tensor }
  | { readonly graph: Subgraph }
  | { readonly opaque: unknown };

/** One application of an operator. An empty input or output name stands for one that is left out. */
export interface Node {
  readonly opType: string;
  /** `''` is the standard operator set. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The version of its operator set, if it is not the model's. */
  readonly opset?: number;
}

/** A declared input or output; a dimension is a number, a name, or unknown; the shape may be absent altogether. */
export interface ValueInfo {
  readonly name: string;
  readonly elementType: ElementType;
  readonly shape?: readonly (number | string | undefined)[];
  /** Whether it is a sequence of such tensors, which only outputs of written graphs can be. */
  readonly sequence?: true;
}

/** An input or output of a subgraph, which may leave its type open. */
export type SubgraphValue = Pick<ValueInfo, 'name' | 'shape' | 'sequence'> &
  Partial<Pick<ValueInfo, 'elementType'>>;

/** A graph inside a node, as branches and bodies of loops are: its nodes see the tensors of the graphs around it. */
export interface Subgraph {
  readonly name: string;
  readonly inputs: readonly SubgraphValue[];
  readonly outputs: readonly SubgraphValue[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly Node[];
}

/** An ONNX model: one graph with the operator sets that give its nodes their meaning. */
export interface Graph {
  readonly name: string;
  readonly irVersion: number;
  /** Version by domain; `''` is the standard operator set. */
  readonly opsets: ReadonlyMap<string, number>;
  /** All but those that have an initializer. */
  readonly inputs: readonly ValueInfo[];
  /** A model may leave the type of an output open: it follows from the nodes. */
  readonly outputs: readonly SubgraphValue[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** In topological order. */
  readonly nodes: readonly Node[];
}

/** The key of a node's operator in a table of operators: `'Relu'`, or `'com.microsoft.Gelu'`. */
export function operatorKey({ domain, opType }: Node): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

/** How messages name a node: by its operator and its own name, or by its first output if it has no name. */
export function describeNode(node: Node): string {
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  return `${operator} (${node.name === '' ? `output "${node.outputs[0] ?? ''}"` : `node "${node.name}"`})`;
}

/** The integer attribute of that name, or the default. */
export function intAttribute<D extends number | undefined>(
  node: Node,
  name: string,
  fallback: D,
): number | D {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'int' in attribute ? attribute.int : fallback;
}

/** The float attribute of that name, or the default. */
export function floatAttribute<D extends number | undefined>(
  node: Node,
  name: string,
  fallback: D,
): number | D {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'float' in attribute ? attribute.float : fallback;
}

/** The string attribute of that name, or the default. */
export function stringAttribute(node: Node, name: string, fallback: string): string {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'string' in attribute ? attribute.string : fallback;
}

/** The list of integers of that name, or undefined. */
export function intsAttribute(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  if (attribute === undefined) return undefined;
  // An empty list is stored without a trace of its type by some exporters.
  if ('ints' in attribute) return attribute.ints;
  return 'floats' in attribute && attribute.floats.length === 0 ? [] : undefined;
}

/** The list of floats of that name, or undefined. */
export function floatsAttribute(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'floats' in attribute ? attribute.floats : undefined;
}

/** The list of strings of that name, or undefined. */
export function stringsAttribute(node: Node, name: string): readonly string[] | undefined {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'strings' in attribute ? attribute.strings : undefined;
}

/** The subgraphs of a node. */
export function subgraphsOf(node: Node): readonly Subgraph[] {
  return Object.values(node.attributes).flatMap((attribute) =>
    'graph' in attribute ? [attribute.graph] : [],
  );
}

/** The same node without some of its attributes and with others replaced. */
export function withAttributes(
  node: Node,
  removed: readonly string[],
  added: Readonly<Record<string, Attribute>> = {},
): Node {
  const kept = Object.entries(node.attributes).filter(([name]) => !removed.includes(name));
  return { ...node, attributes: { ...Object.fromEntries(kept), ...added } };
}

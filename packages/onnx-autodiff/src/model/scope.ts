/**
 * The scope of names: a node in a subgraph may use the tensors of every graph around it, and a name that a subgraph
 * defines hides the same name outside.
 */
import { subgraphsOf, type Attribute, type Node, type Subgraph } from './graph.ts';

/** The names that a graph itself defines: its inputs, its initializers and the outputs of its nodes. */
export function definedNames({ inputs, initializers, nodes }: Subgraph): Set<string> {
  const made = nodes.flatMap(({ outputs }) => outputs);
  return new Set([...inputs.map(({ name }) => name), ...initializers.keys(), ...made]);
}

/** The names that a graph and the graphs inside of it define. */
export function allDefinedNames(graph: Subgraph): Set<string> {
  const inner = graph.nodes.flatMap((node) =>
    subgraphsOf(node).flatMap((body) => [...allDefinedNames(body)]),
  );
  return new Set([...definedNames(graph), ...inner]);
}

/** The tensors that a node needs before it can run: its inputs, and those that its subgraphs take from outside. */
export function usedNames(node: Node): readonly string[] {
  return [...node.inputs, ...subgraphsOf(node).flatMap(capturedNames)];
}

function capturedNames(body: Subgraph): readonly string[] {
  const own = definedNames(body);
  const used = [...body.nodes.flatMap(usedNames), ...body.outputs.map(({ name }) => name)];
  return used.filter((name) => !own.has(name));
}

/**
 * The node with new names for all tensors that it and its subgraphs use or make. A new name for a tensor outside must
 * not occur in the subgraphs, or one of them may hide it.
 */
export function renamed(node: Node, rename: (name: string) => string): Node {
  const present = (name: string) => (name === '' ? '' : rename(name));
  const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] => [
    name,
    'graph' in attribute ? { graph: renamedBody(attribute.graph, present) } : attribute,
  ]);
  return {
    ...node,
    inputs: node.inputs.map(present),
    outputs: node.outputs.map(present),
    attributes: Object.fromEntries(attributes),
  };
}

function renamedBody(body: Subgraph, rename: (name: string) => string): Subgraph {
  const values = (infos: Subgraph['inputs']) => infos.map((info) => ({ ...info, name: rename(info.name) }));
  return {
    ...body,
    inputs: values(body.inputs),
    outputs: values(body.outputs),
    initializers: new Map([...body.initializers].map(([name, tensor]) => [rename(name), tensor])),
    nodes: body.nodes.map((node) => renamed(node, rename)),
  };
}

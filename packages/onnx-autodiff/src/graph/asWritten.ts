import type { Node } from '../model/graph.ts';

/** Nodes as they are written: of the graph's operator set, and copies of one node without its name, as names are unique. */
export function asWritten(nodes: readonly Node[]): readonly Node[] {
  const names = new Set<string>();
  return nodes.map(({ opType, domain, name, inputs, outputs, attributes }) => {
    const isCopy = names.has(name);
    names.add(name);
    return { opType, domain, name: isCopy ? '' : name, inputs, outputs, attributes };
  });
}

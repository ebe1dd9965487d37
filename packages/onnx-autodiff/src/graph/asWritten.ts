import type { Node } from '../model/graph.ts';

/**
 * Nodes as the file holds them: all of the graph's operator set. Names are unique, so the second node of a name loses
 * it.
 */
export function asWritten(nodes: readonly Node[]): readonly Node[] {
  const names = new Set<string>();
  return nodes.map(({ opType, domain, name, inputs, outputs, attributes }) => {
    const isCopy = names.has(name);
    names.add(name);
    return { opType, domain, name: isCopy ? '' : name, inputs, outputs, attributes };
  });
}

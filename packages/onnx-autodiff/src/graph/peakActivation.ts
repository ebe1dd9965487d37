import type { Graph } from '../model/graph.ts';
import type { GraphBuilder } from './graphBuilder.ts';
import { byteLength } from '../model/tensor.ts';

/** The most bytes that the tensors of a run hold at once, if each is freed after its last use. Weights do not count. */
export function peakActivationBytes(builder: GraphBuilder, graph: Graph): number {
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.inputs) lastUse.set(name, index);
  });
  for (const { name } of graph.outputs) lastUse.set(name, graph.nodes.length);
  const bytes = (name: string) => (name === '' ? 0 : byteLength(builder.type(name)));
  let live = graph.inputs.reduce((sum, { name }) => sum + bytes(name), 0);
  let peak = live;
  graph.nodes.forEach((node, index) => {
    for (const name of node.outputs) live += bytes(name);
    peak = Math.max(peak, live);
    for (const name of new Set(node.inputs)) {
      if (lastUse.get(name) === index && !graph.initializers.has(name)) live -= bytes(name);
    }
  });
  return peak;
}

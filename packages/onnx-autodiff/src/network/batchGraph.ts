import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { peakActivationBytes } from '../graph/peakActivation.ts';
import type { Graph } from '../model/graph.ts';

/** A graph for a batch of n samples, and the most bytes that its run holds at once. */
export interface BatchGraph {
  readonly graph: Graph;
  readonly workspaceBytes: number;
}

/** The part of a graph that the given outputs need. */
export function finished(builder: GraphBuilder, outputs: readonly string[]): BatchGraph {
  const graph = builder.build(outputs);
  return { graph, workspaceBytes: peakActivationBytes(builder, graph) };
}

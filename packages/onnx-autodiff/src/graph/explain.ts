import { describeNode, type Graph, type Node } from '../model/graph.ts';
import type { GraphBuilder } from './graphBuilder.ts';

/** One step of a graph: a node of the model, or its derivative, and the nodes that compute it. */
export interface GraphStep {
  /** The forward pass, the reverse pass, or the Gram matrices of its rows. */
  readonly pass: 'forward' | 'reverse' | 'gram';
  /** The node of the model, by operator and name; empty if the step belongs to no node. */
  readonly of: string;
  /** The nodes, in order: operator and shape of the result. */
  readonly nodes: readonly string[];
}

/** The steps of a graph, in order of execution. */
export function explainGraph(builder: GraphBuilder, graph: Graph): readonly GraphStep[] {
  const steps: { pass: GraphStep['pass']; of: string; nodes: string[] }[] = [];
  for (const node of graph.nodes) {
    const output = node.outputs.find((name) => name !== '') ?? '';
    const { pass, source } = builder.provenance.of(output) ?? { pass: 'gram', source: undefined };
    const of = source === undefined ? '' : describeNode(source);
    const last = steps.at(-1);
    const described = describeResult(builder, node, output);
    if (last?.pass === pass && last.of === of) last.nodes.push(described);
    else steps.push({ pass, of, nodes: [described] });
  }
  return steps;
}

function describeResult(builder: GraphBuilder, { opType, domain }: Node, output: string): string {
  const { elementType, shape } = builder.type(output);
  const type = elementType === 'float32' ? '' : ` ${elementType}`;
  return `${domain === '' ? '' : `${domain}.`}${opType}${type} [${shape.join(', ')}]`;
}

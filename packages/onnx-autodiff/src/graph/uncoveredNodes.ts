import { EdjmError } from '@edjm/core';
import { describeNode, operatorKey, type Graph, type Node } from '../model/graph.ts';
import { describePath, shortestPath } from './path.ts';

/** The nodes of a graph that have no rule. Whatever does not need them works all the same. */
export class UncoveredNodes {
  /** The first node of each operator. */
  readonly #first = new Map<string, Node>();
  /** Reasons to keep nodes whose operators have a rule otherwise. */
  readonly #reasons = new Set<string>();

  add(node: Node, reason: string | undefined): void {
    if (!this.#first.has(operatorKey(node))) this.#first.set(operatorKey(node), node);
    if (reason !== undefined) this.#reasons.add(reason);
  }

  get isEmpty(): boolean {
    return this.#first.size === 0;
  }

  /**
   * The error that names them with their operator sets, the path from them to a tensor that needs them, and what
   * still works.
   *
   * @param expected - the beginning of its message.
   */
  error(expected: string, { source, nodes, tensor }: Need): EdjmError {
    const uncovered = [...this.#first.values()];
    const listed = uncovered
      .map((node) => `${describeNode(node)} of ${operatorSet(node, source)}`)
      .join(', ');
    const reasons = [...this.#reasons].map((reason) => ` ${reason}`).join('');
    const path = shortestPath(nodes, tensor, (node) => this.#first.has(operatorKey(node)));
    const through = path.length > 1 ? ` "${tensor}" needs it: ${describePath(path)}.` : '';
    const others = new Set(source.nodes.map(operatorKey).filter((key) => !this.#first.has(key)));
    const rest = others.size === 0 ? '' : ` The rest of the graph is fine: ${[...others].sort().join(', ')}.`;
    return new EdjmError(
      'UNSUPPORTED',
      `${expected}, but the graph has operators that are not covered: ${listed}.${through}${reasons}${rest} ${advice(path[0] ?? uncovered[0])}`,
    );
  }
}

/** The tensor that needs an uncovered node. */
interface Need {
  readonly source: Graph;
  readonly nodes: readonly Node[];
  readonly tensor: string;
}

/** The operator set that a node was written for, by name and version. */
function operatorSet({ domain, opset }: Node, { opsets }: Graph): string {
  return `operator set ${domain === '' ? '' : `${domain} `}${String(opset ?? opsets.get(domain) ?? 1)}`;
}

/** Advice for a node that is in the path. */
export function advice(node: Node | undefined): string {
  const before = node?.inputs.find((name) => name !== '');
  const such = before === undefined ? '' : `, such as "${before}"`;
  return `Choose an output before it by the option 'output' (--output NAME)${such}, or export the network without it.`;
}

import { EdjmError } from '@edjm/core';
import { describeNode, operatorKey, type Graph, type Node } from '../model/graph.ts';
import { describeWay, wayBack } from './way.ts';

/** The nodes of a graph that have no rule: what needs none of them works all the same. */
export class UncoveredNodes {
  /** The first node of each operator. */
  readonly #first = new Map<string, Node>();
  /** Why nodes are left that could be written otherwise. */
  readonly #reasons = new Set<string>();

  add(node: Node, reason: string | undefined): void {
    if (!this.#first.has(operatorKey(node))) this.#first.set(operatorKey(node), node);
    if (reason !== undefined) this.#reasons.add(reason);
  }

  get isEmpty(): boolean {
    return this.#first.size === 0;
  }

  /**
   * The error that names them with their operator sets, the way from them to a tensor that needs them, and what still works.
   *
   * @param expected - how its message begins.
   */
  error(expected: string, { source, nodes, tensor }: Need): EdjmError {
    const uncovered = [...this.#first.values()];
    const listed = uncovered
      .map((node) => `${describeNode(node)} of ${operatorSet(node, source)}`)
      .join(', ');
    const reasons = [...this.#reasons].map((reason) => ` ${reason}`).join('');
    const way = wayBack(nodes, tensor, (node) => this.#first.has(operatorKey(node)));
    const through = way.length > 1 ? ` "${tensor}" needs it: ${describeWay(way)}.` : '';
    const others = new Set(source.nodes.map(operatorKey).filter((key) => !this.#first.has(key)));
    const rest = others.size === 0 ? '' : ` The rest of the graph is fine: ${[...others].sort().join(', ')}.`;
    return new EdjmError(
      'UNSUPPORTED',
      `${expected}, but the graph has operators that are not covered: ${listed}.${through}${reasons}${rest} ${advice(way[0] ?? uncovered[0])}`,
    );
  }
}

/** What an uncovered node is needed for. */
interface Need {
  readonly source: Graph;
  readonly nodes: readonly Node[];
  readonly tensor: string;
}

/** The operator set that a node was written for, by name and version. */
function operatorSet({ domain, opset }: Node, { opsets }: Graph): string {
  return `operator set ${domain === '' ? '' : `${domain} `}${String(opset ?? opsets.get(domain) ?? 1)}`;
}

/** What helps where a node is in the way. */
export function advice(node: Node | undefined): string {
  const before = node?.inputs.find((name) => name !== '');
  const such = before === undefined ? '' : `, such as "${before}"`;
  return `Choose an output before it by the option 'output' (--output NAME)${such}, or export the network without it.`;
}

import type { Node } from '../model/graph.ts';

/** The purpose of a node. */
export interface Origin {
  /** The forward pass, the reverse pass, or the Gram matrices of its rows. */
  readonly pass: 'forward' | 'reverse' | 'gram';
  /** The node of the model that it computes or differentiates; undefined if it belongs to no node. */
  readonly source?: Node;
}

/** Keeps the purpose of the node that makes a tensor. */
export class Provenance {
  readonly #origins = new Map<string, Origin>();
  #current: Origin = { pass: 'forward' };

  /** Records a purpose for all nodes that are added during some work. */
  during<T>(origin: Origin, work: () => T): T {
    const before = this.#current;
    this.#current = origin;
    try {
      return work();
    } finally {
      this.#current = before;
    }
  }

  add({ outputs }: Node): void {
    for (const name of outputs) if (name !== '') this.#origins.set(name, this.#current);
  }

  /** The purpose of the node that makes a tensor; undefined for inputs and constants. */
  of(tensor: string): Origin | undefined {
    return this.#origins.get(tensor);
  }
}

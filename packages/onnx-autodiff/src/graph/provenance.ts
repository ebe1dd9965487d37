import type { Node } from '../model/graph.ts';

/** What a node is there for. */
export interface Origin {
  /** The forward pass, the reverse pass, or what is made of its rows. */
  readonly pass: 'forward' | 'reverse' | 'gram';
  /** The node of the model that it computes, or the derivative of which; undefined for what belongs to none. */
  readonly source?: Node;
}

/** Keeps for every tensor what the node that makes it is there for. */
export class Provenance {
  readonly #origins = new Map<string, Origin>();
  #current: Origin = { pass: 'forward' };

  /** Says of all nodes that are added meanwhile what they are there for. */
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

  /** What the node that makes a tensor is there for; undefined for inputs and constants. */
  of(tensor: string): Origin | undefined {
    return this.#origins.get(tensor);
  }
}

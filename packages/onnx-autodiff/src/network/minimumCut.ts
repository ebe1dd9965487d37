/** A graph whose paths are to be cut at vertices. */
export interface Cut {
  /** The cost of cutting each vertex; Infinity if it cannot be cut. */
  readonly costs: readonly number[];
  /** Pairs of vertices. */
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly source: number;
  readonly sinks: readonly number[];
}

/** Arcs of a flow network; arc 2i + 1 is arc 2i in the other direction. */
class Flow {
  readonly #ends: number[] = [];
  /** How much more an arc can take. */
  readonly #room: number[] = [];
  readonly #arcs = new Map<number, number[]>();

  addArc(from: number, to: number, capacity: number): void {
    for (const [tail, head, room] of [
      [from, to, capacity],
      [to, from, 0],
    ] as const) {
      this.#arcs.set(tail, [...(this.#arcs.get(tail) ?? []), this.#ends.length]);
      this.#ends.push(head);
      this.#room.push(room);
    }
  }

  /** The places that flow can still reach, each with the last arc of a shortest path to it. */
  reach(source: number): ReadonlyMap<number, number | undefined> {
    const by = new Map<number, number | undefined>([[source, undefined]]);
    // The loop adds to the list that it goes through.
    for (const place of by.keys()) {
      for (const arc of this.#arcs.get(place) ?? []) {
        const end = this.#ends[arc] as number;
        if (!by.has(end) && (this.#room[arc] as number) > 0) by.set(end, arc);
      }
    }
    return by;
  }

  /** Sends as much as possible along the path that leads to a place, and returns how much. */
  send(by: ReadonlyMap<number, number | undefined>, sink: number): number {
    const way: number[] = [];
    for (let arc = by.get(sink); arc !== undefined; arc = by.get(this.#ends[arc ^ 1] as number))
      way.push(arc);
    const amount = way.reduce((least, arc) => Math.min(least, this.#room[arc] as number), Infinity);
    if (amount === Infinity) return amount;
    for (const arc of way) {
      this.#room[arc] = (this.#room[arc] as number) - amount;
      this.#room[arc ^ 1] = (this.#room[arc ^ 1] as number) + amount;
    }
    return amount;
  }
}

/**
 * The vertices of the least cost without which no path leads from the source to a sink; of several such sets the one
 * nearest to the source. Found by the largest flow, along shortest paths (Edmonds and Karp 1972).
 *
 * @returns the vertices in ascending order; undefined if every set has a vertex that cannot be cut.
 */
export function minimumCut({ costs, edges, source, sinks }: Cut): readonly number[] | undefined {
  const flow = new Flow();
  const [into, outOf, end] = [(v: number) => 2 * v, (v: number) => 2 * v + 1, 2 * costs.length];
  costs.forEach((cost, vertex) => {
    flow.addArc(into(vertex), outOf(vertex), cost);
  });
  for (const [from, to] of edges) flow.addArc(outOf(from), into(to), Infinity);
  for (const vertex of sinks) flow.addArc(outOf(vertex), end, Infinity);
  for (;;) {
    const reached = flow.reach(into(source));
    if (!reached.has(end)) {
      const vertices = costs.map((_, vertex) => vertex);
      return vertices.filter((vertex) => reached.has(into(vertex)) && !reached.has(outOf(vertex)));
    }
    if (flow.send(reached, end) === Infinity) return undefined;
  }
}

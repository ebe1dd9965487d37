import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimumCut, type Cut } from '../../src/network/minimumCut.ts';

/** Whether a way leads from the source to a sink that passes through none of some vertices. */
function isOpen({ edges, source, sinks }: Cut, cut: readonly number[]): boolean {
  const reached = new Set(cut.includes(source) ? [] : [source]);
  for (const from of reached)
    for (const [tail, head] of edges) if (tail === from && !cut.includes(head)) reached.add(head);
  return sinks.some((sink) => reached.has(sink));
}

const costOf = ({ costs }: Cut, cut: readonly number[]): number =>
  cut.reduce((sum, vertex) => sum + costs[vertex]!, 0);

/** The least cost of all sets that cut. */
function leastCost(problem: Cut): number {
  const { length } = problem.costs;
  const sets = Array.from({ length: 2 ** length }, (_, bits) =>
    problem.costs.map((__, vertex) => vertex).filter((vertex) => (bits >> vertex) % 2 === 1),
  );
  return Math.min(...sets.filter((set) => !isOpen(problem, set)).map((set) => costOf(problem, set)));
}

const vertex = fc.nat(6);
const problems: fc.Arbitrary<Cut> = fc.record({
  costs: fc
    .array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(Infinity)), { minLength: 7, maxLength: 7 })
    .map((costs) => costs.with(0, Infinity)),
  // Forwards alone, as in a graph of tensors.
  edges: fc.array(
    fc.tuple(vertex, vertex).filter(([from, to]) => from < to),
    { maxLength: 14 },
  ),
  source: fc.constant(0),
  sinks: fc.array(vertex, { minLength: 1, maxLength: 3 }),
});

describe('minimumCut', () => {
  it('cuts every way, at the least cost of all sets that do', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const cut = minimumCut(problem);
        const least = leastCost(problem);
        if (cut === undefined) return least === Infinity;
        return !isOpen(problem, cut) && costOf(problem, cut) === least;
      }),
      { numRuns: 500 },
    );
  });

  it('cuts nearest to the source where several sets cost as much', () => {
    const line = {
      costs: [Infinity, 4, 3, 3],
      edges: [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
      source: 0,
      sinks: [3],
    } as const;
    expect(minimumCut(line)).toEqual([2]);
  });

  it('cuts nothing if no way leads to a sink', () => {
    expect(minimumCut({ costs: [Infinity, 1], edges: [], source: 0, sinks: [1] })).toEqual([]);
  });
});

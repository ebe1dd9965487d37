import { describe, expect, it } from 'vitest';
import { coveredOperators, GraphBuilder, valuesOf, type Graph, type Node } from '../../src/index.ts';
import { graphOf, ints, node } from '../models.ts';

function built(opType: string, shape: readonly number[], axes: readonly number[]) {
  const source: Graph = graphOf([node(opType, ['x', 'axes'])], {
    initializers: new Map([['axes', ints(...axes)]]),
  });
  const builder = new GraphBuilder(source, coveredOperators);
  builder.addInput('x', { elementType: 'float32', shape });
  for (const each of source.nodes) builder.addSourceNode(each);
  return { builder, graph: builder.build(['y']) };
}

/** The numbers that each reduction of a graph adds up for one result. */
function counts({ builder, graph }: ReturnType<typeof built>): readonly number[] {
  return graph.nodes
    .filter(({ opType }) => opType.startsWith('Reduce'))
    .map(({ inputs: [x = '', axes = ''] }: Node) => {
      const shape = builder.shape(x);
      return valuesOf(builder.constantValue(axes)!).reduce((count, axis) => count * shape[axis]!, 1);
    });
}

describe('sums of float32 numbers', () => {
  it.each<[readonly number[], readonly number[]]>([
    [[1, 2 ** 20], [1]],
    [[2 ** 20, 3], [0]],
    [
      [1000, 3, 28, 28],
      [0, 2, 3],
    ],
    [[5, 1_000_003], [1]],
    [[1025], [0]],
    [
      [2000, 3, 1000, 7],
      [0, 2],
    ],
  ])('of the shape %j over %j never have more than 1024 terms', (shape, axes) => {
    const found = built('ReduceSum', shape, axes);
    expect(counts(found).length).toBeGreaterThan(1);
    expect(Math.max(...counts(found))).toBeLessThanOrEqual(1024);
    expect(found.builder.shape('y')).toEqual(shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
  });

  it('that are short stay one node', () => {
    expect(built('ReduceSum', [8, 1024], [1]).graph.nodes.map(({ opType }) => opType)).toEqual(['ReduceSum']);
    expect(built('ReduceMax', [8, 4096], [1]).graph.nodes.map(({ opType }) => opType)).toEqual(['ReduceMax']);
  });

  it('are written again in each graph of a builder', () => {
    const { builder, graph } = built('ReduceMean', [2, 5000], [1]);
    const again = builder.build(['y']);
    expect(again.nodes.map(({ opType }) => opType)).toEqual(graph.nodes.map(({ opType }) => opType));
    expect(again.outputs).toEqual(graph.outputs);
  });
});

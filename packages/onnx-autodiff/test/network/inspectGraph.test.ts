import { describe, expect, it } from 'vitest';
import { coveredOperators, type Graph, inspectGraph } from '../../src/index.ts';

const node = (opType: string, inputs: readonly string[], output: string) => ({
  ...{ opType, domain: '', name: '', inputs, outputs: [output], attributes: {} },
});

/** A graph of one input x of four values, and one output y. */
function graph(nodes: Graph['nodes']): Graph {
  return {
    name: 'g',
    irVersion: 8,
    opsets: new Map([['', 18]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: ['n', 4] }],
    outputs: [{ name: 'y', elementType: 'float32' }],
    initializers: new Map(),
    nodes,
  };
}

describe('inspectGraph', () => {
  it('lists the tensors between input and output, and those beside the way as outputs alone', () => {
    const { tensors } = inspectGraph(
      graph([node('Tanh', ['x'], 'a'), node('Exp', ['a'], 'beside'), node('Neg', ['a'], 'y')]),
    );
    expect(tensors).toEqual([
      { name: 'a', elementType: 'float32', shape: ['n', 4], asInput: true, asOutput: true },
      { name: 'beside', elementType: 'float32', shape: ['n', 4], asInput: false, asOutput: true },
    ]);
  });

  it('counts operators, and says of each whether it has a derivative', () => {
    const { operators } = inspectGraph(
      graph(
        [...coveredOperators.keys(), 'Nonsense'].map((key, index) => node(key, ['x'], `t${String(index)}`)),
      ),
    );
    const of = (wanted: string | undefined) =>
      operators.filter(({ derivative }) => derivative === wanted).map(({ name }) => name);
    expect(of('unsupported')).toEqual(['Nonsense']);
    expect(of('zero')).toContain('Sign');
    expect(of('straight-through')).toEqual(expect.arrayContaining(['Floor', 'QuantizeLinear', 'Round']));
    expect(of('none')).toEqual(expect.arrayContaining(['ArgMax', 'Constant', 'Equal', 'Shape']));
    expect(of('yes')).toEqual(
      expect.arrayContaining(['CastLike', 'Conv', 'Dropout', 'Identity', 'LSTM', 'ReduceProd', 'Upsample']),
    );
  });

  it('says why a graph has no such tensors', () => {
    const { tensors, head, problem } = inspectGraph(graph([node('Nonsense', ['x'], 'y')]));
    expect({ tensors, head }).toEqual({ tensors: [] });
    expect(problem).toContain('Nonsense');
  });
});

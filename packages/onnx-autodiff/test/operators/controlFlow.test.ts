import { describe, expect, it } from 'vitest';
import {
  coveredOperators,
  differentiate,
  GraphBuilder,
  readModel,
  writeModel,
  type Node,
  type Tensor,
} from '../../src/index.ts';
import {
  added,
  body,
  built,
  count,
  loopOf,
  numbers,
  operators,
  refusal,
  refused,
  to,
  truth,
} from '../bodies.ts';
import { floats, graphOf, ints, node } from '../models.ts';

const choice = (condition: string) =>
  node('If', [condition], {
    outputs: ['chosen'],
    attributes: {
      then_branch: body([], [to('a', 'Tanh', 'x')], ['a']),
      else_branch: body([], [to('a', 'Neg', 'x')], ['a']),
    },
  });

const dependent = [
  to('sum', 'ReduceSum', 'x'),
  to('condition', 'Greater', 'sum', 'zero'),
  choice('condition'),
];
const zero = { initializers: new Map([['zero', floats([], 0)]]) };

describe('If', () => {
  it.each([
    [true, 'Tanh'],
    [false, 'Neg'],
  ])('is the branch that its constant condition %s chooses', (value, opType) => {
    const graph = graphOf([choice('c'), to('y', 'Exp', 'chosen')], {
      initializers: new Map([['c', truth(value)]]),
    });
    expect(operators(added(graph))).toEqual([opType, 'Exp']);
  });

  it('of constants is a constant', () => {
    const attributes = {
      then_branch: body([], [to('a', 'Add', 'one', 'one')], ['a']),
      else_branch: body([], [], ['one']),
    };
    const chosen = node('If', ['c'], { outputs: ['two'], attributes });
    const initializers = new Map([
      ['c', truth(true)],
      ['one', ints(1)],
    ]);
    expect(numbers(added(graphOf([chosen, to('y', 'Neg', 'x')], { initializers })), 'two')).toEqual([2]);
  });

  it('that depends on the data does no harm if it does not lie on the way', () => {
    const builder = added(graphOf([...dependent, to('after', 'Exp', 'chosen'), to('y', 'Sin', 'x')], zero));
    builder.addInput('g', { elementType: 'float32', shape: [1, 2, 4] });
    const [product = ''] = differentiate(builder, { output: 'y', inputs: ['x'], cotangents: 'g' });
    expect(builder.shape(product)).toEqual([1, 2, 4]);
    expect(() => builder.shape('after')).toThrow(/not covered: If \(node "If of chosen"\)/);
  });

  it('that depends on the data is refused on the way, with what decides it', () => {
    expect(refusal(graphOf([...dependent, to('y', 'Exp', 'chosen')], zero))).toEqual(
      refused(
        'UNSUPPORTED',
        /expected a condition .* got "condition", which Greater \(node "Greater of condition"\) computes/,
      ),
    );
    const given = graphOf([choice('b'), to('y', 'Exp', 'chosen')], {
      inputs: [
        { name: 'x', elementType: 'float32', shape: [2, 4] },
        { name: 'b', elementType: 'bool', shape: [] },
      ],
    });
    const builder = new GraphBuilder(given, coveredOperators);
    builder.addInput('x', { elementType: 'float32', shape: [2, 4] });
    builder.addInput('b', { elementType: 'bool', shape: [] });
    for (const each of given.nodes) builder.addSourceNode(each);
    expect(() => builder.shape('y')).toThrow(/got "b", which is an input of the network/);
  });

  it('after an operator without a rule is left with it', () => {
    const attributes = {
      then_branch: body([], [to('a', 'Exp', 'z')], ['a']),
      else_branch: body([], [], ['x']),
    };
    const graph = graphOf(
      [to('z', 'Fancy', 'x'), node('If', ['c'], { outputs: ['unknown'], attributes }), to('y', 'Sin', 'x')],
      { initializers: new Map([['c', truth(true)]]) },
    );
    expect(operators(added(graph))).toEqual(['Sin']);
    expect(() => added(graph).shape('unknown')).toThrow(/not covered: Fancy/);
  });

  it('is refused without a branch that fits', () => {
    const initializers = new Map([['c', truth(true)]]);
    const bare = node('If', ['c'], { attributes: { then_branch: body(['i'], [], ['i']) } });
    expect(refusal(graphOf([bare], { initializers }))).toEqual(
      refused('INVALID_FILE', /expected a graph of 0 inputs as its attribute "then_branch", got one of 1/),
    );
    expect(refusal(graphOf([node('If', ['c'])], { initializers }))).toEqual(
      refused('INVALID_FILE', /"then_branch", got none/),
    );
  });
});

describe('Loop', () => {
  const next = body(['trip', 'c', 'h'], [to('n', 'Sin', 'h')], ['c', 'n']);

  it('is its body, once an iteration, with names of its own', () => {
    const builder = added(
      graphOf([loopOf(['m', '', 'x'], next)], { initializers: new Map([['m', count(3)]]) }),
    );
    const { nodes } = built(builder);
    expect(nodes.map(({ opType }) => opType)).toEqual(['Sin', 'Sin', 'Sin']);
    expect(new Set(nodes.flatMap(({ outputs }) => outputs)).size).toBe(3);
    expect(nodes.filter(({ name }) => name === 'Sin of n')).toHaveLength(1);
  });

  it('collects numbers of iterations', () => {
    const numbered = body(['trip', 'c'], [to('twice', 'Add', 'trip', 'trip')], ['c', 'twice']);
    const graph = graphOf([loopOf(['m', ''], numbered, ['all']), to('y', 'Neg', 'x')], {
      initializers: new Map([['m', count(4)]]),
    });
    expect(numbers(added(graph), 'all')).toEqual([0, 2, 4, 6]);
  });

  it('holds the weights of its body once', () => {
    const weighted = body(['trip', 'c', 'h'], [to('n', 'MatMul', 'h', 'w')], ['c', 'n']);
    const w = floats([4, 4], ...new Array<number>(16).fill(0.5));
    const withWeights = { graph: { ...weighted.graph, initializers: new Map([['w', w]]) } };
    const builder = added(
      graphOf([loopOf(['m', '', 'x'], withWeights)], { initializers: new Map([['m', count(3)]]) }),
    );
    expect(built(builder).initializers.size).toBe(1);
  });

  it('tells names inside from the same names outside', () => {
    const attributes = {
      then_branch: body([], [to('n', 'Cos', 'h')], ['n']),
      else_branch: body([], [], ['h']),
    };
    // Both the loop and the branch inside of it call something "n".
    const inner = [node('If', ['c'], { outputs: ['m'], attributes }), to('n', 'Tanh', 'm')];
    const graph = graphOf(
      [
        to('n', 'Exp', 'x'),
        loopOf(['two', '', 'n'], body(['trip', 'c', 'h'], inner, ['c', 'n']), ['l']),
        to('y', 'Sub', 'l', 'n'),
      ],
      { initializers: new Map([['two', count(2)]]) },
    );
    const { nodes } = built(added(graph));
    expect(nodes.map(({ opType }) => opType)).toEqual(['Exp', 'Cos', 'Tanh', 'Cos', 'Tanh', 'Sub']);
    const [exp, , , , last, sub] = nodes;
    expect(sub!.inputs).toEqual([last!.outputs[0], exp!.outputs[0]]);
  });

  it('is refused if count or condition depend on the data', () => {
    const counted = [
      to('s', 'Size', 'x'),
      node('Cast', ['total'], { outputs: ['m'], attributes: { to: { int: 7 } } }),
    ];
    expect(
      refusal(graphOf([to('total', 'ReduceSum', 'x'), ...counted, loopOf(['m', '', 'x'], next)])),
    ).toEqual(
      refused('UNSUPPORTED', /expected a trip count .* got "m", which Cast \(node "Cast of m"\) computes/),
    );
    const until = body(
      ['trip', 'c', 'h'],
      [to('n', 'Sin', 'h'), to('s', 'ReduceSum', 'n'), to('goesOn', 'Greater', 's', 'zero')],
      ['goesOn', 'n'],
    );
    expect(refusal(graphOf([loopOf(['', '', 'x'], until)], zero))).toEqual(
      refused(
        'UNSUPPORTED',
        /Loop \(node "Loop of y"\): expected a condition .* Greater \(node "Greater of goesOn"\)/,
      ),
    );
  });

  it('does not ask for a condition after its last iteration', () => {
    const until = body(
      ['trip', 'c', 'h'],
      [to('n', 'Sin', 'h'), to('any', 'Greater', 'n', 'n')],
      ['any', 'n'],
    );
    const graph = graphOf([loopOf(['m', '', 'x'], until)], { initializers: new Map([['m', count(1)]]) });
    expect(operators(added(graph))).toEqual(['Sin']);
  });

  it.each([
    ['a trip count of 2^40', ['m', '', 'x'], new Map([['m', count(2 ** 40)]])],
    ['no end', ['', '', 'x'], new Map<string, Tensor>()],
  ])('is refused with %s', (_, inputs, initializers) => {
    const empty = body(['trip', 'c', 'h'], [], ['c', 'h']);
    expect(refusal(graphOf([loopOf(inputs, empty)], { initializers }))).toEqual(
      refused('UNSUPPORTED', /Loop of y"\): expected loops of at most 131072 nodes in all/),
    );
  });

  it('is refused if loops in loops come to too many nodes', () => {
    const inner = (depth: number): Node =>
      loopOf(
        ['m', '', `h${String(depth)}`],
        body(['t', 'c', `h${String(depth + 1)}`], depth === 4 ? [] : [inner(depth + 1)], [
          'c',
          depth === 4 ? `h${String(depth + 1)}` : `l${String(depth + 1)}`,
        ]),
        [depth === 0 ? 'y' : `l${String(depth)}`],
      );
    const graph = graphOf([to('h0', 'Exp', 'x'), inner(0)], { initializers: new Map([['m', count(30)]]) });
    expect(refusal(graph)).toEqual(refused('UNSUPPORTED', /at most 131072 nodes in all/));
  });

  it('is refused if it collects nothing, or its body does not fit', () => {
    const initializers = new Map([
      ['none', count(0)],
      ['m', count(2)],
    ]);
    const collecting = body(['trip', 'c'], [to('n', 'Sin', 'x')], ['c', 'n']);
    expect(refusal(graphOf([loopOf(['none', ''], collecting)], { initializers }))).toEqual(
      refused('UNSUPPORTED', /expected at least one iteration/),
    );
    expect(
      refusal(graphOf([loopOf(['m', '', 'x'], body(['t', 'c', 'h'], [], ['c']))], { initializers })),
    ).toEqual(refused('INVALID_FILE', /expected a body of at least 2 outputs, got 1/));
    expect(refusal(graphOf([loopOf(['m', '', 'x'], body(['t', 'c'], [], ['c']))], { initializers }))).toEqual(
      refused('INVALID_FILE', /expected a graph of 3 inputs as its attribute "body", got one of 2/),
    );
  });
});

describe('Scan', () => {
  const scan = (inputs: readonly string[], count: number, outputs: readonly string[] = ['y']) =>
    node('Scan', inputs, {
      outputs,
      attributes: {
        body: body(
          ['h', 'e'].slice(2 - inputs.filter((name) => name !== '').length),
          [to('n', 'Sin', 'e')],
          ['n'],
        ),
        num_scan_inputs: { int: count },
      },
    });

  it('is refused without something to scan, of one length', () => {
    expect(refusal(graphOf([scan(['x'], 0)]))).toEqual(
      refused('INVALID_FILE', /expected from 1 to 1 tensors to scan, got 0/),
    );
    expect(
      refusal(graphOf([scan(['x', 'w'], 2)], { initializers: new Map([['w', floats([3], 1, 2, 3)]]) })),
    ).toEqual(
      refused('SHAPE_MISMATCH', /expected tensors of one length to scan, at least 1, got the lengths 2, 3/),
    );
  });

  it('is refused over an axis of 2^40', () => {
    const graph = graphOf([scan(['x'], 1)], {
      inputs: [{ name: 'x', elementType: 'float32', shape: [2 ** 40] }],
    });
    const builder = new GraphBuilder(graph, coveredOperators);
    builder.addInput('x', { elementType: 'float32', shape: [2 ** 40] });
    expect(() => {
      builder.addSourceNode(graph.nodes[0]!);
    }).toThrow(/at most 131072 nodes in all/);
  });

  it('of operator set 8 is refused for lengths that no sequence has', () => {
    const graph = graphOf([scan(['lengths', 'x'], 1)], {
      opset: 8,
      initializers: new Map([['lengths', ints(4, 5)]]),
    });
    const one = { ...graph.nodes[0]!.attributes, body: body(['e'], [to('n', 'Sin', 'e')], ['n']) };
    expect(refusal({ ...graph, nodes: [{ ...graph.nodes[0]!, attributes: one }] })).toEqual(
      refused('UNSUPPORTED', /expected lengths of sequences from 1 to 4, got 5/),
    );
  });
});

describe('subgraphs', () => {
  it('are brought in an order in which they can run, with what they take from outside', () => {
    const attributes = {
      then_branch: body([], [to('b', 'Exp', 'a'), to('a', 'Neg', 'late')], ['b']),
      else_branch: body([], [], ['late']),
    };
    const graph = graphOf([node('If', ['c'], { attributes }), to('late', 'Sin', 'x')], {
      initializers: new Map([['c', truth(true)]]),
    });
    const { nodes } = readModel(writeModel(graph));
    expect(nodes.map(({ opType }) => opType)).toEqual(['Sin', 'If']);
    expect(operators(added(graph))).toEqual(['Sin', 'Neg', 'Exp']);
  });

  it('are refused with names that come from nowhere', () => {
    const attributes = {
      then_branch: body([], [to('a', 'Exp', 'nothing')], ['a']),
      else_branch: body([], [], ['x']),
    };
    const initializers = new Map([['c', truth(true)]]);
    expect(refusal(graphOf([node('If', ['c'], { attributes })], { initializers }))).toEqual(
      refused('INVALID_FILE', /inputs of Exp .* got "nothing", which is none of them/),
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  coveredOperators,
  GraphBuilder,
  tensorOf,
  valuesOf,
  type Graph,
  type Node,
} from '../../src/index.ts';
import { floats, graphOf, ints, node, smallNetwork } from '../models.ts';

/** A builder that holds all of a graph, with the given shape of `x`. */
function builderOf(graph: Graph, shape: readonly number[] = [2, 4]): GraphBuilder {
  const builder = new GraphBuilder(graph, coveredOperators);
  builder.addInput('x', { elementType: 'float32', shape });
  for (const source of graph.nodes) builder.addSourceNode(source);
  return builder;
}

const operators = (nodes: readonly Node[]) => nodes.map(({ opType }) => opType);
const numbers = (builder: GraphBuilder, name: string) => {
  const tensor = builder.constantValue(name);
  return tensor && valuesOf(tensor);
};

describe('GraphBuilder', () => {
  describe('folds the shape arithmetic of exporters away', () => {
    it('Shape, Gather, Unsqueeze, Concat, Reshape', () => {
      const graph = graphOf(
        [
          node('Shape', ['x'], { outputs: ['s'] }),
          node('Constant', [], {
            outputs: ['i'],
            attributes: { value: { tensor: tensorOf('int64', [], [0]) } },
          }),
          node('Gather', ['s', 'i'], { outputs: ['n'] }),
          node('Unsqueeze', ['n', 'axes'], { outputs: ['n1'] }),
          node('Constant', [], { outputs: ['rest'], attributes: { value_ints: { ints: [-1] } } }),
          node('Concat', ['n1', 'rest'], { outputs: ['shape'], attributes: { axis: { int: 0 } } }),
          node('Reshape', ['x', 'shape']),
        ],
        { initializers: new Map([['axes', ints(0)]]) },
      );
      const builder = builderOf(graph, [5, 2, 3]);
      expect(operators(builder.nodes)).toEqual(['Reshape']);
      expect(numbers(builder, 'shape')).toEqual([5, -1]);
      expect(builder.shape('y')).toEqual([5, 6]);
    });

    it('a cast to a float and back, a division rounded down, a slice, an expansion', () => {
      const graph = graphOf(
        [
          node('Shape', ['x'], { outputs: ['s'] }),
          node('Slice', ['s', 'one', 'end'], { outputs: ['width'] }),
          node('Cast', ['width'], { outputs: ['real'], attributes: { to: { int: 1 } } }),
          node('Div', ['real', 'two'], { outputs: ['half'] }),
          node('Floor', ['half'], { outputs: ['floor'] }),
          node('Cast', ['floor'], { outputs: ['whole'], attributes: { to: { int: 7 } } }),
          node('ConstantOfShape', ['whole'], {
            outputs: ['ones'],
            attributes: { value: { tensor: ints(1) } },
          }),
          node('ReduceProd', ['s'], { outputs: ['size'], attributes: { keepdims: { int: 1 } } }),
          node('Concat', ['ones', 'size'], { outputs: ['shape'], attributes: { axis: { int: 0 } } }),
          node('Reshape', ['x', 'shape']),
        ],
        {
          initializers: new Map([
            ['one', ints(1)],
            ['end', ints(2 ** 63)],
            ['two', floats([], 2)],
          ]),
        },
      );
      const builder = builderOf(graph, [2, 5]);
      expect(operators(builder.nodes)).toEqual(['Reshape']);
      expect(builder.shape('y')).toEqual([1, 1, 10]);
    });

    it('Shape of part of the axes, Size, Range, Where, comparisons', () => {
      const graph = graphOf([
        node('Shape', ['x'], { outputs: ['last'], attributes: { start: { int: -1 } } }),
        node('Size', ['x'], { outputs: ['size'] }),
        node('Constant', [], { outputs: ['zero'], attributes: { value_int: { int: 0 } } }),
        node('Constant', [], { outputs: ['three'], attributes: { value_int: { int: 3 } } }),
        node('Range', ['zero', 'size', 'three'], { outputs: ['range'] }),
        node('GreaterOrEqual', ['range', 'three'], { outputs: ['mask'] }),
        node('Where', ['mask', 'range', 'last'], { outputs: ['chosen'] }),
        node('Cast', ['chosen'], { attributes: { to: { int: 1 } } }),
      ]);
      const builder = builderOf(graph);
      expect(builder.nodes).toEqual([]);
      expect(numbers(builder, 'range')).toEqual([0, 3, 6]);
      expect(numbers(builder, 'y')).toEqual([4, 3, 6]);
    });

    it('but not weights, nor what takes long', () => {
      const many = 1 << 17;
      const graph = graphOf(
        [
          node('Neg', ['w'], { outputs: ['m'] }),
          node('ReduceSum', ['w'], { outputs: ['s'] }),
          node('Add', ['m', 's']),
        ],
        {
          initializers: new Map([['w', tensorOf('float32', [many], new Array<number>(many).fill(1))]]),
        },
      );
      expect(operators(builderOf(graph).nodes)).toEqual(['Neg', 'ReduceSum', 'Add']);
    });
  });

  it('hands names on past nodes that do nothing', () => {
    const graph = graphOf([
      node('Identity', ['x'], { outputs: ['a'] }),
      node('Dropout', ['a'], { outputs: ['b', 'mask'] }),
      node('Cast', ['mask'], { outputs: ['m'], attributes: { to: { int: 1 } } }),
      node('Mul', ['b', 'm']),
    ]);
    const builder = builderOf(graph);
    expect(builder.resolve('b')).toBe('x');
    expect(operators(builder.nodes)).toEqual(['Mul']);
    expect(builder.nodes[0]!.inputs[0]).toBe('x');
  });

  it('knows the type of every tensor of a network', () => {
    const builder = builderOf(smallNetwork(), [7, 1, 4, 4]);
    expect(['c', 'p', 'f', 'y'].map((name) => builder.shape(name))).toEqual([
      [7, 2, 4, 4],
      [7, 2, 4, 4],
      [7, 32],
      [7, 3],
    ]);
  });

  it('builds the part of the graph that an output needs, with its weights', () => {
    const builder = builderOf(smallNetwork(), [7, 1, 4, 4]);
    const graph = builder.build([builder.nameOutput('half way', 'p')]);
    expect(operators(graph.nodes)).toEqual(['Conv', 'MaxPool', 'Identity']);
    expect([...graph.initializers.keys()]).toEqual(['w']);
    expect(graph.outputs).toEqual([{ name: 'half way', elementType: 'float32', shape: [7, 2, 4, 4] }]);
  });

  it('shares small constants', () => {
    const builder = builderOf(graphOf([]));
    expect(builder.ints([1, 2])).toBe(builder.ints([1, 2]));
    expect(builder.scalar(1, 'x')).toBe(builder.scalar(1, 'x'));
    expect(builder.scalar(1, 'x')).not.toBe(builder.ints([1]));
  });

  it('writes for an old operator set, unless a node needs a newer one', () => {
    const versionOf = (graph: Graph) => {
      const { irVersion, opsets } = builderOf(graph).build(['y']);
      return [irVersion, opsets];
    };
    const rest = {
      irVersion: 12,
      opsets: new Map([
        ['', 25],
        ['ai.onnx.ml', 3],
      ]),
    };
    expect(versionOf(graphOf([node('Relu', ['x'])], rest))).toEqual([8, new Map([['', 18]])]);
    expect(versionOf(graphOf([node('Gelu', ['x'])], rest))).toEqual([12, new Map([['', 20]])]);
    expect(versionOf(graphOf([node('Relu', ['x'])], { opset: 7, irVersion: 3 }))).toEqual([
      8,
      new Map([['', 18]]),
    ]);
    const pool = { attributes: { kernel_shape: { ints: [2] } } };
    const pooled = (opset: number) =>
      builderOf(graphOf([node('AveragePool', ['x'], pool)], { opset }), [1, 1, 4])
        .build(['y'])
        .opsets.get('');
    expect([13, 19, 22].map(pooled)).toEqual([18, 19, 19]);
  });

  it('names its tensors as no tensor of the source is named', () => {
    const first = builderOf(graphOf([]));
    first.neg(first.exp('x'));
    const taken = first.nodes.map(({ outputs }) => outputs[0]!);
    const second = builderOf(graphOf([...first.nodes]));
    expect(taken).not.toContain(second.exp(taken[0]!));
    expect(taken).not.toContain(second.ints([3]));
  });

  it('keeps one of nodes that compute the same', () => {
    const builder = builderOf(graphOf([]));
    expect(builder.exp('x')).toBe(builder.exp('x'));
    expect(builder.softmax('x', 0)).not.toBe(builder.softmax('x', -1));
  });

  it('multiplies small factors first', () => {
    const builder = builderOf(graphOf([]));
    const [row, other] = [builder.exp('x'), builder.sin('x')];
    const wide = builder.expand('x', [3, ...builder.shape('x')]);
    const product = builder.mul(builder.mul(wide, row), other);
    const small = builder.mul(row, other);
    expect(builder.producer(product)?.inputs).toEqual([wide, small]);
  });

  describe('inputs', () => {
    it('take the place of initializers', () => {
      const graph = graphOf([node('Add', ['x', 'w'])], { initializers: new Map([['w', floats([1], 3)]]) });
      const builder = new GraphBuilder(graph, coveredOperators);
      builder.addInput('x', { elementType: 'float32', shape: [2] });
      builder.addInput('w', { elementType: 'float32', shape: [2] });
      expect(builder.constantValue('w')).toBeUndefined();
      builder.addSourceNode(graph.nodes[0]!);
      const built = builder.build(['y']);
      expect(built.inputs.map(({ name }) => name)).toEqual(['x', 'w']);
      expect(built.initializers.size).toBe(0);
    });

    it('have names of their own and shapes of numbers', () => {
      const builder = builderOf(graphOf([]));
      const type = { elementType: 'float32', shape: [2] } as const;
      expect(() => builder.addInput('x', type)).toThrow('expected an input with a name of its own, got "x"');
      expect(() => builder.addInput('z', { ...type, shape: [-1] })).toThrow(
        /input "z": expected a tensor whose sizes are whole numbers/,
      );
      expect(() => builder.nameOutput('x', 'x')).toThrow(
        'expected a name that no tensor of the graph has, got "x".',
      );
    });
  });

  describe('refuses', () => {
    const uncovered = graphOf([
      node('Relu', ['x'], { outputs: ['a'] }),
      node('Bernoulli', ['a'], { outputs: ['b'] }),
      { ...node('Fancy', ['b'], { outputs: ['c'] }), domain: 'ai.example', name: '' },
      node('Exp', ['c']),
    ]);

    it('operators without a rule, by name and node, and says what is fine', () => {
      const builder = builderOf(uncovered);
      expect(builder.shape('a')).toEqual([2, 4]);
      expect(() => builder.shape('y')).toThrow(
        'expected a known type for "y", but the graph has operators that are not covered: ' +
          'Bernoulli (node "Bernoulli of b") of operator set 18, ai.example.Fancy (output "c") of operator set ai.example 1. ' +
          '"y" needs it: ai.example.Fancy "c" → Exp "Exp of y". ' +
          'A network that draws random numbers has no Jacobian: export it in evaluation mode, or with the numbers as an input. ' +
          'The rest of the graph is fine: Exp, Relu. ' +
          `Choose an output before it by the option 'output' (--output NAME), such as "b", or export the network without it.`,
      );
    });

    it('names that nothing makes', () => {
      expect(() => builderOf(graphOf([node('Relu', ['nothing'])]))).toThrow(
        'expected an input, an initializer or the output of an earlier node, got the name "nothing", which is none of them.',
      );
    });

    it.each([
      [
        'too few inputs',
        node('Add', ['x']),
        /Add \(node "Add of y"\): expected an input at position 1, got none/,
      ],
      ['too many outputs', node('Relu', ['x'], { outputs: ['y', 'z'] }), /expected at most 1 outputs, got 2/],
      [
        'a shape that comes out of the data',
        node('Reshape', ['x', 'x']),
        /expected input 1 to be known before the network runs/,
      ],
      [
        'shapes that do not broadcast',
        node('Add', ['x', 'w']),
        /Add .*: expected shapes that broadcast, got \[2, 4\] and \[3\]/,
      ],
      [
        'an axis that is none',
        node('Concat', ['x'], { attributes: { axis: { int: 5 } } }),
        /expected an axis from -2 to 1, got 5/,
      ],
      ['an axis twice', node('ReduceSum', ['x', 'twice']), /expected every axis once, got \[1, -1\]/],
      [
        'an order that is none',
        node('Transpose', ['x'], { attributes: { perm: { ints: [0, 0] } } }),
        /expected a permutation of 2 axes, got \[0, 0\]/,
      ],
      [
        'parts that do not add up',
        node('Split', ['x', 'twice'], { outputs: ['y', 'z'] }),
        /expected 2 sizes that add up to 2, got \[1, -1\]/,
      ],
      [
        'matrices that do not fit',
        node('MatMul', ['x', 'w']),
        /MatMul .*: expected inner dimensions that agree/,
      ],
      [
        'a kernel on nothing',
        node('MaxPool', ['x'], { attributes: { kernel_shape: { ints: [] } } }),
        /without spatial axes/,
      ],
      [
        'a step of 0',
        node('Slice', ['x', 'zero', 'zero', 'zero', 'zero']),
        /expected a tensor whose sizes are whole numbers/,
      ],
      ['a squeeze of a wide axis', node('Squeeze', ['x', 'zero']), /expected axes of size 1/],
      [
        'a cast to a type without a name',
        node('Cast', ['x'], { attributes: { to: { int: 99 } } }),
        /expected a known element type, got the code 99/,
      ],
      ['dropout that drops', node('Dropout', ['x', '', 'yes']), /expected dropout in inference mode/],
      [
        'batch statistics',
        node('BatchNormalization', ['x', 'w4', 'w4', 'w4', 'w4'], { outputs: ['y', 'm'] }),
        /expected batch normalization per channel in inference mode/,
      ],
    ])('%s', (_, refused, says) => {
      const initializers = new Map([
        ['w', floats([3], 1, 2, 3)],
        ['w4', floats([4], 1, 2, 3, 4)],
        ['twice', ints(1, -1)],
        ['zero', ints(0)],
        ['yes', tensorOf('bool', [], [1])],
      ]);
      expect(() => builderOf(graphOf([refused], { initializers }))).toThrow(says);
    });
  });
});

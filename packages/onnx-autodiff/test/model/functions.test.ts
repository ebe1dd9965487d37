import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  FunctionProtoSchema,
  NodeProtoSchema,
  type AttributeProto,
  type NodeProto,
} from '../../src/generated/onnx_pb.ts';
import { coveredOperators, GraphBuilder, readModel, writeModel, type Graph } from '../../src/index.ts';
import { float32, modelBytes, refusal } from '../protos.ts';

const DOMAIN = 'ai.example';

type FunctionInit = Omit<MessageInitShape<typeof FunctionProtoSchema>, '$typeName'>;

const to = (output: string, opType: string, input: readonly string[]): NodeProto =>
  create(NodeProtoSchema, { opType, input: [...input], output: [output], name: opType });

/** A node that calls a function. */
const call = (output: string, opType: string, input: readonly string[]): NodeProto =>
  create(NodeProtoSchema, { ...to(output, opType, input), domain: DOMAIN });

/** The node with attributes. */
const having = (node: NodeProto, ...attribute: AttributeProto[]): NodeProto => ({ ...node, attribute });

const float = (name: string, f: number): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Kind.FLOAT, f });

/** An attribute that is one of the function around. */
const reference = (name: string, refAttrName: string): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Kind.FLOAT, refAttrName });

/** A function of the input a and the output b. */
const define = (name: string, node: NodeProto[], rest: FunctionInit = {}) =>
  create(FunctionProtoSchema, {
    name,
    domain: DOMAIN,
    input: ['a'],
    output: ['b'],
    node,
    opsetImport: [{ domain: '', version: 18n }],
    ...rest,
  });

/** A model of x and y, [2, 4], with functions. */
const bytesOf = (node: NodeProto[], functions: ReturnType<typeof define>[]) =>
  modelBytes({
    opsetImport: [
      { domain: '', version: 18n },
      { domain: DOMAIN, version: 1n },
    ],
    graph: { node, input: [float32('x', [2n, 4n])], output: [float32('y', [2n, 4n])] },
    functions,
  });

const read = (node: NodeProto[], functions: ReturnType<typeof define>[]): Graph =>
  readModel(bytesOf(node, functions));

const listed = ({ nodes }: Graph) =>
  nodes.map(({ opType, inputs, outputs }) => `${outputs.join()} = ${opType}(${inputs.join()})`);

const expectRefused = (bytes: Uint8Array, code: string, says: RegExp): void => {
  expect(refusal(bytes)).toMatchObject({ code, message: expect.stringMatching(says) as string });
};

describe('functions of a model', () => {
  it('are written out where they are called, with names of their own', () => {
    const twice = define('Twice', [to('half', 'Sin', ['a']), to('b', 'Add', ['half', 'half'])]);
    const graph = read([call('half', 'Twice', ['x']), call('y', 'Twice', ['half'])], [twice]);
    expect(listed(graph)).toEqual([
      'Twice.1/half = Sin(x)',
      'half = Add(Twice.1/half,Twice.1/half)',
      'Twice.2/half = Sin(half)',
      'y = Add(Twice.2/half,Twice.2/half)',
    ]);
    expect(graph.nodes.map(({ name }) => name)).toEqual([
      'Twice.1/Sin',
      'Twice.1/Add',
      'Twice.2/Sin',
      'Twice.2/Add',
    ]);
  });

  it('have names that no other tensor of the model has', () => {
    const named = define('F', [to('t', 'Sin', ['a']), to('b', 'Cos', ['t'])]);
    const graph = read([to('F.1/t', 'Neg', ['x']), call('y', 'F', ['F.1/t'])], [named]);
    expect(listed(graph)).toEqual(['F.1/t = Neg(x)', 'F.1/t_ = Sin(F.1/t)', 'y = Cos(F.1/t_)']);
  });

  it('take attributes from the call, from their defaults, or leave them out', () => {
    const leaky = define('Leaky', [having(to('b', 'LeakyRelu', ['a']), reference('alpha', 'slope'))], {
      attribute: ['slope'],
    });
    const withDefault = define('Default', leaky.node, { attributeProto: [float('slope', 0.25)] });
    const graph = read(
      [
        having(call('p', 'Leaky', ['x']), float('slope', 0.5)),
        call('q', 'Leaky', ['p']),
        call('r', 'Default', ['q']),
        having(call('y', 'Default', ['r']), float('slope', 0.75)),
      ],
      [leaky, withDefault],
    );
    expect(graph.nodes.map(({ attributes }) => attributes['alpha'])).toEqual([
      { float: 0.5 },
      undefined,
      { float: 0.25 },
      { float: 0.75 },
    ]);
  });

  it('call others, and hand attributes on', () => {
    const inner = define('Inner', [having(to('b', 'Elu', ['a']), reference('alpha', 'steepness'))]);
    const outer = define('Outer', [
      having(call('t', 'Inner', ['a']), reference('steepness', 'scale')),
      to('b', 'Neg', ['t']),
    ]);
    const graph = read([having(call('y', 'Outer', ['x']), float('scale', 3))], [inner, outer]);
    expect(listed(graph)).toEqual(['Outer.1/t = Elu(x)', 'y = Neg(Outer.1/t)']);
    expect(graph.nodes[0]!.attributes).toEqual({ alpha: { float: 3 } });
  });

  it('may be called with fewer inputs and outputs than they have', () => {
    const clip = define('Bounded', [to('b', 'Clip', ['a', 'low', 'high']), to('c', 'Sin', ['b'])], {
      input: ['a', 'low', 'high'],
      output: ['b', 'c'],
    });
    const graph = read([call('y', 'Bounded', ['x', '', 'x'])], [clip]);
    expect(listed(graph)).toEqual(['y = Clip(x,,x)', 'Bounded.1/c = Sin(y)']);
    expect(listed(read([call('y', 'Bounded', ['x'])], [clip]))[0]).toBe('y = Clip(x,,)');
  });

  it('may give their inputs, and one tensor twice', () => {
    const both = define('Both', [to('s', 'Sin', ['a'])], { output: ['a', 's', 's'] });
    const caller = create(NodeProtoSchema, {
      opType: 'Both',
      domain: DOMAIN,
      input: ['x'],
      output: ['p', 'q', 'r'],
    });
    expect(listed(read([caller, to('y', 'Add', ['p', 'r'])], [both]))).toEqual([
      'q = Sin(x)',
      'p = Identity(x)',
      'r = Identity(q)',
      'y = Add(p,r)',
    ]);
  });

  it('keep apart what bodies inside of them call as the caller calls its tensors', () => {
    const branch = (nodes: NodeProto[]) => ({ node: nodes, output: [float32('t', [2n, 4n])] });
    const attribute = ['then_branch', 'else_branch'].map((name, index) =>
      create(AttributeProtoSchema, {
        name,
        type: Kind.GRAPH,
        g: branch([to('t', index === 0 ? 'Sin' : 'Cos', ['a'])]),
      }),
    );
    const choosing = define('Choosing', [
      having(
        to('one', 'Constant', []),
        create(AttributeProtoSchema, { name: 'value_int', type: Kind.INT, i: 1n }),
      ),
      having(
        to('condition', 'Cast', ['one']),
        create(AttributeProtoSchema, { name: 'to', type: Kind.INT, i: 9n }),
      ),
      having(to('b', 'If', ['condition']), ...attribute),
    ]);
    const graph = read([to('t', 'Neg', ['x']), call('y', 'Choosing', ['t'])], [choosing]);
    const builder = new GraphBuilder(graph, coveredOperators);
    builder.addInput('x', { elementType: 'float32', shape: [2, 4] });
    for (const node of graph.nodes) builder.addSourceNode(node);
    const { nodes } = builder.build([builder.resolve('y')]);
    expect(nodes.map(({ opType }) => opType)).toEqual(['Neg', 'Sin']);
    expect(nodes[1]!.inputs).toEqual(['t']);
  });

  it('are told apart by their overloads', () => {
    const functions = [
      define('F', [to('b', 'Sin', ['a'])]),
      define('F', [to('b', 'Cos', ['a'])], { overload: 'other' }),
    ];
    const graph = read([{ ...call('t', 'F', ['x']), overload: 'other' }, call('y', 'F', ['t'])], functions);
    expect(listed(graph)).toEqual(['t = Cos(x)', 'y = Sin(t)']);
  });

  it('have operator sets of their own', () => {
    // Before operator set 13 a softmax went over all axes from one on.
    const old = define('Old', [to('b', 'Softmax', ['a'])], {
      opsetImport: [{ domain: '', version: 11n }],
    });
    const graph = read([call('t', 'Old', ['x']), to('y', 'Softmax', ['t'])], [old]);
    expect(graph.nodes.map(({ opset }) => opset)).toEqual([11, undefined]);
    expect(() => writeModel(graph)).toThrow(/Softmax .* got one of set 11 from a function of the model/);
    const builder = new GraphBuilder(graph, coveredOperators);
    builder.addInput('x', { elementType: 'float32', shape: [2, 2, 2] });
    for (const node of graph.nodes) builder.addSourceNode(node);
    const { nodes } = builder.build([builder.resolve('y')]);
    expect(nodes.map(({ opType }) => opType)).toEqual(['Reshape', 'Softmax', 'Reshape', 'Softmax']);
  });

  it('are refused if they call themselves', () => {
    const again = define('Again', [call('b', 'Again', ['a'])]);
    expectRefused(
      bytesOf([call('y', 'Again', ['x'])], [again]),
      'INVALID_FILE',
      /m\.onnx: ai\.example\.Again .*: expected a function that does not call itself/,
    );
    const ping = define('Ping', [call('b', 'Pong', ['a'])]);
    const pong = define('Pong', [call('b', 'Ping', ['a'])]);
    expectRefused(bytesOf([call('y', 'Ping', ['x'])], [ping, pong]), 'INVALID_FILE', /does not call itself/);
  });

  it('are refused if they would fill the memory', () => {
    const functions = Array.from({ length: 40 }, (_, level) =>
      level === 0
        ? define('F0', [to('b', 'Sin', ['a'])])
        : define(`F${String(level)}`, [
            call('t', `F${String(level - 1)}`, ['a']),
            call('b', `F${String(level - 1)}`, ['t']),
          ]),
    );
    expectRefused(
      bytesOf([call('y', 'F39', ['x'])], functions),
      'UNSUPPORTED',
      /functions that become at most 131072 nodes/,
    );
  });

  it('are refused if they are nested too deep', () => {
    const functions = Array.from({ length: 100 }, (_, level) =>
      define(`F${String(level)}`, [
        level === 0 ? to('b', 'Sin', ['a']) : call('b', `F${String(level - 1)}`, ['a']),
      ]),
    );
    expectRefused(
      bytesOf([call('y', 'F99', ['x'])], functions),
      'INVALID_FILE',
      /at most 64 deep inside of each other/,
    );
  });

  it('are refused if a call does not fit, or a name comes from nowhere', () => {
    const sine = define('Sine', [to('b', 'Sin', ['a'])]);
    expectRefused(
      bytesOf([call('y', 'Sine', ['x', 'x'])], [sine]),
      'INVALID_FILE',
      /at most the 1 inputs and 1 outputs of its function, got 2 and 1/,
    );
    const outside = define('Outside', [to('b', 'Add', ['a', 'x'])]);
    expectRefused(bytesOf([call('y', 'Outside', ['x'])], [outside]), 'INVALID_FILE', /got "Outside\.1\/x"/);
    const leaky = having(to('y', 'LeakyRelu', ['x']), reference('alpha', 'slope'));
    expectRefused(
      bytesOf([leaky], []),
      'INVALID_FILE',
      /expected a reference to the attribute "slope" inside of a function/,
    );
  });
});

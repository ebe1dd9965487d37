import { tensorOf, type Attribute, type ElementType, type Node, type Tensor } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { double, type RuleCase } from './ruleCase.ts';

interface Body {
  readonly inputs?: readonly string[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
}

/** What bodies of loops call the number of the iteration and whether it goes on: the engine asks for their types. */
const counters: Readonly<Record<string, { readonly elementType: ElementType }>> = {
  trip: { elementType: 'int64' },
  goesOn: { elementType: 'bool' },
  trip2: { elementType: 'int64' },
  goesOn2: { elementType: 'bool' },
};

/** A graph as the attribute of a node; other types follow from what it is bound to. */
function body({ inputs = [], nodes, outputs, initializers = {} }: Body): Attribute {
  const named = (names: readonly string[]) =>
    names.map((name) => ({ name, ...(name in counters && { ...counters[name], shape: [] }) }));
  return {
    graph: {
      name: 'body',
      inputs: named(inputs),
      outputs: named(outputs),
      initializers: new Map(Object.entries(initializers)),
      nodes,
    },
  };
}

const truth = (value: boolean): Tensor => tensorOf('bool', [], [Number(value)]);
const count = (value: number): Tensor => tensorOf('int64', [], [value]);
/** A node with one output. */
const to = (output: string, opType: string, inputs: readonly string[]) =>
  node(opType, inputs, { outputs: [output] });

const branches = {
  then_branch: body({ nodes: [to('a', 'Tanh', ['x']), to('b', 'Mul', ['a', 'w'])], outputs: ['b', 'a'] }),
  else_branch: body({ nodes: [to('a', 'Neg', ['x']), to('b', 'Sin', ['x'])], outputs: ['a', 'b'] }),
};

const choice = (condition: boolean): RuleCase => ({
  variables: { x: [2, 3], w: [3] },
  constants: { condition: truth(condition) },
  nodes: [node('If', ['condition'], { outputs: ['y', 'z'], attributes: branches })],
  outputs: ['y', 'z'],
});

/** h ← tanh(h W + xₜ), which collects h ∘ h. */
const cell = body({
  inputs: ['h', 'slice'],
  nodes: [
    to('product', 'MatMul', ['h', 'w']),
    to('sum', 'Add', ['product', 'slice']),
    to('next', 'Tanh', ['sum']),
    to('square', 'Mul', ['next', 'next']),
  ],
  outputs: ['next', 'square'],
});

/** If, Loop, Scan. */
export const controlFlowCases: Readonly<Record<string, RuleCase>> = {
  'If whose condition holds': choice(true),
  'If whose condition does not hold': choice(false),
  'If on a shape': {
    variables: { x: [1, 3] },
    constants: { zero: ints(0), one: ints(1) },
    nodes: [
      to('shape', 'Shape', ['x']),
      to('size', 'Gather', ['shape', 'zero']),
      to('isOne', 'Equal', ['size', 'one']),
      node('If', ['isOne'], {
        attributes: {
          then_branch: body({ nodes: [to('a', 'Squeeze', ['x', 'zero'])], outputs: ['a'] }),
          else_branch: body({ nodes: [to('a', 'Identity', ['x'])], outputs: ['a'] }),
        },
      }),
    ],
  },
  'Loop of a trip count': {
    variables: { x: [2, 3], w: [3, 3] },
    constants: { trips: count(3) },
    nodes: [
      node('Loop', ['trips', '', 'x'], {
        outputs: ['y', 'all'],
        attributes: {
          body: body({
            inputs: ['trip', 'goesOn', 'h'],
            nodes: [
              node('Cast', ['trip'], { outputs: ['number'], attributes: { to: { int: 11 } } }),
              to('product', 'MatMul', ['h', 'w']),
              to('sum', 'Add', ['product', 'number']),
              to('scaled', 'Mul', ['sum', 'scale']),
              to('next', 'Tanh', ['scaled']),
              to('stays', 'Identity', ['goesOn']),
              to('copy', 'Sin', ['next']),
            ],
            outputs: ['stays', 'next', 'copy'],
            initializers: { scale: double([3], [0.5, 0.7, 0.9]) },
          }),
        },
      }),
    ],
    outputs: ['y', 'all'],
  },
  'Loop while a count is below a bound': {
    variables: { x: [2, 3] },
    constants: { start: count(1), bound: count(12), holds: truth(true) },
    nodes: [
      node('Loop', ['', 'holds', 'x', 'start'], {
        outputs: ['y', 'last'],
        attributes: {
          body: body({
            inputs: ['trip', 'goesOn', 'h', 'i'],
            nodes: [
              to('next', 'Sin', ['h']),
              to('twice', 'Add', ['i', 'i']),
              to('below', 'Less', ['twice', 'bound']),
            ],
            outputs: ['below', 'next', 'twice'],
          }),
        },
      }),
    ],
  },
  'Loop that does not begin': {
    variables: { x: [2, 3] },
    constants: { trips: count(2), holds: truth(false) },
    nodes: [
      node('Loop', ['trips', 'holds', 'x'], {
        attributes: {
          body: body({
            inputs: ['trip', 'goesOn', 'h'],
            nodes: [to('next', 'Sin', ['h']), to('stays', 'Identity', ['goesOn'])],
            outputs: ['stays', 'next'],
          }),
        },
      }),
    ],
  },
  'Loop in a Loop, whose bodies use the same names': {
    variables: { x: [2, 3], w: [3] },
    constants: { trips: count(2) },
    nodes: [
      node('Loop', ['trips', '', 'x'], {
        attributes: {
          body: body({
            inputs: ['trip', 'goesOn', 'h'],
            nodes: [
              to('outer', 'Mul', ['h', 'w']),
              node('Loop', ['trips', '', 'outer'], {
                outputs: ['inner'],
                attributes: {
                  body: body({
                    inputs: ['trip2', 'goesOn2', 'g'],
                    nodes: [
                      to('isFirst', 'Less', ['trip', 'trip2']),
                      node('If', ['isFirst'], {
                        outputs: ['next'],
                        attributes: {
                          then_branch: body({ nodes: [to('t', 'Mul', ['g', 'outer'])], outputs: ['t'] }),
                          else_branch: body({ nodes: [to('e', 'Tanh', ['g'])], outputs: ['e'] }),
                        },
                      }),
                      to('stays2', 'Identity', ['goesOn2']),
                    ],
                    outputs: ['stays2', 'next'],
                  }),
                },
              }),
              to('stays', 'Identity', ['goesOn']),
            ],
            outputs: ['stays', 'inner'],
          }),
        },
      }),
    ],
  },
  Scan: {
    variables: { h: [2, 3], w: [3, 3], x: [4, 2, 3] },
    nodes: [
      node('Scan', ['h', 'x'], {
        outputs: ['y', 'all'],
        attributes: { body: cell, num_scan_inputs: { int: 1 } },
      }),
    ],
    outputs: ['y', 'all'],
  },
  'Scan along other axes, backwards': {
    variables: { h: [2, 3], w: [3, 3], x: [2, 3, 4] },
    nodes: [
      node('Scan', ['h', 'x'], {
        outputs: ['y', 'all'],
        attributes: {
          body: cell,
          num_scan_inputs: { int: 1 },
          scan_input_axes: { ints: [-1] },
          scan_input_directions: { ints: [1] },
          scan_output_axes: { ints: [1] },
          scan_output_directions: { ints: [1] },
        },
      }),
    ],
    outputs: ['y', 'all'],
    opset: 11,
  },
  'Scan of operator set 8': {
    variables: { h: [2, 1, 3], w: [3, 3], x: [2, 4, 1, 3] },
    constants: { lengths: ints(4, 2) },
    nodes: [
      node('Scan', ['lengths', 'h', 'x'], {
        outputs: ['y', 'all'],
        attributes: { body: cell, num_scan_inputs: { int: 1 } },
      }),
    ],
    outputs: ['y', 'all'],
    opset: 8,
  },
};

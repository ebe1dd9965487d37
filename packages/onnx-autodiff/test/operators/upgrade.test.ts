import { describe, expect, it } from 'vitest';
import {
  coveredOperators,
  GraphBuilder,
  tensorOf,
  valuesOf,
  type Attribute,
  type Node,
} from '../../src/index.ts';
import { floats, graphOf, ints, node } from '../models.ts';

/** What a node of an old operator set becomes: operators with their attributes, and constant inputs by value. */
function upgraded(source: Node, opset: number, shape: readonly number[] = [2, 3, 4]): unknown[] {
  const initializers = new Map([
    ['w', floats([3], 1, 2, 3)],
    ['s', ints(2, -1)],
    ['yes', tensorOf('bool', [], [1])],
    ['no', tensorOf('bool', [], [0])],
  ]);
  const builder = new GraphBuilder(graphOf([source], { opset, initializers }), coveredOperators);
  builder.addInput('x', { elementType: 'float32', shape });
  builder.addSourceNode(source);
  return builder.nodes.map(({ opType, inputs, attributes }) => [
    opType,
    inputs.map((name) => {
      const constant = name in Object.fromEntries(initializers) ? undefined : builder.constantValue(name);
      return constant === undefined ? name.replace(/^edjm\/.*/, '·') : valuesOf(constant);
    }),
    attributes,
  ]);
}

const of = (
  opType: string,
  attributes: Readonly<Record<string, Attribute>>,
  inputs: readonly string[] = ['x'],
) => node(opType, inputs, { attributes });
const axes = { ints: [0, -1] };

describe('nodes of old operator sets take their form of set 18', () => {
  const cases: readonly (readonly [string, number, Node, unknown[]])[] = [
    ['Squeeze, axes', 12, of('Squeeze', { axes: { ints: [] } }), [['Squeeze', ['x', []], {}]]],
    ['Unsqueeze, axes', 12, of('Unsqueeze', { axes }), [['Unsqueeze', ['x', [0, -1]], {}]]],
    [
      'ReduceSum, axes',
      12,
      of('ReduceSum', { axes, keepdims: { int: 0 } }),
      [['ReduceSum', ['x', [0, -1]], { keepdims: { int: 0 } }]],
    ],
    ['ReduceMean, axes', 17, of('ReduceMean', { axes }), [['ReduceMean', ['x', [0, -1]], {}]]],
    ['ReduceMean, all axes', 13, of('ReduceMean', {}), [['ReduceMean', ['x'], {}]]],
    ['Reshape, shape', 4, of('Reshape', { shape: { ints: [0, 12] } }), [['Reshape', ['x', [0, 12]], {}]]],
    [
      'Slice, starts, ends, axes',
      9,
      of('Slice', { starts: { ints: [1] }, ends: { ints: [2 ** 63] }, axes: { ints: [2] } }),
      [['Slice', ['x', [1], [2 ** 63], [2]], {}]],
    ],
    [
      'Slice, without axes',
      7,
      of('Slice', { starts: { ints: [0, 1] }, ends: { ints: [2, -1] } }),
      [['Slice', ['x', [0, 1], [2, -1], [0, 1]], {}]],
    ],
    [
      'Clip, bounds',
      6,
      of('Clip', { min: { float: 0 }, max: { float: 6 } }),
      [['Clip', ['x', [0], [6]], {}]],
    ],
    ['Clip, one bound', 10, of('Clip', { max: { float: 6 } }), [['Clip', ['x', '', [6]], {}]]],
    [
      'Pad, pads and value',
      2,
      of('Pad', { pads: { ints: [0, 0, 1, 0, 0, 2] }, value: { float: 0.5 }, mode: { string: 'constant' } }),
      [['Pad', ['x', [0, 0, 1, 0, 0, 2], [0.5]], { mode: { string: 'constant' } }]],
    ],
    [
      'Split, sizes',
      11,
      node('Split', ['x'], {
        outputs: ['y', 'z'],
        attributes: { axis: { int: 2 }, split: { ints: [1, 3] } },
      }),
      [['Split', ['x', [1, 3]], { axis: { int: 2 } }]],
    ],
    [
      'Split, equal parts',
      13,
      node('Split', ['x'], { outputs: ['y', 'z'], attributes: { axis: { int: 2 } } }),
      [['Split', ['x', [2, 2]], { axis: { int: 2 } }]],
    ],
    [
      'Split, unequal parts',
      18,
      node('Split', ['x'], {
        outputs: ['y', 'z'],
        attributes: { axis: { int: 1 }, num_outputs: { int: 2 } },
      }),
      [['Split', ['x', [2, 1]], { axis: { int: 1 } }]],
    ],
    ['Dropout, ratio', 7, of('Dropout', { ratio: { float: 0.5 } }), []],
    ['Dropout, inference', 13, node('Dropout', ['x', '', 'no']), []],
    [
      'Softmax, last axis',
      11,
      of('Softmax', { axis: { int: 2 } }),
      [['Softmax', ['x'], { axis: { int: -1 } }]],
    ],
    [
      'Softmax, rows of a matrix',
      11,
      of('Softmax', {}),
      [
        ['Reshape', ['x', [2, 12]], { allowzero: { int: 1 } }],
        ['Softmax', ['·'], { axis: { int: -1 } }],
        ['Reshape', ['·', [2, 3, 4]], {}],
      ],
    ],
    [
      'Softmax, one axis',
      13,
      of('Softmax', { axis: { int: 1 } }),
      [['Softmax', ['x'], { axis: { int: 1 } }]],
    ],
    [
      'Add, aligned at an axis',
      6,
      of('Add', { broadcast: { int: 1 }, axis: { int: 1 } }, ['x', 'w']),
      [['Add', ['x', [1, 2, 3]], {}]],
    ],
    ['PRelu, a slope a channel', 6, of('PRelu', {}, ['x', 'w']), [['PRelu', ['x', [1, 2, 3]], {}]]],
    ['Concat, default axis', 3, of('Concat', {}, ['x', 'x']), [['Concat', ['x', 'x'], { axis: { int: 1 } }]]],
    [
      'BatchNormalization, is_test',
      6,
      of('BatchNormalization', { is_test: { int: 1 }, epsilon: { float: 0.5 }, momentum: { float: 0.9 } }, [
        'x',
        'w',
        'w',
        'w',
        'w',
      ]),
      [['BatchNormalization', ['x', 'w', 'w', 'w', 'w'], { epsilon: { float: 0.5 } }]],
    ],
    [
      'BatchNormalization, spatial',
      7,
      of('BatchNormalization', { spatial: { int: 1 } }, ['x', 'w', 'w', 'w', 'w']),
      [['BatchNormalization', ['x', 'w', 'w', 'w', 'w'], {}]],
    ],
    ['Relu, consumed_inputs', 5, of('Relu', { consumed_inputs: { ints: [0] } }), [['Relu', ['x'], {}]]],
    ['CastLike', 15, of('CastLike', {}, ['x', 's']), [['Cast', ['x'], { to: { int: 7 } }]]],
    [
      'Mean',
      13,
      of('Mean', {}, ['x', 'x']),
      [
        ['Sum', ['x', 'x'], {}],
        ['Mul', ['·', [0.5]], {}],
      ],
    ],
    [
      'MaxPool, the same size',
      11,
      of('MaxPool', { kernel_shape: { ints: [2] }, auto_pad: { string: 'SAME_LOWER' } }),
      [['MaxPool', ['x'], { kernel_shape: { ints: [2] }, pads: { ints: [1, 0] } }]],
    ],
    [
      'MaxPool, the same size, one more at the end',
      11,
      of('MaxPool', { kernel_shape: { ints: [2] }, auto_pad: { string: 'SAME_UPPER' } }),
      [['MaxPool', ['x'], { kernel_shape: { ints: [2] }, pads: { ints: [0, 1] } }]],
    ],
    [
      'MaxPool, no padding',
      11,
      of('MaxPool', { kernel_shape: { ints: [2] }, auto_pad: { string: 'VALID' } }),
      [['MaxPool', ['x'], { kernel_shape: { ints: [2] }, pads: { ints: [0, 0] } }]],
    ],
  ];

  it.each(cases.map(([name, opset, source, expected]) => ({ name, opset, source, expected })))(
    '$name (set $opset)',
    ({ opset, source, expected }) => {
      expect(upgraded(source, opset)).toEqual(expected);
    },
  );

  it('Gather on constants, and Concat, keep the largest 64-bit integer', () => {
    const nodes = [
      node('Gather', ['ends', 'zero'], { outputs: ['one'] }),
      node('Concat', ['one', 'one'], { outputs: ['two'], attributes: { axis: { int: 0 } } }),
      node('Slice', ['x', 'starts', 'two']),
    ];
    const initializers = new Map([
      ['ends', ints(2 ** 63)],
      ['zero', ints(0)],
      ['starts', ints(0, 1)],
    ]);
    const builder = new GraphBuilder(graphOf(nodes, { initializers }), coveredOperators);
    builder.addInput('x', { elementType: 'float32', shape: [2, 3] });
    for (const source of nodes) builder.addSourceNode(source);
    expect(builder.shape('y')).toEqual([2, 2]);
  });
});

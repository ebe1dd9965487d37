import { tensorOf, type Tensor } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { noise } from '../../support/vjpCheck.ts';
import { double, of, one, single, type RuleCase } from './ruleCase.ts';

const indices = (shape: readonly number[], ...values: readonly number[]): Tensor =>
  tensorOf('int64', shape, values);

const int = (value: number) => ({ int: value });
const add = { reduction: { string: 'add' } };
const mul = { reduction: { string: 'mul' } };
const max = { reduction: { string: 'max' } };
const min = { reduction: { string: 'min' } };

/** A scattering of variables `u` into variables `x`. */
const scattering = (
  applied: ReturnType<typeof of>,
  shapes: readonly [readonly number[] | Tensor, readonly number[] | Tensor],
  rest: Partial<RuleCase> & { readonly at: Tensor },
): RuleCase => {
  const { at, ...others } = rest;
  return {
    variables: { x: shapes[0], u: shapes[1] },
    constants: { at },
    nodes: [node(applied.opType, ['x', 'at', 'u'], { attributes: applied.attributes })],
    ...others,
  };
};

const rowWithZeros = double([6], [0.5, 0, -1.5, 0, 2, 0.75]);

/** Reading and writing at places that tensors of indices name. */
export const placesCases: Readonly<Record<string, RuleCase>> = {
  'Gather of repeated places of a long axis': one(of('Gather', { axis: int(1) }), [[2, 150, 3]], {
    constants: { i: indices([2, 2], 0, -1, 149, 0) },
  }),
  'GatherElements of repeated and negative places': one(of('GatherElements', { axis: int(1) }), [[2, 4]], {
    constants: { i: indices([2, 3], 0, -1, 0, 3, 3, 1) },
  }),
  'GatherElements of fewer rows': one(of('GatherElements', { axis: int(-1) }), [[3, 4, 2]], {
    constants: { i: indices([2, 3, 1], 0, 1, 1, -1, 0, 1) },
  }),
  GatherND: one(of('GatherND'), [[3, 2, 4]], { constants: { i: indices([3, 2], 0, 1, -1, -2, 0, 1) } }),
  'GatherND of rows': one(of('GatherND'), [[3, 2, 4]], { constants: { i: indices([2, 1], -1, 0) } }),
  'GatherND of a batch': one(of('GatherND', { batch_dims: int(1) }), [[2, 3, 2, 2]], {
    constants: { i: indices([2, 2, 1], 0, 2, -1, 2) },
  }),
  'GatherND of a batch, by pairs': one(of('GatherND', { batch_dims: int(2) }), [[2, 2, 3, 2]], {
    constants: { i: indices([2, 2, 2], 0, 1, -1, 0, 2, 1, 1, -2) },
  }),
  'GatherND at places that are computed': {
    variables: { x: [4, 1] },
    constants: { k: ints(3) },
    nodes: [
      node('TopK', ['x', 'k'], { outputs: ['most', 'places'], attributes: { axis: int(0) } }),
      node('Sub', ['places', 'k'], { outputs: ['moved'] }),
      node('GatherND', ['x', 'moved']),
    ],
  },
  ScatterElements: scattering(
    of('ScatterElements', { axis: int(1) }),
    [
      [2, 4],
      [2, 2],
    ],
    {
      at: indices([2, 2], 0, -1, 2, 1),
    },
  ),
  'ScatterElements of fewer rows': scattering(
    of('ScatterElements'),
    [
      [3, 3],
      [1, 2],
    ],
    {
      at: indices([1, 2], 1, 2),
    },
  ),
  'ScatterElements that adds twice': scattering(of('ScatterElements', add), [[4], [3]], {
    at: indices([3], 1, 1, -1),
  }),
  'ScatterElements that multiplies twice': scattering(
    of('ScatterElements', mul),
    [
      [4, 2],
      [3, 2],
    ],
    {
      at: indices([3, 2], 1, 1, 1, 3, -1, 1),
    },
  ),
  'ScatterElements of a maximum': scattering(of('ScatterElements', max), [[3], [3]], {
    at: indices([3], 0, 0, 2),
    opset: 18,
  }),
  'ScatterElements of a minimum': scattering(
    of('ScatterElements', min),
    [
      [3, 2],
      [2, 2],
    ],
    {
      at: indices([2, 2], 0, 1, 0, -1),
    },
  ),
  'ScatterElements without an attribute, as it began': scattering(of('ScatterElements'), [[4], [2]], {
    at: indices([2], 3, 0),
    opset: 11,
  }),
  Scatter: scattering(
    of('Scatter', { axis: int(1) }),
    [
      [2, 4],
      [2, 1],
    ],
    {
      at: indices([2, 1], 3, 0),
      opset: 9,
    },
  ),
  ScatterND: scattering(
    of('ScatterND'),
    [
      [3, 2, 4],
      [2, 4],
    ],
    { at: indices([2, 2], 0, 1, -1, 0) },
  ),
  'ScatterND of numbers': scattering(of('ScatterND'), [[4], [2]], { at: indices([2, 1], 3, -3) }),
  'ScatterND of slices that add twice': scattering(
    of('ScatterND', add),
    [
      [3, 2, 2],
      [2, 2, 2],
    ],
    {
      at: indices([2, 1], 1, 1),
    },
  ),
  'ScatterND that multiplies': scattering(of('ScatterND', mul), [[3, 2], [3]], {
    at: indices([3, 2], 1, 1, 1, 1, 0, 0),
  }),
  'ScatterND of a maximum': scattering(
    of('ScatterND', max),
    [
      [3, 2],
      [2, 2],
    ],
    { at: indices([2, 1], 1, 2) },
  ),
  TopK: {
    variables: { x: [3, 5] },
    constants: { k: ints(2) },
    nodes: [node('TopK', ['x', 'k'], { outputs: ['y', 'places'], attributes: { axis: int(1) } })],
  },
  'TopK of the least along the first axis': {
    variables: { x: [4, 3] },
    constants: { k: ints(3) },
    nodes: [
      node('TopK', ['x', 'k'], {
        outputs: ['values', 'places'],
        attributes: { axis: int(0), largest: int(0), sorted: int(1) },
      }),
      node('GatherElements', ['x', 'places'], { outputs: ['again'] }),
      node('Mul', ['values', 'again']),
    ],
  },
  'TopK with k as an attribute': {
    variables: { x: [2, 4] },
    nodes: [node('TopK', ['x'], { outputs: ['y', 'places'], attributes: { k: int(2) } })],
    opset: 7,
  },
  'Compress along an axis': one(of('Compress', { axis: int(-1) }), [[2, 4]], {
    constants: { c: tensorOf('bool', [3], [1, 0, 1]) },
  }),
  'Compress of all numbers': one(of('Compress'), [[2, 3]], {
    constants: { c: tensorOf('bool', [6], [0, 1, 0, 0, 1, 1]) },
  }),
  'MaxUnpool of what was pooled': {
    variables: { x: [2, 1, 4, 4] },
    nodes: [
      node('MaxPool', ['x'], {
        outputs: ['pooled', 'places'],
        attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } },
      }),
      node('MaxUnpool', ['pooled', 'places'], {
        attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } },
      }),
    ],
    ...single,
  },
  'MaxUnpool into a given shape': one(
    of('MaxUnpool', { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } }),
    [[1, 1, 2, 2]],
    { constants: { i: indices([1, 1, 2, 2], 0, 7, 12, 24), s: ints(1, 1, 5, 5) }, ...single },
  ),
  'Both outputs of MaxPool': {
    variables: { x: [1, 2, 5] },
    nodes: [
      node('MaxPool', ['x'], { outputs: ['values', 'places'], attributes: { kernel_shape: { ints: [3] } } }),
      node('Cast', ['places'], { outputs: ['numbers'], attributes: { to: int(1) } }),
      node('Mul', ['values', 'numbers']),
    ],
    ...single,
  },
  CumSum: one(of('CumSum'), [[2, 4]], { constants: { a: ints(1) } }),
  'CumSum backwards, without itself': one(of('CumSum', { exclusive: int(1), reverse: int(1) }), [[3, 2, 2]], {
    constants: { a: tensorOf('int32', [], [-3]) },
  }),
  'CumProd with a 0': one(of('CumProd'), [rowWithZeros], {
    constants: { a: tensorOf('int64', [], [0]) },
    opset: 26,
  }),
  'CumProd backwards, without itself': one(of('CumProd', { exclusive: int(1), reverse: int(1) }), [[2, 5]], {
    constants: { a: tensorOf('int64', [], [-1]) },
    opset: 26,
  }),
  'Trilu, upper': one(of('Trilu'), [[2, 3, 4]], { constants: { k: tensorOf('int64', [], [-1]) } }),
  'Trilu, lower': one(of('Trilu', { upper: int(0) }), [[3, 3]]),
  'ReverseSequence of columns': one(of('ReverseSequence'), [[4, 3, 2]], { constants: { l: ints(1, 4, 2) } }),
  'ReverseSequence of rows': one(of('ReverseSequence', { batch_axis: int(0), time_axis: int(1) }), [[3, 4]], {
    constants: { l: ints(3, 1, 4) },
  }),
  'EyeLike, of which nothing depends on the input': {
    variables: { x: [3, 4] },
    nodes: [
      node('EyeLike', ['x'], { outputs: ['eye'], attributes: { k: int(-1) } }),
      node('Mul', ['x', 'eye']),
    ],
  },
  'ReduceProd with one 0 in a row, two and none': one(
    of('ReduceProd'),
    [double([3, 5], [0.5, 0, -1.5, 2, 1, 0, 1, 0, 3, -1, ...noise(5, 3)])],
    { constants: { a: ints(1) } },
  ),
  'ReduceProd of all': one(of('ReduceProd', { keepdims: int(0) }), [[2, 3]]),
  'ReduceProd of the first and last axis, as an attribute': one(
    of('ReduceProd', { axes: { ints: [0, -1] }, keepdims: int(0) }),
    [[2, 3, 3]],
    { opset: 13 },
  ),
};

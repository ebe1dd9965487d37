import { tensorOf, type Attribute } from '@edjm/onnx-autodiff';
import { ints, node, type SmallGraph } from './smallGraphs.ts';
import { noise } from './vjpCheck.ts';

const double = (shape: readonly number[], values: readonly number[]) => tensorOf('float64', shape, values);
/** Numbers between ½ and 1½. */
const positive = (...shape: readonly number[]) =>
  double(
    shape,
    noise(
      shape.reduce((product, size) => product * size, 1),
      7,
    ).map((value) => 1 + value / 2),
  );
const of = (opType: string, attributes: Readonly<Record<string, Attribute>> = {}) => ({ opType, attributes });

/** One operator on variables of the given shapes or values, in order, then constants. */
function one(
  {
    opType,
    attributes,
  }: { readonly opType: string; readonly attributes: Readonly<Record<string, Attribute>> },
  variables: readonly SmallGraph['variables'][string][],
  rest: Partial<SmallGraph> = {},
): SmallGraph {
  const named = variables.map((value, index) => [`v${String(index)}`, value] as const);
  const constants = Object.keys(rest.constants ?? {});
  return {
    variables: Object.fromEntries(named),
    nodes: [node(opType, [...named.map(([name]) => name), ...constants], { attributes })],
    ...rest,
  };
}

const single = { elementType: 'float32' } as const;

/** Rules at attributes and shapes that one would not try first; every operator with an input of real numbers is here. */
export const rules: Readonly<Record<string, SmallGraph>> = {
  'Add of a scalar': one(of('Add'), [[2, 3], []]),
  'Sub that repeats both': one(of('Sub'), [
    [2, 1, 3],
    [4, 1],
  ]),
  'Mul of a tensor with itself': { variables: { v: [2, 3] }, nodes: [node('Mul', ['v', 'v'])] },
  'Div that repeats the divisor': one(of('Div'), [[2, 3], positive(3)]),
  'Pow, base and exponent': one(of('Pow'), [positive(2, 3), [3]]),
  'Pow at 0': one(of('Pow'), [double([3], [0, 0, -1])], { constants: { e: double([3], [2, 3, 2]) } }),
  'Pow of an exponent 0': one(of('Pow'), [double([3], [0, 1, -1])], { constants: { e: double([], [0]) } }),
  'Sum of three': one(of('Sum'), [[2, 3], [3], [2, 1]]),
  'Sum of one': one(of('Sum'), [[2, 3]]),
  'Mean of three': one(of('Mean'), [[2, 3], [3], [2, 1]]),
  'Max of three': one(of('Max'), [[2, 3], [3], [2, 1]]),
  'Min with ties': one(of('Min'), [double([3], [1, 2, 3]), double([3], [1, 3, 2])]),
  Neg: one(of('Neg'), [[3]]),
  'Abs at 0': one(of('Abs'), [double([3], [-1, 0, 2])]),
  Exp: one(of('Exp'), [[3]]),
  Log: one(of('Log'), [positive(3)]),
  Sqrt: one(of('Sqrt'), [positive(3)]),
  Reciprocal: one(of('Reciprocal'), [positive(3)]),
  Sin: one(of('Sin'), [[3]]),
  Cos: one(of('Cos'), [[3]]),
  Erf: one(of('Erf'), [[3]], single),
  Floor: one(of('Floor'), [[3]]),
  Ceil: one(of('Ceil'), [[3]]),
  Round: one(of('Round'), [positive(3)]),
  Sign: one(of('Sign'), [[3]]),
  'Relu at 0': one(of('Relu'), [double([3], [-1, 0, 2])]),
  ThresholdedRelu: one(of('ThresholdedRelu', { alpha: { float: 0.25 } }), [[8]], single),
  LeakyRelu: one(of('LeakyRelu', { alpha: { float: 0.3 } }), [[8]]),
  'PRelu of a slope a channel': one(of('PRelu'), [
    [2, 3, 4],
    [3, 1],
  ]),
  Elu: one(of('Elu', { alpha: { float: 0.7 } }), [[8]]),
  Selu: one(of('Selu', { alpha: { float: 0.7 }, gamma: { float: 1.3 } }), [[8]]),
  Celu: one(of('Celu', { alpha: { float: 1.6 } }), [[8]], single),
  Sigmoid: one(of('Sigmoid'), [[8]]),
  HardSigmoid: one(of('HardSigmoid', { alpha: { float: 0.8 }, beta: { float: 0.4 } }), [[8]]),
  HardSwish: one(of('HardSwish'), [double([6], [-4, -2.9, -1, 1, 2.9, 4])]),
  Swish: one(of('Swish', { alpha: { float: 0.7 } }), [[8]], { opset: 24 }),
  Mish: one(of('Mish'), [[8]]),
  Tanh: one(of('Tanh'), [[8]]),
  Softplus: one(of('Softplus'), [[8]]),
  Softsign: one(of('Softsign'), [[8]]),
  Gelu: one(of('Gelu'), [[8]], { ...single, opset: 20 }),
  'Gelu by tanh': one(of('Gelu', { approximate: { string: 'tanh' } }), [[8]], { opset: 20 }),
  'Softmax along the middle': one(of('Softmax', { axis: { int: 1 } }), [[2, 3, 4]]),
  'Softmax of operator set 12': one(of('Softmax', { axis: { int: 1 } }), [[2, 3, 4]], { opset: 12 }),
  'LogSoftmax along the middle': one(of('LogSoftmax', { axis: { int: -2 } }), [[2, 3, 4]]),
  'Clip, bounds too': one(of('Clip'), [[8], double([], [-0.25]), double([], [0.5])]),
  'Clip of low above high': one(of('Clip'), [[8], double([], [0.5]), double([], [-0.25])]),
  'Clip without low': {
    variables: { x: [8], high: double([], [0.25]) },
    nodes: [node('Clip', ['x', '', 'high'])],
  },
  'Where, both branches': {
    variables: { x: [2, 3], y: [3] },
    constants: { c: tensorOf('bool', [2, 1], [1, 0]) },
    nodes: [node('Where', ['c', 'x', 'y'], { outputs: ['z'] })],
    outputs: ['z'],
  },
  'Cast there and back': {
    variables: { x: [3] },
    nodes: [
      node('Cast', ['x'], { outputs: ['z'], attributes: { to: { int: 11 } } }),
      node('CastLike', ['z', 'x']),
    ],
  },
  Identity: one(of('Identity'), [[3]]),
  Dropout: one(of('Dropout'), [[3]]),
  'MatMul of batches': one(of('MatMul'), [
    [2, 1, 3, 4],
    [5, 4, 2],
  ]),
  'MatMul of a row': one(of('MatMul'), [[4], [2, 4, 3]]),
  'MatMul of a column': one(of('MatMul'), [[2, 3, 4], [4]]),
  'MatMul of vectors': one(of('MatMul'), [[4], [4]]),
  Gemm: one(of('Gemm', { alpha: { float: 0.5 }, beta: { float: 2 } }), [[2, 3], [3, 4], [4]]),
  'Gemm of transposes': one(of('Gemm', { transA: { int: 1 }, transB: { int: 1 } }), [
    [3, 2],
    [4, 3],
    [2, 1],
  ]),
  'Conv of stride 2': one(
    of('Conv', { strides: { ints: [2, 1] }, pads: { ints: [1, 0, 2, 1] } }),
    [[2, 2, 6, 5], [3, 2, 3, 2], [3]],
    single,
  ),
  'Conv of 2 groups, dilated, windows that leave a rest': one(
    of('Conv', { group: { int: 2 }, dilations: { ints: [2, 1] }, strides: { ints: [2, 3] } }),
    [[2, 4, 8, 6], [6, 2, 3, 2], [6]],
    single,
  ),
  'Conv on a line': one(
    of('Conv', { auto_pad: { string: 'SAME_LOWER' } }),
    [
      [2, 2, 7],
      [3, 2, 4],
    ],
    single,
  ),
  'Conv in space': one(
    of('Conv', { pads: { ints: [1, 0, 0, 0, 1, 0] } }),
    [
      [1, 2, 3, 4, 3],
      [2, 2, 2, 2, 2],
    ],
    single,
  ),
  'Conv of constant weights, flipped': one(
    of('Conv', { pads: { ints: [1, 2, 0, 1] }, dilations: { ints: [1, 2] } }),
    [[2, 8, 5, 6]],
    {
      ...single,
      constants: { w: tensorOf('float32', [4, 8, 3, 3], noise(288, 3)) },
    },
  ),
  'Conv of constant weights in groups, flipped': one(
    of('Conv', { group: { int: 4 }, pads: { ints: [1, 1] } }),
    [[2, 8, 7]],
    {
      ...single,
      constants: { w: tensorOf('float32', [12, 2, 3], noise(72, 3)) },
    },
  ),
  ConvTranspose: one(
    of('ConvTranspose', {
      strides: { ints: [2, 3] },
      output_padding: { ints: [1, 0] },
      pads: { ints: [1, 0, 0, 1] },
    }),
    [[2, 2, 3, 4], [2, 3, 3, 2], [3]],
    single,
  ),
  'ConvTranspose of 2 groups, dilated': one(
    of('ConvTranspose', { group: { int: 2 }, dilations: { ints: [2] }, strides: { ints: [2] } }),
    [[2, 4, 5], [4, 3, 3], [6]],
    single,
  ),
  'ConvTranspose of the same size': one(
    of('ConvTranspose', { auto_pad: { string: 'SAME_UPPER' }, strides: { ints: [2] } }),
    [
      [1, 2, 4],
      [2, 2, 3],
    ],
    single,
  ),
  'ConvTranspose of a given size': one(
    of('ConvTranspose', { output_shape: { ints: [8] }, strides: { ints: [2] } }),
    [
      [1, 2, 4],
      [2, 2, 3],
    ],
    single,
  ),
  'MaxPool that overlaps': one(
    of('MaxPool', {
      kernel_shape: { ints: [3, 2] },
      strides: { ints: [2, 1] },
      pads: { ints: [1, 0, 1, 1] },
    }),
    [[2, 2, 6, 5]],
    single,
  ),
  'MaxPool that tiles': one(
    of('MaxPool', { kernel_shape: { ints: [2, 3] }, strides: { ints: [2, 3] } }),
    [[2, 2, 4, 6]],
    single,
  ),
  'Resize by whole factors': {
    variables: { x: [1, 2, 2, 3] },
    constants: { scales: tensorOf('float32', [4], [1, 1, 3, 2]) },
    nodes: [
      node('Resize', ['x', '', 'scales'], {
        attributes: {
          coordinate_transformation_mode: { string: 'asymmetric' },
          nearest_mode: { string: 'floor' },
        },
      }),
    ],
    ...single,
  },
  'MaxPool, dilated, with a rest': one(
    of('MaxPool', {
      kernel_shape: { ints: [2] },
      strides: { ints: [3] },
      dilations: { ints: [2] },
      ceil_mode: { int: 1 },
    }),
    [[2, 2, 9]],
    single,
  ),
  'AveragePool of padding that counts': one(
    of('AveragePool', {
      kernel_shape: { ints: [3, 3] },
      strides: { ints: [2, 2] },
      pads: { ints: [1, 1, 0, 1] },
      count_include_pad: { int: 1 },
    }),
    [[2, 2, 6, 5]],
    single,
  ),
  'AveragePool of padding that does not count, with a rest': one(
    of('AveragePool', {
      kernel_shape: { ints: [3] },
      strides: { ints: [2] },
      pads: { ints: [1, 1] },
      ceil_mode: { int: 1 },
    }),
    [[2, 2, 6]],
    single,
  ),
  GlobalAveragePool: one(of('GlobalAveragePool'), [[2, 3, 4, 5]], single),
  GlobalMaxPool: one(of('GlobalMaxPool'), [[2, 3, 4, 5]], single),
  BatchNormalization: one(of('BatchNormalization', { epsilon: { float: 0.01 } }), [
    [2, 3, 4],
    [3],
    [3],
    [3],
    positive(3),
  ]),
  'BatchNormalization of rows': one(of('BatchNormalization'), [[4, 3], [3], [3], [3], positive(3)]),
  LayerNormalization: one(of('LayerNormalization', { axis: { int: 1 }, epsilon: { float: 0.01 } }), [
    [2, 3, 4],
    [3, 4],
    [3, 4],
  ]),
  'LayerNormalization of a scale that is repeated': one(of('LayerNormalization', { axis: { int: -2 } }), [
    [2, 3, 4],
    [4],
  ]),
  'LayerNormalization with its statistics': {
    variables: { x: [2, 3], s: [3] },
    nodes: [
      node('LayerNormalization', ['x', 's'], { outputs: ['n', 'mean', 'inverse'] }),
      node('Sum', ['n', 'mean', 'inverse']),
    ],
  },
  InstanceNormalization: one(
    of('InstanceNormalization', { epsilon: { float: 0.01 } }),
    [[2, 3, 4], [3], [3]],
    single,
  ),
  Reshape: one(of('Reshape'), [[2, 3, 4]], { constants: { s: ints(0, -1) } }),
  'Flatten to a row': one(of('Flatten', { axis: { int: 0 } }), [[2, 3]]),
  Squeeze: one(of('Squeeze'), [[1, 3, 1]], { constants: { a: ints(-1) } }),
  Unsqueeze: one(of('Unsqueeze'), [[3]], { constants: { a: ints(0, -1) } }),
  Transpose: one(of('Transpose', { perm: { ints: [2, 0, 1] } }), [[2, 3, 4]]),
  'Transpose of all axes': one(of('Transpose'), [[2, 3, 4]]),
  'Concat of one input twice': {
    variables: { x: [2, 3] },
    nodes: [node('Concat', ['x', 'x'], { attributes: { axis: { int: -1 } } })],
  },
  'Split of which one part counts': {
    variables: { x: [2, 6] },
    nodes: [
      node('Split', ['x'], { outputs: ['a', 'b', 'c'], attributes: { axis: { int: 1 } } }),
      node('Neg', ['b']),
    ],
    opset: 13,
  },
  Expand: one(of('Expand'), [[3, 1]], { constants: { s: ints(2, 1, 4) } }),
  Tile: one(of('Tile'), [[2, 3]], { constants: { r: ints(2, 3) } }),
  'Slice backwards': one(of('Slice'), [[2, 7]], {
    constants: { s: ints(6), e: ints(-100), a: ints(1), t: ints(-3) },
  }),
  'Slice in steps': one(of('Slice'), [[5, 7]], {
    constants: { s: ints(1, -6), e: ints(100, 100), a: ints(0, 1), t: ints(3, 2) },
  }),
  'Slice of nothing': one(of('Slice'), [[5]], { constants: { s: ints(3), e: ints(3) } }),
  'Pad, value too': {
    variables: { x: [2, 3], value: [] },
    constants: { p: ints(1, -1, 0, 2) },
    nodes: [node('Pad', ['x', 'p', 'value'])],
  },
  'Pad of the edge': one(of('Pad', { mode: { string: 'edge' } }), [[2, 3]], {
    constants: { p: ints(1, 2, 0, 1) },
  }),
  'Pad that reflects': one(of('Pad', { mode: { string: 'reflect' } }), [[3, 4]], {
    constants: { p: ints(1, 2, 0, 3) },
  }),
  'Pad that wraps': one(of('Pad', { mode: { string: 'wrap' } }), [[3, 4]], {
    constants: { p: ints(1, 2, 0, 3) },
    opset: 19,
  }),
  'Gather of repeated and negative places': one(of('Gather', { axis: { int: 1 } }), [[2, 4, 3]], {
    constants: { i: tensorOf('int64', [2, 2], [0, -1, 3, 0]) },
  }),
  'Gather of one place': one(of('Gather'), [[4]], { constants: { i: tensorOf('int64', [], [-2]) } }),
  ReduceSum: one(of('ReduceSum', { keepdims: { int: 0 } }), [[2, 3, 4]], { constants: { a: ints(0, -1) } }),
  'ReduceMean of all': one(of('ReduceMean', { keepdims: { int: 0 } }), [[2, 3]]),
  'ReduceMax with ties': one(of('ReduceMax'), [double([2, 3], [1, 3, 3, 2, 2, 2])], {
    constants: { a: ints(1) },
  }),
  ReduceMin: one(of('ReduceMin', { keepdims: { int: 0 } }), [[2, 3]], { constants: { a: ints(0) } }),
  ReduceL1: one(of('ReduceL1'), [[2, 3]], { constants: { a: ints(1) } }),
  ReduceL2: one(of('ReduceL2'), [[2, 3]], { constants: { a: ints(1) } }),
  'ReduceL2 at 0': one(of('ReduceL2'), [double([1, 1], [0])], { constants: { a: ints(1) } }),
  ReduceSumSquare: one(of('ReduceSumSquare', { keepdims: { int: 0 } }), [[2, 3]]),
  ReduceLogSumExp: one(of('ReduceLogSumExp'), [[2, 3]], { constants: { a: ints(1) } }),
  'an unused variable': { variables: { x: [2], unused: [3] }, nodes: [node('Neg', ['x'])] },
  'a tensor on two ways': {
    variables: { x: [2, 3] },
    nodes: [
      node('Tanh', ['x'], { outputs: ['t'] }),
      node('Exp', ['t'], { outputs: ['e'] }),
      node('Mul', ['e', 't'], { outputs: ['p'] }),
      node('Add', ['p', 'x']),
    ],
  },
};

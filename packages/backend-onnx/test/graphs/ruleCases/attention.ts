import { tensorOf, type Attribute, type Tensor } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { double, of, one, single, type RuleCase } from './ruleCase.ts';

type Attributes = Readonly<Record<string, Attribute>>;

const truths = (shape: readonly number[], ...values: readonly number[]): Tensor =>
  tensorOf('bool', shape, values);

/** What {@link attention} leaves out or adds. */
interface AttentionCase extends Partial<RuleCase> {
  readonly attributes?: Attributes;
  readonly mask?: Tensor;
  readonly lengths?: Tensor;
  readonly past?: true;
  /** Adds the fourth output, as the mode says. */
  readonly mode?: number;
  readonly shapes?: readonly (readonly number[])[];
}

/** Attention of the standard operator set; all of its outputs count. */
function attention(given: AttentionCase = {}): RuleCase {
  const { attributes = {}, mask, lengths, past, mode, shapes, ...rest } = given;
  const [q = [], k = [], v = []] = shapes ?? [
    [2, 2, 3, 4],
    [2, 2, 3, 4],
    [2, 2, 3, 2],
  ];
  const before = { pastKey: [2, 2, 2, 4], pastValue: [2, 2, 2, 2] };
  const cache = past === undefined ? ['', ''] : ['pastKey', 'pastValue'];
  return {
    variables: { q, k, v, ...(past && before) },
    constants: { ...(mask && { mask }), ...(lengths && { lengths }) },
    nodes: [
      node('Attention', ['q', 'k', 'v', mask ? 'mask' : '', ...cache, ...(lengths ? ['lengths'] : [])], {
        outputs: [
          'y',
          ...(past || mode !== undefined ? ['key', 'value'] : []),
          ...(mode === undefined ? [] : ['w']),
        ],
        attributes: { ...attributes, ...(mode !== undefined && { qk_matmul_output_mode: { int: mode } }) },
      }),
    ],
    outputs: ['y', ...(past ? ['key', 'value'] : []), ...(mode === undefined ? [] : ['w'])],
    opset: 24,
    ...rest,
  };
}

const flat = { q_num_heads: { int: 4 }, kv_num_heads: { int: 2 } };
const flatShapes = [
  [2, 3, 12],
  [2, 4, 6],
  [2, 4, 4],
];
const causal = { is_causal: { int: 1 } };

const standard: Readonly<Record<string, RuleCase>> = {
  Attention: attention(),
  'Attention of operator set 23': attention({ opset: 23 }),
  'Attention of heads in one axis, in groups': attention({ attributes: flat, shapes: flatShapes }),
  'Attention of heads in groups, with a scale and a softcap': attention({
    attributes: { scale: { float: 0.7 }, softcap: { float: 0.8 } },
    shapes: [
      [1, 6, 2, 4],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  }),
  'Attention that is causal': attention({ attributes: causal }),
  'Attention that is causal, to fewer keys': attention({
    attributes: causal,
    shapes: [
      [1, 2, 4, 4],
      [1, 2, 2, 4],
      [1, 2, 2, 4],
    ],
  }),
  'Attention with truth values, and a query without a key': attention({
    mask: truths([3, 3], 1, 0, 1, 0, 0, 0, 1, 1, 0),
    mode: 3,
  }),
  'Attention with truth values that are causal': attention({
    attributes: causal,
    mask: truths([2, 1, 3, 3], 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1),
  }),
  'Attention with a mask of real numbers': attention({
    mask: double([2, 3, 3], [0, 1, -2, 0.5, 0, 0, -4, 1, 2, 0, 1, 1, -1, -1, 0, 2, 0, 1]),
    mode: 2,
  }),
  'Attention with a mask of real numbers that is causal, and a query without a key': attention({
    attributes: causal,
    mask: double([3, 3], [-Infinity, 1, -2, 0.5, 0, 0, 0, 1, 2]),
  }),
  'Attention with a mask that varies': {
    variables: { q: [1, 2, 3, 4], k: [1, 2, 3, 4], v: [1, 2, 3, 2], mask: [1, 2, 3, 3] },
    nodes: [node('Attention', ['q', 'k', 'v', 'mask'])],
    opset: 24,
  },
  'Attention after others': attention({ past: true }),
  'Attention after others that is causal, before its softcap': attention({
    attributes: { ...causal, softcap: { float: 2 } },
    past: true,
    mode: 0,
  }),
  'Attention after its softcap, in a wider type': attention({
    attributes: { softcap: { float: 0.5 }, softmax_precision: { int: 11 } },
    mode: 1,
  }),
  'Attention to sequences of some lengths': attention({ lengths: ints(2, 3) }),
  'Attention to sequences of some lengths that is causal': attention({
    attributes: causal,
    lengths: ints(2, 3),
    shapes: [
      [2, 2, 2, 4],
      [2, 2, 3, 4],
      [2, 2, 3, 2],
    ],
  }),
  'Attention to a window': {
    ...attention({
      attributes: { left_window_size: { int: 1 }, right_window_size: { int: 0 } },
      opset: 25,
      engineLacks: 'it has no kernel for operator set 25',
    }),
    constants: { window: truths([3, 3], 1, 0, 0, 1, 1, 0, 0, 1, 1) },
    instead: [node('Attention', ['q', 'k', 'v', 'window'])],
  },
};

const rotation = {
  cos: double([3, 2], [1, 0.8, 0.5, 0.9, -0.3, 0.6]),
  sin: double([3, 2], [0, 0.6, 0.7, -0.4, 0.9, 0.8]),
};
const angles = (name: 'cos' | 'sin'): Tensor =>
  double([2, 2, 2], [...Array.from({ length: 8 }, (_, index) => Math[name](index + 0.3))]);

const rotary: Readonly<Record<string, RuleCase>> = {
  RotaryEmbedding: one(of('RotaryEmbedding'), [[2, 3, 2, 4]], {
    constants: { cos: angles('cos'), sin: angles('sin') },
    opset: 23,
  }),
  'RotaryEmbedding of neighbors, partly, in one axis': one(
    of('RotaryEmbedding', {
      num_heads: { int: 2 },
      interleaved: { int: 1 },
      rotary_embedding_dim: { int: 4 },
    }),
    [[2, 2, 12]],
    { constants: { ...rotation, places: tensorOf('int64', [2, 2], [2, 0, 1, 1]) }, opset: 23 },
  ),
  'RotaryEmbedding with angles that vary': one(
    of('RotaryEmbedding'),
    [
      [1, 2, 2, 4],
      [1, 2, 2],
      [1, 2, 2],
    ],
    {
      opset: 23,
    },
  ),
  'RotaryEmbedding of com.microsoft, by places': {
    variables: { x: [2, 2, 8] },
    constants: { ...rotation, places: tensorOf('int64', [2, 2], [2, 0, 1, 1]) },
    nodes: [node('com.microsoft.RotaryEmbedding', ['x', 'places', 'cos', 'sin'])],
  },
  'RotaryEmbedding of com.microsoft, from a place on, partly': {
    variables: { x: [2, 2, 2, 6] },
    constants: { ...rotation, places: ints(1) },
    nodes: [
      node('com.microsoft.RotaryEmbedding', ['x', 'places', 'cos', 'sin'], {
        attributes: { interleaved: { int: 1 }, rotary_embedding_dim: { int: 4 }, num_heads: { int: 2 } },
      }),
    ],
  },
};

/** Attention and rotary embeddings. */
export const attentionCases: Readonly<Record<string, RuleCase>> = {
  ...standard,
  ...rotary,
  TensorScatter: one(
    of('TensorScatter'),
    [
      [2, 4, 3],
      [2, 2, 3],
    ],
    { opset: 24 },
  ),
  'TensorScatter at a place': one(
    of('TensorScatter', { axis: { int: 1 } }),
    [
      [2, 4, 3],
      [2, 2, 3],
    ],
    {
      constants: { places: ints(1, 2) },
      opset: 24,
    },
  ),
  'TensorScatter over the end': one(
    of('TensorScatter', { mode: { string: 'circular' } }),
    [
      [2, 4, 3],
      [2, 2, 3],
    ],
    { constants: { places: ints(3, 1) }, opset: 24 },
  ),
  Hardmax: one(of('Hardmax', { axis: { int: 0 } }), [[3, 2]], single),
  'Hardmax of the rows of a matrix': one(of('Hardmax'), [[2, 2, 3]], { ...single, opset: 11 }),
};

import { tensorOf, type Attribute, type Tensor } from '@edjm/onnx-autodiff';
import { ints, node } from '../smallGraphs.ts';
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
  'RotaryEmbedding of neighbours, partly, in one axis': one(
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

const heads = { num_heads: { int: 2 } };
const counts = (shape: readonly number[], ...values: readonly number[]): Tensor =>
  tensorOf('int32', shape, values);

/** Attention of com.microsoft on [2, 3, 4] with packed weights; further inputs by name, in order, '' for none. */
function packed(
  attributes: Attributes,
  rest: { readonly constants?: Readonly<Record<string, Tensor>>; readonly inputs?: readonly string[] } = {},
  variables: RuleCase['variables'] = {},
): RuleCase {
  const { constants = {}, inputs = [] } = rest;
  return {
    variables: { x: [2, 3, 4], w: [4, 12], b: [12], ...variables },
    constants,
    nodes: [
      node('com.microsoft.Attention', ['x', 'w', 'b', ...inputs], {
        attributes: { ...heads, ...attributes },
      }),
    ],
  };
}

const apart = { engineLacks: 'it takes queries, keys and values apart on a CPU' } as const;

/** The parts of [B, S, H, parts, D], flat. */
const partsOf = (packed: string, names: readonly string[]): RuleCase['nodes'] => [
  node('Split', [packed], {
    outputs: names.map((name) => `${name} open`),
    attributes: { axis: { int: 3 }, num_outputs: { int: names.length } },
  }),
  ...names.map((name) => node('Reshape', [`${name} open`, 'flat'], { outputs: [name] })),
];

const microsoft: Readonly<Record<string, RuleCase>> = {
  'Attention of com.microsoft': packed({}),
  'Attention of com.microsoft that is causal, with a scale': packed({
    unidirectional: { int: 1 },
    scale: { float: 0.3 },
  }),
  'Attention of com.microsoft with lengths': packed(
    { mask_filter_value: { float: -3 } },
    { inputs: ['mask'], constants: { mask: counts([2], 2, 3) } },
  ),
  'Attention of com.microsoft with ends and starts': packed(
    {},
    { inputs: ['mask'], constants: { mask: counts([4], 3, 2, 1, 0) } },
  ),
  'Attention of com.microsoft with a padding mask': packed(
    { unidirectional: { int: 1 } },
    { inputs: ['mask'], constants: { mask: counts([2, 3], 0, 1, 1, 1, 1, 0) } },
  ),
  'Attention of com.microsoft with a mask for every query, and a bias': packed(
    {},
    {
      inputs: ['mask', '', 'bias'],
      constants: { mask: counts([2, 3, 3], 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0) },
    },
    { bias: [1, 2, 3, 3] },
  ),
  'Attention of com.microsoft with a mask of one column': packed(
    {},
    { inputs: ['mask'], constants: { mask: counts([2, 1], 0, 1) } },
  ),
  'Attention of com.microsoft after others': {
    variables: { x: [2, 3, 4], w: [4, 12], b: [12], past: [2, 2, 2, 2, 2] },
    nodes: [
      node('com.microsoft.Attention', ['x', 'w', 'b', '', 'past'], {
        outputs: ['y', 'present'],
        attributes: { ...heads, unidirectional: { int: 1 } },
      }),
    ],
    outputs: ['y', 'present'],
  },
  'Attention of com.microsoft with values of another size': {
    variables: { x: [1, 3, 4], w: [4, 14], b: [14] },
    nodes: [
      node('com.microsoft.Attention', ['x', 'w', 'b'], {
        attributes: { ...heads, qkv_hidden_sizes: { ints: [4, 4, 6] } },
      }),
    ],
  },
  MultiHeadAttention: one(of('com.microsoft.MultiHeadAttention', heads), [
    [2, 3, 4],
    [2, 2, 4],
    [2, 2, 6],
    [14],
  ]),
  'MultiHeadAttention that is causal, with a scale': one(
    of('com.microsoft.MultiHeadAttention', { ...heads, unidirectional: { int: 1 }, scale: { float: 0.3 } }),
    [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
  ),
  'MultiHeadAttention with a padding mask, a bias and others before': {
    variables: {
      q: [2, 3, 4],
      k: [2, 2, 4],
      v: [2, 2, 4],
      bias: [2, 2, 3, 4],
      pastKey: [2, 2, 2, 2],
      pastValue: [2, 2, 2, 2],
    },
    constants: { mask: counts([2, 4], 1, 1, 0, 1, 1, 0, 1, 1) },
    nodes: [
      node('com.microsoft.MultiHeadAttention', ['q', 'k', 'v', '', 'mask', 'bias', 'pastKey', 'pastValue'], {
        outputs: ['y', 'key', 'value'],
        attributes: heads,
      }),
    ],
    outputs: ['y', 'key', 'value'],
  },
  'MultiHeadAttention with lengths, to keys in heads': {
    variables: { q: [2, 3, 4], k: [2, 2, 3, 2], v: [2, 2, 3, 2] },
    constants: { mask: counts([2], 2, 3) },
    nodes: [node('com.microsoft.MultiHeadAttention', ['q', 'k', 'v', '', 'mask'], { attributes: heads })],
  },
  'MultiHeadAttention of all in one': {
    variables: { qkv: [2, 3, 2, 3, 4] },
    constants: { flat: ints(2, 3, 8) },
    nodes: [node('com.microsoft.MultiHeadAttention', ['qkv'], { attributes: heads })],
    ...apart,
    instead: [
      ...partsOf('qkv', ['q', 'k', 'v']),
      node('com.microsoft.MultiHeadAttention', ['q', 'k', 'v'], { attributes: heads }),
    ],
  },
  'MultiHeadAttention of keys and values in one': {
    variables: { q: [2, 3, 4], kv: [2, 2, 2, 2, 2] },
    constants: { flat: ints(2, 2, 4) },
    nodes: [node('com.microsoft.MultiHeadAttention', ['q', 'kv'], { attributes: heads })],
    ...apart,
    instead: [
      ...partsOf('kv', ['k', 'v']),
      node('com.microsoft.MultiHeadAttention', ['q', 'k', 'v'], { attributes: heads }),
    ],
  },
};

const grouped = { num_heads: { int: 4 }, kv_num_heads: { int: 2 } };

/** The angles of three positions, for heads of size 16. */
const wideRotation = {
  cos: double(
    [3, 8],
    Array.from({ length: 24 }, (_, index) => Math.cos(index + 0.3)),
  ),
  sin: double(
    [3, 8],
    Array.from({ length: 24 }, (_, index) => Math.sin(index + 0.3)),
  ),
};

/** GroupQueryAttention of 4 and 2 heads of size 16, the smallest that the engine takes. */
function groupQuery(
  attributes: Attributes,
  given: Partial<RuleCase> & { readonly inputs?: readonly string[] } = {},
): RuleCase {
  const { inputs = [], constants = {}, ...rest } = given;
  return {
    variables: { q: [2, 3, 64], k: [2, 3, 32], v: [2, 3, 32] },
    constants: { lengths: counts([2], 2, 2), total: counts([], 3), ...constants },
    nodes: [
      node('com.microsoft.GroupQueryAttention', ['q', 'k', 'v', '', '', 'lengths', 'total', ...inputs], {
        outputs: ['y', 'key', 'value'],
        attributes: { ...grouped, ...attributes },
      }),
    ],
    ...rest,
  };
}

const groupQueries: Readonly<Record<string, RuleCase>> = {
  GroupQueryAttention: groupQuery({}),
  'GroupQueryAttention in a window, with a scale and a softcap': groupQuery({
    local_window_size: { int: 2 },
    scale: { float: 0.4 },
    softcap: { float: 0.9 },
  }),
  'GroupQueryAttention that turns': groupQuery(
    { do_rotary: { int: 1 } },
    { inputs: ['cos', 'sin'], constants: wideRotation, outputs: ['y', 'key'] },
  ),
  'GroupQueryAttention that turns neighbours': groupQuery(
    { do_rotary: { int: 1 }, rotary_interleaved: { int: 1 } },
    { inputs: ['cos', 'sin'], constants: wideRotation, outputs: ['y', 'key'] },
  ),
  'GroupQueryAttention of all in one, with a bias': {
    variables: { q: [2, 3, 128], bias: [1, 4, 3, 3] },
    constants: { lengths: counts([2], 2, 2), total: counts([], 3) },
    nodes: [
      node(
        'com.microsoft.GroupQueryAttention',
        ['q', '', '', '', '', 'lengths', 'total', '', '', '', 'bias'],
        { outputs: ['y', 'key', 'value'], attributes: grouped },
      ),
    ],
  },
  'GroupQueryAttention after others': {
    variables: {
      q: [2, 1, 64],
      k: [2, 1, 32],
      v: [2, 1, 32],
      pastKey: [2, 2, 2, 16],
      pastValue: [2, 2, 2, 16],
    },
    constants: { lengths: counts([2], 2, 2), total: counts([], 3), ...wideRotation },
    nodes: [
      node(
        'com.microsoft.GroupQueryAttention',
        ['q', 'k', 'v', 'pastKey', 'pastValue', 'lengths', 'total', 'cos', 'sin'],
        { outputs: ['y', 'key', 'value'], attributes: { ...grouped, do_rotary: { int: 1 } } },
      ),
    ],
    outputs: ['y', 'key', 'value'],
  },
  'GroupQueryAttention with a sink': groupQuery(
    {},
    {
      inputs: ['', '', '', '', 'sink'],
      variables: { q: [2, 3, 64], k: [2, 3, 32], v: [2, 3, 32], sink: [4] },
    },
  ),
  'GroupQueryAttention with a smooth softmax': groupQuery({ smooth_softmax: { int: 1 } }),
};

/** Attention and rotary embeddings. */
export const attentionCases: Readonly<Record<string, RuleCase>> = {
  ...standard,
  ...rotary,
  ...microsoft,
  ...groupQueries,
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

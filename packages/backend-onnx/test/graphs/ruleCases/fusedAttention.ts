import { tensorOf, type Attribute, type Tensor } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { double, of, one, type RuleCase } from './ruleCase.ts';

type Attributes = Readonly<Record<string, Attribute>>;

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
  'GroupQueryAttention that turns neighbors': groupQuery(
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

/** Attention as ONNX Runtime fuses it. */
export const fusedAttentionCases: Readonly<Record<string, RuleCase>> = { ...microsoft, ...groupQueries };

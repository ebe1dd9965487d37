import { tensorOf, type Tensor } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { of, one, single, type RuleCase } from './ruleCase.ts';

/** For operators that the engine runs on other devices alone, with nodes of the same meaning. */
const elsewhere = (...instead: RuleCase['nodes']) =>
  ({ engineLacks: 'it has no kernel for a CPU', instead, opset: 21 }) as const;
/** For smooth functions that the engine has in float32 alone. */
const bent = { ...single, isBent: true } as const;

const words = (...values: readonly number[]): Tensor => tensorOf('int32', [2, values.length / 2], values);

const activations: Readonly<Record<string, RuleCase>> = {
  'com.microsoft.Gelu': one(of('com.microsoft.Gelu'), [[8]], bent),
  BiasGelu: one(of('com.microsoft.BiasGelu'), [[2, 4], [4]], bent),
  FastGelu: one(of('com.microsoft.FastGelu'), [[8]]),
  'FastGelu with a bias': one(of('com.microsoft.FastGelu'), [[2, 4], [4]]),
  QuickGelu: one(of('com.microsoft.QuickGelu'), [[8]], bent),
  'QuickGelu with alpha': one(of('com.microsoft.QuickGelu', { alpha: { float: 0.5 } }), [[8]], bent),
  BiasSplitGelu: one(of('com.microsoft.BiasSplitGelu'), [[2, 2, 6], [6]], {
    ...bent,
    ...elsewhere(
      node('Add', ['v0', 'v1'], { outputs: ['sum'] }),
      node('Split', ['sum'], {
        outputs: ['a', 'c'],
        attributes: { axis: { int: -1 }, num_outputs: { int: 2 } },
      }),
      node('Gelu', ['c'], { outputs: ['gate'] }),
      node('Mul', ['a', 'gate']),
    ),
  }),
  BiasAdd: one(
    of('com.microsoft.BiasAdd'),
    [[2, 2, 3], [3], [2, 2, 3]],
    elsewhere(node('Sum', ['v0', 'v1', 'v2'])),
  ),
  GatedAdd: one(of('com.microsoft.GatedAdd'), [
    [2, 3],
    [2, 3],
    [2, 1],
  ]),
  BiasSoftmax: {
    variables: { x: [2, 2, 2, 3], mask: [2, 1, 1, 3] },
    constants: { rows: ints(2, 2, 6), shape: ints(2, 2, 2, 3) },
    nodes: [
      node('com.microsoft.BiasSoftmax', ['x', 'mask'], {
        attributes: { axis: { int: 2 }, is_inner_broadcast: { int: 1 } },
      }),
    ],
    ...elsewhere(
      node('Add', ['x', 'mask'], { outputs: ['sum'] }),
      node('Reshape', ['sum', 'rows'], { outputs: ['flat'] }),
      node('Softmax', ['flat'], { outputs: ['p'] }),
      node('Reshape', ['p', 'shape']),
    ),
  },
  BiasDropout: one(
    of('com.microsoft.BiasDropout'),
    [[2, 3], [3], [2, 3]],
    elsewhere(node('Sum', ['v0', 'v1', 'v2'])),
  ),
  'BiasDropout without a residual': {
    variables: { x: [2, 3], b: [3] },
    constants: { ratio: tensorOf('float32', [], [0.3]), training: tensorOf('bool', [], [0]) },
    nodes: [
      node('com.microsoft.BiasDropout', ['x', 'b', '', 'ratio', 'training'], { outputs: ['sum', 'mask'] }),
      node('Where', ['mask', 'sum', 'x']),
    ],
    ...elsewhere(node('Add', ['x', 'b'])),
  },
  BitmaskBiasDropout: one(
    of('com.microsoft.BitmaskBiasDropout'),
    [[2, 3], [3]],
    elsewhere(node('Add', ['v0', 'v1'])),
  ),
  BitmaskDropout: one(of('com.microsoft.BitmaskDropout'), [[2, 3]], elsewhere(node('Identity', ['v0']))),
};

const normalizations: Readonly<Record<string, RuleCase>> = {
  SkipLayerNormalization: {
    variables: { x: [2, 2, 3], skip: [2, 2, 3], scale: [3], shift: [3], bias: [3] },
    nodes: [
      node('com.microsoft.SkipLayerNormalization', ['x', 'skip', 'scale', 'shift', 'bias'], {
        outputs: ['y', '', '', 'sum'],
        attributes: { epsilon: { float: 0.01 } },
      }),
    ],
    outputs: ['y', 'sum'],
  },
  'SkipLayerNormalization of a skip that is repeated': one(of('com.microsoft.SkipLayerNormalization'), [
    [2, 2, 3],
    [2, 3],
    [3],
    [3],
  ]),
  SkipSimplifiedLayerNormalization: {
    variables: { x: [2, 2, 3], skip: [2, 2, 3], scale: [3], bias: [3] },
    nodes: [
      node('com.microsoft.SkipSimplifiedLayerNormalization', ['x', 'skip', 'scale', 'bias'], {
        outputs: ['y', '', '', 'sum'],
        attributes: { epsilon: { float: 0.01 } },
      }),
    ],
    outputs: ['y', 'sum'],
  },
  EmbedLayerNormalization: {
    variables: { words: [5, 3], places: [4, 3], segments: [2, 3], scale: [3], shift: [3] },
    constants: {
      ids: words(1, 4, 0, 2, 2, 3),
      parts: words(0, 1, 1, 0, 0, 1),
      mask: words(1, 1, 0, 1, 1, 1),
    },
    nodes: [
      node(
        'com.microsoft.EmbedLayerNormalization',
        ['ids', 'parts', 'words', 'places', 'segments', 'scale', 'shift', 'mask'],
        { outputs: ['y', 'counts', 'sum'], attributes: { epsilon: { float: 0.01 } } },
      ),
    ],
    outputs: ['y', 'sum'],
  },
  'EmbedLayerNormalization by places, without segments': {
    variables: { words: [5, 3], places: [4, 3], scale: [3], shift: [3] },
    constants: { ids: words(1, 4, 0, 2, 2, 3), at: words(3, 1, 0, 2, 2, 1) },
    nodes: [
      node(
        'com.microsoft.EmbedLayerNormalization',
        ['ids', '', 'words', 'places', '', 'scale', 'shift', '', 'at'],
        {
          outputs: ['y', 'counts'],
        },
      ),
    ],
  },
  GroupNorm: one(
    of('com.microsoft.GroupNorm', { groups: { int: 2 }, activation: { int: 1 } }),
    [[2, 2, 3, 4], [4], [4]],
    elsewhere(
      node('Transpose', ['v0'], { outputs: ['first'], attributes: { perm: { ints: [0, 3, 1, 2] } } }),
      node('GroupNormalization', ['first', 'v1', 'v2'], {
        outputs: ['n'],
        attributes: { num_groups: { int: 2 } },
      }),
      node('Sigmoid', ['n'], { outputs: ['gate'] }),
      node('Mul', ['n', 'gate'], { outputs: ['gated'] }),
      node('Transpose', ['gated'], { attributes: { perm: { ints: [0, 2, 3, 1] } } }),
    ),
  ),
  'GroupNorm of channels first': one(
    of('com.microsoft.GroupNorm', {
      groups: { int: 2 },
      activation: { int: 0 },
      channels_last: { int: 0 },
    }),
    [[2, 4, 2, 3], [4], [4]],
    elsewhere(node('GroupNormalization', ['v0', 'v1', 'v2'], { attributes: { num_groups: { int: 2 } } })),
  ),
  SkipGroupNorm: {
    variables: { x: [2, 2, 3, 4], scale: [4], shift: [4], skip: [2, 4], bias: [4] },
    constants: { open: ints(2, 1, 1, 4) },
    nodes: [
      node('com.microsoft.SkipGroupNorm', ['x', 'scale', 'shift', 'skip', 'bias'], {
        outputs: ['y', 'sum'],
        attributes: { groups: { int: 2 }, activation: { int: 0 } },
      }),
    ],
    outputs: ['y', 'sum'],
    ...elsewhere(
      node('Reshape', ['skip', 'open'], { outputs: ['aligned'] }),
      node('Sum', ['x', 'aligned', 'bias'], { outputs: ['sum'] }),
      node('Transpose', ['sum'], { outputs: ['first'], attributes: { perm: { ints: [0, 3, 1, 2] } } }),
      node('GroupNormalization', ['first', 'scale', 'shift'], {
        outputs: ['n'],
        attributes: { num_groups: { int: 2 } },
      }),
      node('Transpose', ['n'], { attributes: { perm: { ints: [0, 2, 3, 1] } } }),
    ),
  },
};

const products: Readonly<Record<string, RuleCase>> = {
  FusedMatMul: one(
    of('com.microsoft.FusedMatMul', { transA: { int: 1 }, transB: { int: 1 }, alpha: { float: 0.5 } }),
    [
      [2, 3, 2],
      [4, 3],
    ],
  ),
  'FusedMatMul of batches that are transposed': one(
    of('com.microsoft.FusedMatMul', { transBatchA: { int: 1 }, transBatchB: { int: 1 }, transB: { int: 1 } }),
    [
      [3, 2, 4],
      [5, 2, 4],
    ],
  ),
  'FusedMatMul of batches of two axes': one(
    of('com.microsoft.FusedMatMul', { transBatchA: { int: 1 }, transA: { int: 1 } }),
    [
      [3, 2, 2, 4],
      [2, 2, 3, 2],
    ],
  ),
  'FusedMatMul of a row': one(of('com.microsoft.FusedMatMul'), [[3], [3, 2]]),
  TransposeMatMul: one(of('com.microsoft.TransposeMatMul', { transA: { int: 1 } }), [
    [3, 2],
    [3, 4],
  ]),
  FusedMatMulActivation: one(
    of('com.microsoft.FusedMatMulActivation', {
      activation: { string: 'LeakyRelu' },
      activation_alpha: { float: 0.3 },
    }),
    [
      [2, 3],
      [3, 2],
    ],
    elsewhere(
      node('MatMul', ['v0', 'v1'], { outputs: ['product'] }),
      node('LeakyRelu', ['product'], { attributes: { alpha: { float: 0.3 } } }),
    ),
  ),
  FusedGemm: one(
    of('com.microsoft.FusedGemm', {
      transB: { int: 1 },
      alpha: { float: 0.5 },
      beta: { float: 2 },
      activation: { string: 'Tanh' },
    }),
    [[2, 3], [4, 3], [4]],
  ),
  'FusedGemm with a slope': one(
    of('com.microsoft.FusedGemm', {
      activation: { string: 'LeakyRelu' },
      activation_alpha: { float: 0.2 },
    }),
    [
      [2, 3],
      [3, 2],
    ],
  ),
  GemmFastGelu: one(
    of('com.microsoft.GemmFastGelu'),
    [[2, 3], [3, 2], [2]],
    elsewhere(
      node('Gemm', ['v0', 'v1', 'v2'], { outputs: ['sum'] }),
      node('Gelu', ['sum'], { attributes: { approximate: { string: 'tanh' } } }),
    ),
  ),
  FusedConv: one(
    of('com.microsoft.FusedConv', { activation: { string: 'Tanh' }, auto_pad: { string: 'SAME_UPPER' } }),
    [[1, 2, 4, 4], [3, 2, 2, 2], [3], [1, 3, 4, 4]],
    bent,
  ),
  'FusedConv with numbers': one(
    of('com.microsoft.FusedConv', {
      activation: { string: 'HardSigmoid' },
      activation_params: { floats: [0.3, 0.4] },
      strides: { ints: [2, 1] },
    }),
    [
      [1, 2, 4, 4],
      [3, 2, 2, 2],
    ],
    single,
  ),
  'FusedConv with bounds': one(
    of('com.microsoft.FusedConv', {
      activation: { string: 'Clip' },
      activation_params: { floats: [-0.5, 0.5] },
    }),
    [[1, 2, 4, 4], [3, 2, 2, 2], [3]],
    bent,
  ),
  NhwcConv: one(
    of('com.microsoft.NhwcConv', { pads: { ints: [1, 0, 1, 0] } }),
    [[1, 4, 4, 2], [3, 2, 3, 2], [3]],
    {
      ...single,
      ...elsewhere(
        node('Transpose', ['v0'], { outputs: ['x'], attributes: { perm: { ints: [0, 3, 1, 2] } } }),
        node('Transpose', ['v1'], { outputs: ['w'], attributes: { perm: { ints: [0, 3, 1, 2] } } }),
        node('Conv', ['x', 'w', 'v2'], { outputs: ['c'], attributes: { pads: { ints: [1, 0, 1, 0] } } }),
        node('Transpose', ['c'], { attributes: { perm: { ints: [0, 2, 3, 1] } } }),
      ),
    },
  ),
  NhwcFusedConv: one(
    of('com.microsoft.NhwcFusedConv', { activation: { string: 'Sigmoid' } }),
    [[1, 4, 4, 2], [3, 2, 2, 2], [3], [1, 3, 3, 3]],
    {
      ...bent,
      ...elsewhere(
        node('Transpose', ['v0'], { outputs: ['first'], attributes: { perm: { ints: [0, 3, 1, 2] } } }),
        node('Conv', ['first', 'v1', 'v2'], { outputs: ['c'] }),
        node('Transpose', ['c'], { outputs: ['last'], attributes: { perm: { ints: [0, 2, 3, 1] } } }),
        node('Add', ['last', 'v3'], { outputs: ['sum'] }),
        node('Sigmoid', ['sum']),
      ),
    },
  ),
};

/** Operators that ONNX Runtime writes when it fuses others. */
export const fusedCases: Readonly<Record<string, RuleCase>> = {
  ...activations,
  ...normalizations,
  ...products,
};

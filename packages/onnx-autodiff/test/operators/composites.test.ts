import { describe, expect, it } from 'vitest';
import { coveredOperators, GraphBuilder, tensorOf, type Attribute, type Tensor } from '../../src/index.ts';
import { floats, graphOf, ints, node } from '../models.ts';

/** Inputs in order: shapes of real numbers, constants, or none. */
type Inputs = readonly (readonly number[] | Tensor | '')[];

interface Applied {
  readonly inputs: Inputs;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

const isShape = (input: Inputs[number]): input is readonly number[] => Array.isArray(input);

/** A builder that holds one operator, `'Relu'` or `'com.microsoft.Gelu'`. */
function builderOf(operator: string, applied: Applied): GraphBuilder {
  const { inputs, attributes = {}, outputs = ['y'], opset = 24 } = applied;
  const dot = operator.lastIndexOf('.');
  const names = inputs.map((input, index) => (input === '' ? '' : `input${String(index)}`));
  const source = node(operator.slice(dot + 1), names, { outputs, attributes });
  const constants = inputs.flatMap((input, index): [string, Tensor][] =>
    input === '' || isShape(input) ? [] : [[names[index]!, input]],
  );
  const opsets = new Map([
    ['', opset],
    ['com.microsoft', 1],
  ]);
  const graph = graphOf([{ ...source, domain: operator.slice(0, Math.max(0, dot)) }], {
    initializers: new Map(constants),
    opsets,
  });
  const builder = new GraphBuilder(graph, coveredOperators);
  inputs.forEach((input, index) => {
    if (isShape(input)) builder.addInput(names[index]!, { elementType: 'float32', shape: input });
  });
  for (const each of graph.nodes) builder.addSourceNode(each);
  return builder;
}

const int = (value: number) => ({ int: value });
const float = (value: number) => ({ float: value });
const text = (value: string) => ({ string: value });
const counts = (shape: readonly number[], ...values: readonly number[]) => tensorOf('int32', shape, values);
const truth = (value: number) => tensorOf('bool', [], [value]);

const heads = [1, 2, 3, 4];
const flat = [1, 3, 8];
const image = [1, 4, 3, 3];

/** GroupQueryAttention of two heads on sequences of 3. */
const groupQuery = (
  attributes: Readonly<Record<string, Attribute>>,
  { length = 3, rest = [] }: { readonly length?: number; readonly rest?: Inputs } = {},
): Applied => ({
  inputs: [flat, flat, flat, '', '', counts([1], length - 1), counts([], length), ...rest],
  attributes: { num_heads: int(2), kv_num_heads: int(2), ...attributes },
});

const refused: readonly (readonly [string, Applied, RegExp])[] = [
  [
    'Attention',
    { inputs: [heads, [1, 2, 3, 5], heads] },
    /expected queries \[B, H, S, D\], keys .* got \[1, 2, 3, 4\], \[1, 2, 3, 5\] and \[1, 2, 3, 4\]/,
  ],
  ['Attention', { inputs: [[1, 3, 3, 4], heads, heads] }, /with H a multiple of G/],
  ['Attention', { inputs: [flat, flat, flat] }, /whose size is a multiple of 0 heads, got \[1, 3, 8\]/],
  [
    'Attention',
    { inputs: [flat, flat, flat], attributes: { q_num_heads: int(3), kv_num_heads: int(2) } },
    /a multiple of 3 heads/,
  ],
  [
    'Attention',
    { inputs: [heads, heads, heads, '', heads] },
    /past_key and past_value together.*one of them/,
  ],
  [
    'Attention',
    { inputs: [heads, heads, heads, '', heads, heads, ints(3)] },
    /without nonpad_kv_seqlen, got all three/,
  ],
  [
    'Attention',
    {
      inputs: [heads, heads, heads],
      attributes: { qk_matmul_output_mode: int(4) },
      outputs: ['y', '', '', 'w'],
    },
    /expected a qk_matmul_output_mode from 0 to 3, got 4/,
  ],
  ['RotaryEmbedding', { inputs: [heads, [1, 3, 3], [1, 3, 3]] }, /pairs, at most 2, got \[1, 1, 3, 3\]/],
  ['RotaryEmbedding', { inputs: [heads, [1, 3, 2], [1, 3, 1]] }, /as many cosines and sines/],
  ['RotaryEmbedding', { inputs: [flat, [1, 3, 2], [1, 3, 2]] }, /num_heads that divide the size.*0 heads/],
  [
    'com.microsoft.RotaryEmbedding',
    { inputs: [heads, ints(0), [3, 2], [3, 2]], attributes: { scale: float(2) } },
    /expected no scale and no packed batch, got a scale of 2/,
  ],
  [
    'TensorScatter',
    { inputs: [heads, [1, 2, 4, 4]] },
    /fit a cache of shape \[1, 2, 3, 4\] along axis 2, got \[1, 2, 4, 4\]/,
  ],
  [
    'com.microsoft.Attention',
    { inputs: [flat, [8, 24], [24]], attributes: { num_heads: int(2), do_rotary: int(1) } },
    /without rotary embeddings of its own/,
  ],
  [
    'com.microsoft.Attention',
    {
      inputs: [flat, [8, 24], [24], '', '', '', counts([], 1)],
      attributes: { num_heads: int(2) },
    },
    /expected no past_sequence_length, got one/,
  ],
  [
    'com.microsoft.Attention',
    { inputs: [flat, [8, 24], [24], counts([5], 1, 1, 1, 1, 1)], attributes: { num_heads: int(2) } },
    /expected a mask of lengths \[1\].* got \[5\]/,
  ],
  [
    'com.microsoft.MultiHeadAttention',
    {
      inputs: [flat, flat, flat, '', '', '', '', '', '', counts([1, 1, 1], 0)],
      attributes: { num_heads: int(2) },
    },
    /expected no cache_indirection/,
  ],
  [
    'com.microsoft.GroupQueryAttention',
    groupQuery({ local_window_size: int(0) }),
    /from 1 on, or -1 for none/,
  ],
  [
    'com.microsoft.GroupQueryAttention',
    groupQuery({ k_quant_type: text('PER_TENSOR') }),
    /got quantized ones/,
  ],
  ['com.microsoft.GroupQueryAttention', groupQuery({ sliding_window_cache: int(1) }), /size of the window/],
  [
    'com.microsoft.GroupQueryAttention',
    groupQuery({}, { rest: ['', '', '', '', '', '', '', [4], [4]] }),
    /got ones that it normalizes/,
  ],
  [
    'com.microsoft.GroupQueryAttention',
    groupQuery({}, { length: 2 }),
    /expected sequences of 3 elements.* got lengths of 2, 2/,
  ],
  [
    'com.microsoft.GroupQueryAttention',
    { ...groupQuery({}), outputs: ['y', 'k', 'v', 'w'] },
    /expected no output at position 3/,
  ],
  [
    'GroupNormalization',
    { inputs: [image, [4], [4]], attributes: { num_groups: int(3) } },
    /channels in 3 groups of one size/,
  ],
  ['GroupNormalization', { inputs: [image, [4], [4]] }, /channels in 0 groups/],
  [
    'GroupNormalization',
    { inputs: [image, [3], [3]], attributes: { num_groups: int(2) } },
    /got \[1, 4, 3, 3\] and 3 scales/,
  ],
  [
    'com.microsoft.GroupNorm',
    { inputs: [[1, 3, 3, 4], [4], [4]], attributes: { groups: int(2), activation: int(2) } },
    /the activation 0 for none or 1 for SiLU, got 2/,
  ],
  ['RMSNormalization', { inputs: [[2, 3], [2]] }, /expected shapes that broadcast/],
  [
    'RMSNormalization',
    { inputs: [[2, 3], [3]], attributes: { axis: int(2) } },
    /expected an axis from -2 to 1/,
  ],
  [
    'com.microsoft.SkipLayerNormalization',
    { inputs: [flat, flat, [8]], outputs: ['y', 'mean'] },
    /expected no output at position 1/,
  ],
  ['LpNormalization', { inputs: [flat], attributes: { p: int(3) } }, /expected p = 1 or 2, got 3/],
  ['LRN', { inputs: [image] }, /expected a size from 1 on/],
  [
    'LRN',
    { inputs: [[3]], attributes: { size: int(3) } },
    /a tensor \[batch, channels, …\], got 3 and \[3\]/,
  ],
  ['MeanVarianceNormalization', { inputs: [[2, 3]] }, /expected an axis from -2 to 1, got 2/],
  [
    'com.microsoft.BiasDropout',
    { inputs: [flat, [8], '', floats([], 0.5), truth(1)] },
    /expected dropout in inference mode/,
  ],
  [
    'com.microsoft.BitmaskDropout',
    { inputs: [flat], outputs: ['y', 'mask'] },
    /expected no output at position 1/,
  ],
  [
    'com.microsoft.FusedGemm',
    {
      inputs: [
        [2, 3],
        [3, 2],
      ],
      attributes: { activation: text('Sine') },
    },
    /expected one of the activations Relu, .* got Sine/,
  ],
  ['com.microsoft.FusedConv', { inputs: [image, [2, 3, 2, 2]] }, /expected weights/],
];

describe('what operators that are written in others do not take', () => {
  it.each(refused.map((one) => [...one] as const))('%s: %o', (operator, applied, says) => {
    expect(() => builderOf(operator, applied)).toThrow(says);
  });

  it('says why the layouts of one kind of processor are not read', () => {
    const builder = builderOf('com.microsoft.nchwc.Conv', { inputs: [image, [2, 4, 2, 2]] });
    expect(() => builder.type('y')).toThrow(/laid its tensors out for one kind of processor/);
  });
});

describe('the equations of Einsum', () => {
  const equations: readonly (readonly [string, Inputs, RegExp])[] = [
    ['ij,jk->ik', [[2, 3]], /expected a term for each of 1 operands/],
    ['ij->i->j', [[2, 3]], /expected an equation such as "ij,jk->ik"/],
    ['i1->i', [[2, 3]], /expected an equation such as/],
    ['i..j->i', [[2, 3]], /expected an equation such as/],
    ['', [[2]], /expected an index for every axis/],
    ['ijk->i', [[2, 3]], /expected an index for every axis/],
    ['ijk...->i', [[2, 3]], /ellipses that stand for the same number of axes/],
    [
      '...i,...i->...',
      [
        [2, 2, 3],
        [2, 3],
      ],
      /ellipses that stand for the same number of axes/,
    ],
    [
      'ij,jk->ik',
      [
        [2, 3],
        [4, 2],
      ],
      /expected one size for the index "j"/,
    ],
    ['ij->ii', [[2, 3]], /indices of the operands, each once/],
    ['ij->ik', [[2, 3]], /indices of the operands, each once/],
    ['ii->i', [[1, 3]], /expected axes of one size for the diagonal "i", got the shape \[1, 3\]/],
    [new Array(70).fill('i').join(), new Array<number[]>(70).fill([2]), /at most 64 operands, got 70/],
  ];

  it.each(equations)('refuses %s', (equation, inputs, says) => {
    expect(() => builderOf('Einsum', { inputs, attributes: { equation: text(equation) } })).toThrow(says);
  });

  const written: readonly (readonly [string, Inputs, readonly string[]])[] = [
    [
      'bqhd,bkhd->bhqk',
      [
        [2, 5, 3, 4],
        [2, 6, 3, 4],
      ],
      ['Transpose', 'Transpose', 'MatMul'],
    ],
    [
      'ij,jk->ik',
      [
        [2, 3],
        [3, 4],
      ],
      ['MatMul'],
    ],
    [
      'ij,jk->ki',
      [
        [2, 3],
        [3, 4],
      ],
      ['MatMul', 'Transpose'],
    ],
    [
      'ij,kj->ki',
      [
        [2, 3],
        [4, 3],
      ],
      ['Transpose', 'MatMul'],
    ],
    [
      'ij,ij->ij',
      [
        [2, 3],
        [2, 3],
      ],
      ['Mul'],
    ],
    [
      'abc,cd->abd',
      [
        [2, 3, 4],
        [4, 5],
      ],
      ['MatMul'],
    ],
  ];
  it.each(written)('writes %s in few nodes', (equation, inputs, expected) => {
    const builder = builderOf('Einsum', { inputs, attributes: { equation: text(equation) } });
    const used = builder.build([builder.nameOutput('out', 'y')]).nodes.map(({ opType }) => opType);
    const moving = used.filter((opType) => opType !== 'Identity' && opType !== 'Reshape');
    expect(moving.toSorted()).toEqual([...expected].toSorted());
  });

  it('multiplies first what gives least', () => {
    const chain = { equation: text('i,ij,jk->k') };
    const builder = builderOf('Einsum', { inputs: [[50], [50, 60], [60, 70]], attributes: chain });
    const products = builder.nodes.filter(({ opType }) => opType === 'MatMul');
    expect(products.map(({ outputs }) => builder.shape(outputs[0]!))).toEqual([
      [1, 60],
      [1, 70],
    ]);
  });
});

describe('masks of attention', () => {
  const operatorsOf = (applied: Applied): readonly string[] => {
    const builder = builderOf('Attention', applied);
    return builder.build([builder.nameOutput('out', 'y')]).nodes.map(({ opType }) => opType);
  };
  const plain = operatorsOf({ inputs: [heads, heads, heads] });
  const causal = { is_causal: int(1) };

  it('are a constant if it is known that every query sees a key', () => {
    expect(operatorsOf({ inputs: [heads, heads, heads], attributes: causal })).toEqual(
      plain.toSpliced(plain.indexOf('Softmax'), 0, 'Add'),
    );
    const mask = tensorOf('bool', [3, 3], [1, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(operatorsOf({ inputs: [heads, heads, heads, mask] })).toEqual(
      plain.toSpliced(plain.indexOf('Softmax'), 0, 'Add'),
    );
  });

  it('let queries without a key give zeros', () => {
    const mask = tensorOf('bool', [3, 1], [1, 0, 1]);
    expect(operatorsOf({ inputs: [heads, heads, heads, mask] })).toContain('Where');
  });

  it('are not made for sizes that a file only describes', () => {
    const long = [1, 1, 2 ** 24, 1];
    expect(operatorsOf({ inputs: [long, long, long], attributes: causal })).toContain('Range');
  });

  it('are numbers of the widest type that the file asks for', () => {
    const inDouble = { softmax_precision: int(11) };
    const inHalf = { softmax_precision: int(10) };
    expect(operatorsOf({ inputs: [heads, heads, heads], attributes: inDouble })).toEqual(
      plain.toSpliced(plain.indexOf('Softmax') + 1, 0, 'Cast').toSpliced(plain.indexOf('Softmax'), 0, 'Cast'),
    );
    expect(operatorsOf({ inputs: [heads, heads, heads], attributes: inHalf })).toEqual(plain);
  });
});

describe('SkipLayerNormalization', () => {
  it('needs no shift', () => {
    const builder = builderOf('com.microsoft.SkipLayerNormalization', { inputs: [flat, flat, [8]] });
    expect(builder.type('y')).toEqual({ elementType: 'float32', shape: flat });
  });
});

import { jacobianRows, type OutputKind } from '@edjm/core';
import { dense, softmax } from '@edjm/network';
import { tensorOf, writeModel, type Attribute, type Graph, type Node } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { onnxBackend } from '../../src/index.ts';

type Step = readonly [
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes?: Readonly<Record<string, Attribute>>,
];

const backend = onnxBackend();
/** z = x W, six logits of four inputs. */
const weights = Array.from({ length: 24 }, (_, i) => Math.sin(2.7 * (i + 1)));
const x = Float32Array.of(0.5, -1, 0.25, 2, 1, 0.75, -0.5, -0.25);
const batch = { rows: 2, columns: 4, data: x };

const axis = (value: number) => ({ axis: { int: value } });
const ints = (...values: readonly number[]) => tensorOf('int64', [values.length], values);
const perm = (...values: readonly number[]) => ({ perm: { ints: values } });

/** A graph whose steps make y of the logits z, in some shape. */
function graphOf(steps: readonly Step[], { opset = 18, shape = [-1, 6] } = {}): Graph {
  const nodes = [
    ['MatMul', ['x', 'w'], 'flat'] as Step,
    ['Reshape', ['flat', 'shape'], 'z'] as Step,
    ...steps,
  ].map(([opType, inputs, output, attributes = {}]): Node => ({
    ...{ opType, domain: '', name: `the ${opType}`, inputs, attributes },
    outputs: output.split(','),
  }));
  const constants = {
    w: tensorOf('float32', [4, 6], weights),
    shape: ints(...shape),
    flatShape: ints(-1, 6),
    one: tensorOf('float32', [], [1]),
    low: tensorOf('float32', [], [0.01]),
    high: tensorOf('float32', [], [0.99]),
    last: ints(-1),
    first: ints(1),
    zero: ints(0),
    places: ints(2, 0),
  };
  return {
    name: 'heads',
    irVersion: 8,
    opsets: new Map([['', opset]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: ['n', 4] }],
    outputs: [{ name: 'y', elementType: 'float32' }],
    initializers: new Map(Object.entries(constants)),
    nodes,
  };
}

function logitsAt(sample: number): number[] {
  return Array.from({ length: 6 }, (_, k) =>
    [0, 1, 2, 3].reduce((sum, i) => sum + Math.fround(weights[i * 6 + k]!) * x[sample * 4 + i]!, 0),
  );
}

/** Rows of an output: Σ_j c_j ∂z_j, with the coefficients of each sample. */
function rowsBy(coefficients: (z: readonly number[]) => readonly number[]): number[] {
  return [0, 1].flatMap((sample) => {
    const c = coefficients(logitsAt(sample));
    return [0, 1, 2, 3].map((i) =>
      c.reduce((sum, value, j) => sum + value * Math.fround(weights[i * 6 + j]!), 0),
    );
  });
}

/** The coefficients of p_k, or log p_k, of a softmax over some logits. */
function ofSoftmax(group: readonly number[], k: number, log: boolean) {
  return (z: readonly number[]): number[] => {
    const sum = group.reduce((total, j) => total + Math.exp(z[j]!), 0);
    const p = (j: number) => (group.includes(j) ? Math.exp(z[j]!) / sum : 0);
    return z.map((_, j) => (log ? 1 : p(k)) * (Number(j === k) - p(j)));
  };
}

function ofSigmoid(k: number, log: boolean) {
  return (z: readonly number[]): number[] => {
    const p = 1 / (1 + Math.exp(-z[k]!));
    return z.map((_, j) => (j === k ? (log ? 1 : p) * (1 - p) : 0));
  };
}

async function rowsOf(graph: Graph, outputKind: OutputKind) {
  await using network = await backend.load(writeModel(graph), { outputKind });
  const outputs = Array.from({ length: network.dOut }, (_, k) => k);
  const rows = await jacobianRows(network, batch, outputs);
  return { network, rows: rows.map(({ data }) => Array.from(data)) };
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
}

const all = [0, 1, 2, 3, 4, 5];
const halves = [
  [0, 1, 2],
  [3, 4, 5],
];
const pairs = [
  [0, 3],
  [1, 4],
  [2, 5],
];

interface Softmax {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly shape?: readonly number[];
  readonly opset?: number;
  readonly kind?: string;
  /** The logits that are normalized together. */
  readonly groups: readonly (readonly number[])[];
  /** The logit that each output is made of, if it is not the one at its place. */
  readonly order?: readonly number[];
}

const softmaxes: readonly Softmax[] = [
  { name: 'of a matrix', steps: [['Softmax', ['z'], 'y', axis(-1)]], groups: [all] },
  { name: 'for each position', steps: [['Softmax', ['z'], 'y', axis(2)]], shape: [-1, 2, 3], groups: halves },
  { name: 'over channels', steps: [['Softmax', ['z'], 'y', axis(-2)]], shape: [-1, 2, 3], groups: pairs },
  {
    name: 'over all values, as before opset 13',
    steps: [['Softmax', ['z'], 'y']],
    shape: [-1, 2, 3],
    opset: 11,
    groups: [all],
  },
  {
    name: 'for each position, before opset 13',
    steps: [['LogSoftmax', ['z'], 'y', axis(2)]],
    shape: [-1, 2, 3],
    opset: 11,
    kind: 'log-softmax',
    groups: halves,
  },
  {
    name: 'over channels, moved to the end',
    steps: [
      ['Softmax', ['z'], 'p', axis(1)],
      ['Transpose', ['p'], 'y', perm(0, 2, 1)],
    ],
    shape: [-1, 2, 3],
    groups: pairs,
    order: [0, 3, 1, 4, 2, 5],
  },
  {
    name: 'behind reshapes, casts and identities',
    steps: [
      ['Softmax', ['z'], 'p', axis(-1)],
      ['Cast', ['p'], 'd', { to: { int: 11 } }],
      ['Cast', ['d'], 'f', { to: { int: 1 } }],
      ['Identity', ['f'], 'i'],
      ['Dropout', ['i'], 'u'],
      ['Flatten', ['u'], 'y'],
    ],
    shape: [-1, 2, 3],
    groups: halves,
  },
  {
    name: 'whose logarithm is taken',
    steps: [
      ['Softmax', ['z'], 'p', axis(-1)],
      ['Log', ['p'], 'y'],
    ],
    kind: 'log-softmax',
    groups: [all],
  },
  {
    name: 'as the exponential of its logarithm',
    steps: [
      ['LogSoftmax', ['z'], 'l', axis(-1)],
      ['Exp', ['l'], 'y'],
    ],
    groups: [all],
  },
  {
    name: 'written out',
    steps: [
      ['ReduceMax', ['z', 'last'], 'm'],
      ['Sub', ['z', 'm'], 's'],
      ['Exp', ['s'], 'e'],
      ['ReduceSum', ['e', 'last'], 't'],
      ['Div', ['e', 't'], 'y'],
    ],
    shape: [-1, 2, 3],
    groups: halves,
  },
];

describe('a softmax', () => {
  it.each(softmaxes)('$name', async ({ steps, shape, opset, kind = 'softmax', groups, order = all }) => {
    const graph = graphOf(steps, { ...(shape && { shape: [...shape] }), ...(opset && { opset }) });
    const { network, rows } = await rowsOf(graph, 'logit');
    expect(network).toMatchObject({ outputKind: 'logit', head: { kind } });
    for (const [k, logit] of order.entries()) {
      expectClose(
        rows[k]!,
        rowsBy((z) => z.map((_, j) => Number(j === logit))),
      );
    }
    for (const outputKind of ['probability', 'log-probability'] as const) {
      const found = await rowsOf(graph, outputKind);
      expect(found.network.outputKind).toBe(outputKind);
      for (const [k, logit] of order.entries()) {
        const group = groups.find((members) => members.includes(logit)) ?? [];
        expectClose(found.rows[k]!, rowsBy(ofSoftmax(group, logit, outputKind === 'log-probability')));
      }
    }
  });
});

const sigmoids: readonly (Omit<Softmax, 'groups'> & { readonly kind?: string })[] = [
  { name: 'of each value', steps: [['Sigmoid', ['z'], 'y']] },
  {
    name: 'some of whose values are picked',
    steps: [
      ['Sigmoid', ['z'], 'p'],
      ['Gather', ['p', 'places'], 'y', axis(1)],
    ],
    order: [2, 0],
  },
  {
    name: 'whose logarithm is taken',
    steps: [
      ['Sigmoid', ['z'], 'p'],
      ['Log', ['p'], 'y'],
    ],
    kind: 'log-sigmoid',
  },
  {
    name: 'written out',
    steps: [
      ['Neg', ['z'], 'm'],
      ['Exp', ['m'], 'e'],
      ['Add', ['e', 'one'], 's'],
      ['Div', ['one', 's'], 'y'],
    ],
  },
  {
    name: 'whose logarithm is a softplus',
    steps: [
      ['Neg', ['z'], 'm'],
      ['Softplus', ['m'], 's'],
      ['Neg', ['s'], 'y'],
    ],
    kind: 'log-sigmoid',
  },
];

describe('a sigmoid', () => {
  it.each(sigmoids)('$name', async ({ steps, kind = 'sigmoid', order = all }) => {
    const graph = graphOf(steps);
    const { network, rows } = await rowsOf(graph, 'logit');
    expect(network).toMatchObject({ outputKind: 'logit', head: { kind } });
    for (const [k, logit] of order.entries()) {
      expectClose(
        rows[k]!,
        rowsBy((z) => z.map((_, j) => Number(j === logit))),
      );
    }
    for (const outputKind of ['probability', 'log-probability'] as const) {
      const found = await rowsOf(graph, outputKind);
      for (const [k, logit] of order.entries()) {
        expectClose(found.rows[k]!, rowsBy(ofSigmoid(logit, outputKind === 'log-probability')));
      }
    }
  });
});

it.each<[string, readonly Step[], string]>([
  [
    'clipped',
    [
      ['Softmax', ['z'], 'p', axis(-1)],
      ['Clip', ['p', 'low', 'high'], 'y'],
    ],
    'Clip',
  ],
  [
    'divided by its sum',
    [
      ['Sigmoid', ['z'], 'p'],
      ['ReduceSum', ['p', 'last'], 's'],
      ['Div', ['p', 's'], 'y'],
    ],
    'Div',
  ],
  [
    'averaged with another',
    [
      ['Softmax', ['z'], 'p', axis(-1)],
      ['Sigmoid', ['z'], 'q'],
      ['Add', ['p', 'q'], 'y'],
    ],
    'Add',
  ],
  [
    'with its complement beside it',
    [
      ['Sigmoid', ['z'], 'p'],
      ['Sub', ['one', 'p'], 'q'],
      ['Concat', ['p', 'q'], 'y', axis(1)],
    ],
    'Concat',
  ],
  [
    'with other outputs beside it',
    [
      ['Sigmoid', ['z'], 'p'],
      ['Concat', ['p', 'z'], 'y', axis(1)],
    ],
    'Concat',
  ],
  [
    'some of whose values are picked',
    [
      ['Softmax', ['z'], 'p', axis(-1)],
      ['Gather', ['p', 'places'], 'y', axis(1)],
    ],
    'Gather',
  ],
  [
    'in part',
    [
      ['Softmax', ['z'], 'p', axis(-1)],
      ['Split', ['p'], 'y,rest', { axis: { int: 1 }, num_outputs: { int: 2 } }],
    ],
    'Split',
  ],
])('outputs that are a softmax or sigmoid %s are as they are', async (_, steps, named) => {
  const { network } = await rowsOf(graphOf(steps), 'logit');
  expect(network).toMatchObject({ outputKind: 'as-is', head: { kind: 'as-is' } });
  expect(network.head?.reason).toContain(named);
  await expect(rowsOf(graphOf(steps), 'probability')).rejects.toThrow(
    /(Softmax|Sigmoid).*--output-kind logit/,
  );
});

it.each<[string, readonly Step[]]>([
  ['a hard sigmoid', [['HardSigmoid', ['z'], 'y']]],
  [
    'a product with its sigmoid',
    [
      ['Sigmoid', ['z'], 's'],
      ['Mul', ['z', 's'], 'y'],
    ],
  ],
  ['tanh', [['Tanh', ['z'], 'y']]],
])('%s is no head', async (_, steps) => {
  const { network } = await rowsOf(graphOf(steps), 'logit');
  expect(network).toMatchObject({
    outputKind: 'logit',
    head: { kind: 'none', groups: { size: 6, stride: 1 } },
  });
});

it('a hidden sigmoid is no head, one that is an output is', async () => {
  const graph = graphOf([
    ['Sigmoid', ['z'], 'h'],
    ['MatMul', ['h', 'back'], 'y'],
  ]);
  const back = tensorOf('float32', [6, 2], weights.slice(0, 12));
  const model = writeModel({ ...graph, initializers: new Map([...graph.initializers, ['back', back]]) });
  await using hidden = await backend.load(model, { output: 'h' });
  expect(hidden.head?.kind).toBe('none');
  const [rows] = await jacobianRows(hidden, batch, [0]);
  expectClose(Array.from(rows!.data), rowsBy(ofSigmoid(0, false)));
});

it('refuses probabilities of positions without a softmax', async () => {
  const graph = graphOf([['Relu', ['z'], 'y']], { shape: [-1, 2, 3] });
  await expect(rowsOf(graph, 'probability')).rejects.toThrow(/several axes without a softmax/);
});

it.each([16, 20, 40, 100])('keeps the digits of probabilities at a gap of %d', async (gap) => {
  const identity = dense({ weight: { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) } });
  const network = { name: 'sure', inputShape: [2], layers: [identity, softmax()] };
  const one = { rows: 1, columns: 2, data: Float32Array.of(gap, 0) };
  const small = Math.exp(-gap);
  const slope = small / (1 + small) ** 2;
  for (const executionProviders of [['cpu'], ['wasm']]) {
    await using loaded = await onnxBackend({ executionProviders }).load(network, {
      outputKind: 'probability',
    });
    for (const [k, { data }] of (await jacobianRows(loaded, one, [0, 1])).entries()) {
      const sign = k === 0 ? 1 : -1;
      expect(data[0]! / slope).toBeCloseTo(sign, 6);
      expect(data[1]! / slope).toBeCloseTo(-sign, 6);
    }
  }
});

import type { DifferentiableNetwork } from '@edjm/core';
import { type Graph, type Node, tensorOf, type ValueInfo, writeModel } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { onnxBackend, type OnnxLoadOptions } from '../../src/index.ts';
import { node } from '../support/smallGraphs.ts';
import { noise } from '../support/vjpCheck.ts';

const [T, D, C] = [3, 2, 2];
const weights = noise(D * C, 7);
type Sizes = NonNullable<ValueInfo['shape']>;
const float = (name: string, shape: Sizes): ValueInfo => ({
  name,
  elementType: 'float32',
  shape,
});
const to = (...outputs: string[]) => ({ outputs });
const perm = (...axes: number[]) => ({ perm: { ints: axes } });

function model(nodes: readonly Node[], inputs: readonly ValueInfo[]): Uint8Array {
  const graph: Graph = {
    name: 'small',
    irVersion: 8,
    opsets: new Map([['', 18]]),
    inputs,
    outputs: [{ name: 'y', elementType: 'float32' }],
    initializers: new Map([
      ['w', tensorOf('float32', [D, C], weights)],
      ['zero', tensorOf('int64', [], [0])],
      ['first', tensorOf('int64', [1], [0])],
      ['flat', tensorOf('int64', [1], [T * D])],
    ]),
    nodes,
  };
  return writeModel(graph);
}

const samples = (rows: number, columns: number) => ({
  rows,
  columns,
  data: Float64Array.from(noise(rows * columns, 11)),
});

/** Outputs, and rows of all of them, by their definition. */
async function rowsOf(network: DifferentiableNetwork, n: number, columns: number) {
  const batch = samples(n, columns);
  const { data } = await network.forward(batch);
  const outputs = Array.from({ length: network.dOut }, (_, output) => output);
  const rows = (await network.jacobian?.(batch, outputs)) ?? [];
  return { outputs: [...data], rows: rows.map((matrix) => [...matrix.data]) };
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, at) => {
    expect(Math.abs(value - expected[at]!)).toBeLessThan(1e-6);
  });
}

/** y = tanh(x W), step for step: d y_tc / d x_td = (1 − y²) W_dc. */
function expectTanh({ outputs, rows }: Awaited<ReturnType<typeof rowsOf>>, n: number): void {
  const x = samples(n, T * D).data;
  const y = Array.from({ length: n * T * C }, (_, at) => {
    const [step, c] = [Math.floor(at / C), at % C];
    return Math.tanh(
      Array.from({ length: D }, (_entry, d) => x[step * D + d]! * weights[d * C + c]!).reduce(
        (a, b) => a + b,
      ),
    );
  });
  expectClose(outputs, y);
  rows.forEach((row, output) => {
    const [t, c] = [Math.floor(output / C), output % C];
    const expected = Array.from({ length: n * T * D }, (_, at) => {
      const [sample, step, d] = [Math.floor(at / (T * D)), Math.floor(at / D) % T, at % D];
      return step === t ? (1 - y[sample * T * C + output]! ** 2) * weights[d * C + c]! : 0;
    });
    expectClose(row, expected);
  });
}

const steps = [node('MatMul', ['x', 'w'], to('t')), node('Tanh', ['t'])];

describe('where the batch stands', () => {
  it.each<[string, Uint8Array, OnnxLoadOptions]>([
    ['first', model(steps, [float('x', ['n', T, D])]), {}],
    ['second', model(steps, [float('x', [T, 'n', D])]), { batchAxis: 1 }],
    ['second, with one sample', model(steps, [float('x', [T, 1, D])]), { batchAxis: 1 }],
    ['second, with four samples', model(steps, [float('x', [T, 4, D])]), { batchAxis: 1 }],
    [
      'second in the output alone',
      model(
        [
          ...steps.slice(0, 1),
          node('Tanh', ['t'], to('u')),
          node('Transpose', ['u'], { attributes: perm(1, 0, 2) }),
        ],
        [float('x', ['n', T, D])],
      ),
      {},
    ],
  ])('rows are those of the samples: %s', async (_, source, options) => {
    await using network = await onnxBackend().load(source, options);
    for (const n of [1, T, 5]) expectTanh(await rowsOf(network, n, T * D), n);
  });

  it('is found where steps are as many as probes', async () => {
    const nodes = [...steps.slice(0, 1), node('Tanh', ['t'])];
    await using network = await onnxBackend().load(model(nodes, [float('x', [2, 'n', D])]), { batchAxis: 1 });
    expect([network.dIn, network.dOut]).toEqual([2 * D, 2 * C]);
  });

  it('is refused in another place, if steps then stand for samples', async () => {
    const centered = [
      node('ReduceMean', ['x', 'first'], to('mean')),
      node('Sub', ['x', 'mean'], to('c')),
      node('MatMul', ['c', 'w'], to('t')),
      node('Tanh', ['t']),
    ];
    const source = model(centered, [float('x', ['steps', 4, D])]);
    await expect(onnxBackend().load(source)).rejects.toThrow(/samples beside it\..*\(--batch-axis AXIS\)/);
    const open = model(centered, [float('x', ['steps', 'n', D])]);
    await using network = await onnxBackend().load(open, { batchAxis: 1, inputShape: [T, D] });
    expect(network.dOut).toBe(T * C);
  });

  it.each<[string, Uint8Array]>([
    [
      'has gone with the batch of one sample',
      model(
        [...steps.slice(0, 1), node('Tanh', ['t'], to('u')), node('Reshape', ['u', 'flat'])],
        [float('x', [1, T, D])],
      ),
    ],
    [
      'was never there for one sample alone',
      model(
        [
          ...steps.slice(0, 1),
          node('Tanh', ['t'], to('u')),
          node('Flatten', ['u'], { attributes: { axis: { int: 0 } } }),
        ],
        [float('x', ['n', T, D])],
      ),
    ],
  ])('%s', async (_, source) => {
    await using network = await onnxBackend().load(source);
    for (const n of [1, 4]) expectTanh(await rowsOf(network, n, T * D), n);
  });
});

describe('a state with the batch on its second axis', () => {
  const withState = (x: Sizes, state: Sizes) =>
    model(
      [
        node('Gather', ['h', 'zero'], to('h0')),
        node('Add', ['x', 'h0'], to('s')),
        node('MatMul', ['s', 'w'], to('t')),
        node('Tanh', ['t']),
      ],
      [float('x', x), float('h', state)],
    );
  const h = [0.5, -0.25, 9, 9];

  it.each<[string, Sizes, Sizes]>([
    ['free', ['n', D], [2, 'n', D]],
    ['1 in the state', ['n', D], [2, 1, D]],
    ['1', [1, D], [2, 1, D]],
  ])('counts for every sample if the batch is %s', async (_, x, state) => {
    const n = 5;
    const { data } = samples(n, D);
    const expected = Array.from({ length: n * C }, (_entry, at) => {
      const [i, c] = [Math.floor(at / C), at % C];
      return Math.tanh(
        Array.from({ length: D }, (_d, d) => (data[i * D + d]! + h[d]!) * weights[d * C + c]!).reduce(
          (a, b) => a + b,
        ),
      );
    });
    for (const shape of [
      [2, 1, D],
      [2, D],
    ]) {
      // prettier-ignore
      await using network = await onnxBackend().load(withState(x, state), { fixed: { h: { shape, data: h } } });
      const { outputs, rows } = await rowsOf(network, n, D);
      expectClose(outputs, expected);
      rows.forEach((row, c) => {
        expectClose(
          row,
          Array.from(
            { length: n * D },
            (_entry, at) => (1 - expected[Math.floor(at / D) * C + c]! ** 2) * weights[(at % D) * C + c]!,
          ),
        );
      });
    }
  });
});

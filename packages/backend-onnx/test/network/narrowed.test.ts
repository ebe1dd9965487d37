import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EdjmError,
  jacobianRows,
  withOutputKind,
  type DenseMatrix,
  type DifferentiableNetwork,
} from '@edjm/core';
import { openDataset } from '@edjm/datasets';
import { singularValuesOfRows } from '@edjm/linalg';
import { multilayerPerceptron } from '@edjm/network';
import { tensorOf, writeModel, type Graph, type Node, type Tensor } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { networkToModel, onnxBackend, type OnnxSource } from '../../src/index.ts';
import { node } from '../support/smallGraphs.ts';
import { noise } from '../support/vjpCheck.ts';

const backend = onnxBackend();

function samples(rows: number, columns: number): DenseMatrix {
  return { rows, columns, data: Float32Array.from(noise(rows * columns, 3)) };
}

function product(a: DenseMatrix, b: DenseMatrix): Float64Array {
  const data = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const left = a.data[i * a.columns + k]!;
      for (let j = 0; j < b.columns; j++) data[i * b.columns + j]! += left * b.data[k * b.columns + j]!;
    }
  }
  return data;
}

const largestOf = (values: Iterable<number>): number => {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
};

/** h, and the largest difference between J and A W over all outputs, relative to the largest entry of J. */
async function gapOf(
  network: DifferentiableNetwork,
  batch: DenseMatrix,
): Promise<{ readonly h: number; readonly gap: number } | undefined> {
  const narrowed = await network.narrowed!();
  if (narrowed === undefined) return undefined;
  await using behind = narrowed.network;
  const all = Array.from({ length: network.dOut }, (_, index) => index);
  const whole = (await jacobianRows(network, batch, all)).map(({ data }) => data.slice());
  const gaps = (await jacobianRows(behind, batch, all)).map((rows, output) =>
    largestOf(product(rows, narrowed.matrix).map((value, index) => value - whole[output]![index]!)),
  );
  return { h: behind.dIn, gap: largestOf(gaps) / largestOf(whole.map(largestOf)) };
}

const perceptron = (dIn: number, ...hidden: readonly number[]) =>
  multilayerPerceptron({ dIn, hidden: [...hidden], dOut: 4, seed: 5 });

const weights = (shape: readonly number[], seed = 1): Tensor =>
  tensorOf(
    'float32',
    shape,
    noise(
      shape.reduce((size, dimension) => size * dimension, 1),
      seed,
    ),
  );

/** A model of x [n, 8] with y [n, …]. */
function model(nodes: readonly Node[], constants: Readonly<Record<string, Tensor>>): OnnxSource {
  const graph: Graph = {
    name: 'small',
    irVersion: 8,
    opsets: new Map([['', 18]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: ['n', 8] }],
    outputs: [{ name: 'y', elementType: 'float32' }],
    initializers: new Map(Object.entries(constants)),
    nodes,
  };
  return writeModel(graph);
}

const to = (name: string) => ({ outputs: [name] });

describe('a narrowed network', () => {
  it('has rows that give those of the whole when multiplied by W', async () => {
    await using network = await backend.load(perceptron(60, 12, 12));
    const { h, gap } = (await gapOf(network, samples(40, 60)))!;
    expect(h).toBe(12);
    expect(gap).toBeLessThan(1e-6);
  });

  it('has the weights as W, bit for bit', async () => {
    const source = perceptron(60, 12);
    await using network = await backend.load(source);
    const { matrix, network: behind } = (await network.narrowed!())!;
    const [first] = source.layers;
    expect([matrix.rows, matrix.columns]).toEqual([12, 60]);
    expect(matrix.data).toEqual(Float64Array.from(first!.type === 'dense' ? first.weight.data : []));
    await behind.dispose();
  });

  it('has rows of exactly so many values as the bottleneck', async () => {
    await using network = await backend.load(perceptron(60, 12, 30, 6));
    const { network: behind, matrix } = (await network.narrowed!())!;
    const batch = samples(40, 60);
    const [rows] = await jacobianRows(behind, batch, [1]);
    const narrow = singularValuesOfRows({ rows: 40, columns: 60, data: product(rows!, matrix) });
    expect(narrow.filter((value) => value > 1e-10 * narrow[0]!)).toHaveLength(12);
    await behind.dispose();
  });

  it('is made of several tensors, where the input leads to several', async () => {
    const nodes = [
      node('MatMul', ['x', 'w'], to('a')),
      node('MatMul', ['x', 'v'], to('b')),
      node('Tanh', ['a'], to('c')),
      node('Exp', ['b'], to('d')),
      node('MatMul', ['c', 'u'], to('e')),
      node('Mul', ['d', 'e']),
    ];
    const constants = { w: weights([8, 3]), v: weights([8, 2], 2), u: weights([3, 2], 3) };
    await using network = await backend.load(model(nodes, constants));
    const { h, gap } = (await gapOf(network, samples(7, 8)))!;
    expect([h, gap < 1e-6]).toEqual([5, true]);
  });

  it('is made of several tensors, of which one depends on the other', async () => {
    const nodes = [
      node('MatMul', ['x', 'w'], to('a')),
      node('MatMul', ['x', 'v'], to('b')),
      node('Concat', ['a', 'b'], { ...to('c'), attributes: { axis: { int: 1 } } }),
      node('MatMul', ['c', 'u'], to('d')),
      node('Tanh', ['a'], to('e')),
      node('Exp', ['d'], to('f')),
      node('Concat', ['e', 'f'], { attributes: { axis: { int: 1 } } }),
    ];
    const constants = { w: weights([8, 3]), v: weights([8, 6], 2), u: weights([9, 2], 3) };
    await using network = await backend.load(model(nodes, constants));
    const { h, gap } = (await gapOf(network, samples(7, 8)))!;
    expect([h, gap < 1e-6]).toEqual([5, true]);
  });

  it('gives Gram matrices of its own size', async () => {
    await using network = await backend.load(perceptron(200, 20));
    const { network: behind } = (await network.narrowed!())!;
    const [blocks] = await behind.gram!(samples(30, 200), [0]);
    expect(blocks!.reduce((rows, block) => rows + block.rows, 0)).toBe(20);
    await behind.dispose();
  });

  it('is made of any tensor that is differentiated with respect to', async () => {
    const nodes = [
      node('Tanh', ['x'], to('hidden')),
      node('MatMul', ['hidden', 'w'], to('t')),
      node('Softplus', ['t']),
    ];
    await using network = await backend.load(model(nodes, { w: weights([8, 3]) }), { input: 'hidden' });
    const { h, gap } = (await gapOf(network, samples(7, 8)))!;
    expect([h, gap < 1e-6]).toEqual([3, true]);
  });

  it('of log-probabilities is made of one of logits', async () => {
    await using logits = await backend.load(perceptron(60, 12));
    const { gap } = (await gapOf(withOutputKind(logits, 'log-probability'), samples(9, 60)))!;
    expect(gap).toBeLessThan(1e-6);
  });

  it('takes more rows of W than a run has samples', async () => {
    await using network = await backend.load(perceptron(800, 300));
    const { h, gap } = (await gapOf(network, samples(3, 800)))!;
    expect([h, gap < 1e-6]).toEqual([300, true]);
  });

  it('is left out if it would not be narrow enough', async () => {
    await using network = await backend.load(perceptron(60, 12));
    expect(await network.narrowed!(11)).toBeUndefined();
    await using wide = await backend.load(perceptron(60, 50));
    expect(await wide.narrowed!()).toBeUndefined();
  });

  it('is not asked for if samples mix on the way, though shapes do not tell', async () => {
    const turned = [
      node('Transpose', ['x'], to('a')),
      node('Reshape', ['a', 's'], to('b')),
      node('MatMul', ['b', 'w'], to('t')),
      node('Tanh', ['t']),
    ];
    const centered = [
      node('ReduceMean', ['x', 'axis'], to('mean')),
      node('Sub', ['x', 'mean'], to('a')),
      node('MatMul', ['a', 'w'], to('t')),
      node('Tanh', ['t']),
    ];
    const s = tensorOf('int64', [2], [-1, 8]);
    const axis = tensorOf('int64', [1], [0]);
    for (const nodes of [turned, centered]) {
      const loading = backend.load(model(nodes, { w: weights([8, 3]), s, axis }));
      await expect(loading).rejects.toThrow(/change with the samples beside it/);
    }
  });

  it('keeps the batch that the model was exported for where it must', async () => {
    const source = networkToModel(perceptron(60, 12));
    const fixed = { ...source, inputs: source.inputs.map((input) => ({ ...input, shape: [2, 60] })) };
    await using network = await backend.load(writeModel(fixed));
    const { h, gap } = (await gapOf(network, samples(5, 60)))!;
    expect([h, gap < 1e-6]).toEqual([12, true]);
  });

  it('is not made of a network that was disposed of', async () => {
    const network = await backend.load(perceptron(60, 12));
    await network.dispose();
    await expect(network.narrowed!()).rejects.toThrow(EdjmError);
  });
});

/** A network of x [n, 8] whose nodes each take tensors that are there already, drawn by a seed. */
function drawnNetwork(seed: number): OnnxSource {
  const numbers = noise(200, seed).map((value) => (value + 1) / 2);
  const below = (end: number) => Math.floor((numbers.pop() ?? 0) * end) % end;
  const constants: Record<string, Tensor> = {};
  const nodes: Node[] = [];
  const widths = new Map([['x', 8]]);
  const add = (opType: string, inputs: readonly string[], width: number) => {
    const name = `t${String(nodes.length)}`;
    nodes.push(
      node(opType, inputs, { ...to(name), attributes: opType === 'Concat' ? { axis: { int: 1 } } : {} }),
    );
    widths.set(name, width);
  };
  for (let step = 0; step < 12; step++) {
    const names = [...widths.keys()];
    // Recent tensors more often, so that the network is deep.
    const draw = () => names[Math.max(below(names.length), below(names.length))]!;
    const [a, b] = [draw(), draw()];
    const [left, right] = [widths.get(a)!, widths.get(b)!];
    const kind = below(5);
    if (kind === 0) add('Tanh', [a], left);
    else if (kind === 1) add('Concat', [a, b], left + right);
    else if (kind === 2 && left === right) add('Sub', [a, b], left);
    else {
      const width = 1 + below(5);
      constants[`w${String(step)}`] = weights([left, width], seed + step);
      add('MatMul', [a, `w${String(step)}`], width);
    }
  }
  const loose = [...widths.keys()].filter((name) => !nodes.some(({ inputs }) => inputs.includes(name)));
  nodes.push(node('Concat', loose, { attributes: { axis: { int: 1 } } }));
  return model(nodes, constants);
}

describe('networks drawn at random', () => {
  it('are narrowed to what their rows go through, or not at all', async () => {
    const found = [];
    for (let seed = 0; seed < 25; seed++) {
      await using network = await backend.load(drawnNetwork(seed));
      found.push(await gapOf(network, samples(5, 8)));
    }
    expect(found.filter((one) => one !== undefined && !(one.gap < 1e-5))).toEqual([]);
    const sizes = new Set(found.map((one) => one?.h));
    expect([sizes.has(undefined), sizes.size > 3]).toEqual([true, true]);
  });
});

const root = process.env['EDJM_DATA_DIR'];
const folder = join(root ?? '', 'golden');

/** The values of the narrowest affine map in front of golden networks, if there is one. */
const narrow: Readonly<Record<string, number>> = {
  ensemble: 72, // 32 and 40
  'linear-deep': 10, // all of it, d_out
  'mlp-14x14': 64,
  'mlp-batch1': 32,
  'mlp-bottleneck': 20,
  'mlp-external': 64,
  'mlp-gelu': 64,
  'mlp-relu': 96,
  'mlp-softmax': 48,
  'mlp-tanh': 64,
  'mlp-tiny': 5,
};

const files = root === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.onnx'));

describe.skipIf(root === undefined)(
  'golden networks, narrowed (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    it.each(files)('%s: rows of its narrowest affine map, if it begins with one', async (file) => {
      const [name = ''] = file.split('.');
      const { inputs } = JSON.parse(readFileSync(join(folder, `${name}.golden.json`), 'utf8')) as {
        readonly inputs: { readonly file: string };
      };
      const data = await openDataset(join(folder, inputs.file));
      await using network = await backend.load(join(folder, file));
      for await (const batch of data.batches(20)) {
        const found = await gapOf(network, batch);
        expect(found?.h).toBe(narrow[name]);
        expect(found?.gap ?? 0).toBeLessThan(1e-5);
        return;
      }
      throw new Error('expected samples');
    });
  },
);

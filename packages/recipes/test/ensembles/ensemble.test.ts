import { cpuBackend } from '@edjm/backend-cpu';
import {
  analyze,
  type DenseMatrix,
  type DifferentiableNetwork,
  jacobianRows,
  withOutputKind,
} from '@edjm/core';
import {
  dense,
  type DenseLayer,
  multilayerPerceptron,
  type Network,
  relu,
  seededRandom,
} from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { ensemble } from '../../src/index.ts';
import { matrixDataset } from '../../src/data/matrixDataset.ts';

const members = [
  multilayerPerceptron({ dIn: 5, hidden: [6], dOut: 3, seed: 1 }),
  multilayerPerceptron({ dIn: 5, hidden: [4], dOut: 3, seed: 2 }),
];
const [a, b] = await Promise.all(members.map((member) => cpuBackend().load(member)));
const loaded = [a!, b!];
const batch = normal(4, 5, 3);
const cotangents = normal(4, 3, 4);

function normal(rows: number, columns: number, seed: number): DenseMatrix {
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, seededRandom(seed).normal) };
}

/** The weighted mean of two networks of one hidden layer as one network. */
function sideBySide([first, second]: readonly Network[], [p, q]: readonly [number, number]): Network {
  const [u, , v] = first!.layers as [DenseLayer, unknown, DenseLayer];
  const [s, , t] = second!.layers as [DenseLayer, unknown, DenseLayer];
  const [h, k] = [u.weight.shape[0]!, s.weight.shape[0]!];
  const below = Float64Array.from([...u.weight.data, ...s.weight.data]);
  const above = [0, 1, 2].flatMap((row) => [
    ...Array.from(v.weight.data.subarray(row * h, (row + 1) * h), (w) => p * w),
    ...Array.from(t.weight.data.subarray(row * k, (row + 1) * k), (w) => q * w),
  ]);
  return {
    name: 'side by side',
    inputShape: [5],
    layers: [
      dense({ weight: { shape: [h + k, 5], data: below } }),
      relu(),
      dense({ weight: { shape: [3, h + k], data: Float64Array.from(above) } }),
    ],
  };
}

function expectClose(actual: DenseMatrix, expected: DenseMatrix, digits = 12): void {
  expect([actual.rows, actual.columns]).toEqual([expected.rows, expected.columns]);
  expected.data.forEach((value, i) => {
    expect(actual.data[i]).toBeCloseTo(value, digits);
  });
}

describe('an ensemble of logits', () => {
  it.each([
    [undefined, [0.5, 0.5]],
    [
      [3, 1],
      [0.75, 0.25],
    ],
  ] as const)('with weights %j is one network with the members side by side', async (weights, parts) => {
    const mean = ensemble(loaded, weights ? { weights } : {});
    const one = await cpuBackend().load(sideBySide(members, parts));
    expect(mean.outputKind).toBe('logit');
    expectClose(await mean.forward(batch), await one.forward(batch));
    expectClose(await mean.vjp(batch, cotangents), await one.vjp(batch, cotangents));
    const rows = await jacobianRows(mean, batch, [2, 0]);
    const expected = await jacobianRows(one, batch, [2, 0]);
    rows.forEach((block, i) => {
      expectClose(block, expected[i]!);
    });
  });

  it('of the same member twice has its spectrum', async () => {
    const data = matrixDataset(normal(12, 5, 6), { name: 'normal', sampleShape: [5] });
    const [mean, one] = [await analyze(ensemble([a!, a!]), data), await analyze(a!, data)];
    mean.normalizedSpectrum.forEach((value, i) => {
      expect(value).toBeCloseTo(one.normalizedSpectrum[i]!, 9);
    });
  });
});

describe('an ensemble of probabilities', () => {
  const mean = ensemble(loaded, { average: 'probabilities', weights: [2, 1] });

  it('averages the softmax of each member', async () => {
    const [p, q] = await Promise.all(
      loaded.map((member) => withOutputKind(member, 'probability').forward(batch)),
    );
    const data = p!.data.map((value, i) => (2 * value + q!.data[i]!) / 3);
    expect(mean.outputKind).toBe('probability');
    expectClose(await mean.forward(batch), { ...p!, data });
  });

  it('has the Jacobian of central differences', async () => {
    const rows = await jacobianRows(mean, batch, [0, 1, 2]);
    const products = await mean.vjp(batch, cotangents);
    const h = 1e-5;
    for (let j = 0; j < 5; j++) {
      const at = (step: number) =>
        mean.forward({ ...batch, data: batch.data.map((x, i) => (i % 5 === j ? x + step : x)) });
      const [above, below] = [await at(h), await at(-h)];
      const slopes = above.data.map((value, i) => (value - below.data[i]!) / (2 * h));
      for (let i = 0; i < 4; i++) {
        let product = 0;
        for (let k = 0; k < 3; k++) {
          expect(rows[k]!.data[i * 5 + j]).toBeCloseTo(slopes[i * 3 + k]!, 8);
          product += cotangents.data[i * 3 + k]! * slopes[i * 3 + k]!;
        }
        expect(products.data[i * 5 + j]).toBeCloseTo(product, 8);
      }
    }
  });

  it('takes members that give probabilities as they are', async () => {
    const ready = await Promise.all(
      members.map((member) => cpuBackend().load(member, { outputKind: 'probability' })),
    );
    const same = ensemble(ready, { average: 'probabilities', weights: [2, 1] });
    expectClose(await same.forward(batch), await mean.forward(batch));
    expectClose(await same.vjp(batch, cotangents), await mean.vjp(batch, cotangents));
  });
});

describe('an ensemble of different engines', () => {
  /** In float32, with one array for all its results, as engines may have it. */
  const single: DifferentiableNetwork = {
    name: 'single',
    inputShape: [5],
    sampleSize: 5,
    dIn: 5,
    dOut: 3,
    outputKind: 'logit',
    precision: 'float32',
    preferredBatchSize: 7,
    forward: async (x) => overwritten(await b!.forward(x)),
    vjp: async (x, c) => overwritten(await b!.vjp(x, c)),
    workspaceBytes: () => 1e6,
    dispose: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const memory = new Float32Array(20);
  function overwritten({ rows, columns, data }: DenseMatrix): DenseMatrix {
    memory.set(data);
    return { rows, columns, data: memory.subarray(0, rows * columns) };
  }

  it('is in the lower precision, in the smaller batches, and right', async () => {
    const mean = ensemble([single, a!, single]);
    expect(mean.precision).toBe('float32');
    expect(mean.preferredBatchSize).toBe(7);
    expect(mean.workspaceBytes(4, 3, 'rows')).toBeGreaterThan(1e6);
    const expected = ensemble(loaded, { weights: [1, 2] });
    expectClose(await mean.vjp(batch, cotangents), await expected.vjp(batch, cotangents), 5);
    const rows = await jacobianRows(mean, batch, [0, 1]);
    const same = await jacobianRows(expected, batch, [0, 1]);
    rows.forEach((block, i) => {
      expectClose(block, same[i]!, 5);
    });
  });

  it('takes a flat input for an image of as many values, and no other axes', async () => {
    const image = (inputShape: readonly number[]) => ({ ...single, name: 'image', inputShape });
    expect(ensemble([single, image([5, 1, 1])]).inputShape).toEqual([5, 1, 1]);
    expect(() => ensemble([image([1, 5, 1]), image([5, 1, 1])])).toThrow(/got image of inputs \[1, 5, 1\]/);
  });
});

describe('ensemble', () => {
  it('refuses members that differ in shape, by name', async () => {
    const wide = await cpuBackend().load(multilayerPerceptron({ dIn: 6, hidden: [], dOut: 3, name: 'wide' }));
    const many = await cpuBackend().load(multilayerPerceptron({ dIn: 5, hidden: [], dOut: 4, name: 'many' }));
    for (const other of [wide, many]) {
      const call = () => ensemble([a!, other]);
      expect(call).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error);
      expect(call).toThrow(other.name);
    }
  });

  it.each([
    [[], {}],
    [loaded, { weights: [1] }],
    [loaded, { weights: [1, -1] }],
    [loaded, { weights: [0, 0] }],
    [loaded, { weights: [1, NaN] }],
    [[withOutputKind(a!, 'probability')], {}],
  ])('refuses what cannot be averaged', (some, options) => {
    const error = expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error;
    expect(() => ensemble(some, options)).toThrow(error);
  });

  it('disposes of its members where it is told to', async () => {
    const fresh = () => Promise.all(members.map((member) => cpuBackend().load(member)));
    const [kept, owned] = [await fresh(), await fresh()];
    const mean = ensemble(kept);
    await mean.dispose();
    await mean.dispose();
    await expect(mean.forward(batch)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await kept[0]!.forward(batch)).rows).toBe(4);
    await ensemble(owned, { disposesMembers: true }).dispose();
    for (const member of owned) await expect(member.forward(batch)).rejects.toThrow();
  });
});

import { cpuBackend } from '@edjm/backend-cpu';
import type { DenseMatrix, ParameterValues, StepOptions, TrainableNetwork } from '@edjm/core';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  type Layer,
  maxPool2d,
  multilayerPerceptron,
  type Network,
  relu,
  residual,
  seededRandom,
  tanh,
} from '@edjm/network';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

const random = seededRandom(5);
const values = (length: number) => Float32Array.from({ length }, () => random.normal());
const weight = (...shape: number[]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: values(size).map((value) => value / Math.sqrt(size / (shape[0] ?? 1))) };
};
const matrix = (rows: number, columns: number): DenseMatrix => ({
  rows,
  columns,
  data: values(rows * columns),
});

const perceptron = multilayerPerceptron({
  inputSize: 6,
  hidden: [8, 7],
  outputSize: 3,
  seed: 1,
  activation: tanh(),
});
const convolutional: Network = {
  name: 'convolutional',
  inputShape: [2, 7, 6],
  layers: [
    conv2d({ weight: weight(4, 2, 3, 2), bias: values(4), padding: [1, 0, 0, 1], stride: [2, 1] }),
    batchNorm({
      scale: values(4),
      bias: values(4),
      mean: values(4),
      variance: values(4).map((v) => v * v + 0.5),
    }),
    tanh(),
    residual([conv2d({ weight: weight(4, 1, 3, 3), padding: 1, groups: 4 }), tanh()]),
    conv2d({ weight: weight(4, 2, 2, 2), groups: 2, dilation: 2 }),
    relu(),
    maxPool2d({ kernel: [1, 2], stride: 1 }),
    flatten(),
    dense({ weight: weight(3, 12), bias: values(3) }),
  ],
};

/** Layers with parameters in place of their own, by the names that training gives them. */
function replaced(
  layers: readonly Layer[],
  parameters: ReadonlyMap<string, ParameterValues>,
  prefix = '',
): readonly Layer[] {
  return layers.map((layer, index) => {
    const name = `${prefix}${String(index)}.`;
    if (layer.type === 'residual') {
      return residual(
        replaced(layer.body, parameters, `${name}body.`),
        replaced(layer.shortcut, parameters, `${name}shortcut.`),
      );
    }
    const weight = parameters.get(`${name}weight`);
    const bias = parameters.get(`${name}bias`)?.data;
    if (weight === undefined) return layer;
    return {
      ...layer,
      ...(layer.type === 'batchNorm' ? { scale: weight.data } : { weight }),
      ...(bias && { bias }),
    };
  });
}

/** The mean cross-entropy in float64. */
async function lossOf(network: Network, batch: DenseMatrix, targets: DenseMatrix): Promise<number> {
  await using loaded = await cpuBackend().load(network, { outputKind: 'log-probability' });
  const { data } = await loaded.forward(batch);
  return -Array.from(data).reduce((sum, value, i) => sum + value * targets.data[i]!, 0) / batch.rows;
}

/** Its gradient by central differences in float64. */
async function gradients(
  network: Network,
  parameters: ReadonlyMap<string, ParameterValues>,
  [batch, targets]: readonly [DenseMatrix, DenseMatrix],
): Promise<Map<string, Float64Array>> {
  const step = 1e-5;
  const result = new Map<string, Float64Array>();
  for (const [name, { shape, data }] of parameters) {
    const gradient = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const at = async (offset: number) => {
        const moved = Float64Array.from(data);
        moved[i]! += offset;
        const changed = new Map([...parameters, [name, { shape, data: moved }]]);
        return lossOf({ ...network, layers: replaced(network.layers, changed) }, batch, targets);
      };
      gradient[i] = ((await at(step)) - (await at(-step))) / (2 * step);
    }
    result.set(name, gradient);
  }
  return result;
}

/** Rows of probabilities. */
function softTargets(rows: number, columns: number): DenseMatrix {
  const positive = values(rows * columns).map((value) => Math.exp(value));
  const sums = Array.from({ length: rows }, (_, i) =>
    positive.subarray(i * columns, (i + 1) * columns).reduce((sum, value) => sum + value, 0),
  );
  return { rows, columns, data: positive.map((value, i) => value / sums[Math.floor(i / columns)]!) };
}

const SAMPLES = 5;
const networks = [
  ['a perceptron', perceptron],
  ['a convolutional network', convolutional],
] as const;
const batches = new Map(
  networks.map(([title, { inputShape }]) => {
    const size = inputShape.reduce((product, length) => product * length, 1);
    return [title, [matrix(SAMPLES, size), softTargets(SAMPLES, 3)] as const] as const;
  }),
);
const copies = async (network: TrainableNetwork) =>
  new Map([...(await network.parameters())].map(([name, { data }]) => [name, Float64Array.from(data)]));

/** How far two sets of values lie apart at most, relative to the largest value. */
function distance(a: ReadonlyMap<string, Float64Array>, b: ReadonlyMap<string, Float64Array>): number {
  expect([...a.keys()]).toEqual([...b.keys()]);
  let largest = 0;
  let off = 0;
  for (const [name, data] of a) {
    data.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      off = Math.max(off, Math.abs(value - b.get(name)![i]!));
    });
  }
  return off / largest;
}

const oracle = new Map<string, Map<string, Float64Array>>();

describeEngines('training', (engine) => {
  const backend = tfjsBackend({ engine });

  describe.each(networks)('%s', (title, network) => {
    const [batch, targets] = batches.get(title)!;

    it('steps along the gradient that central differences in float64 give', async () => {
      await using loaded = await backend.loadTrainable(network);
      const parameters = await loaded.parameters();
      const before = await copies(loaded);
      const expected = oracle.get(title) ?? (await gradients(network, parameters, [batch, targets]));
      oracle.set(title, expected);
      const { loss } = await loaded.step(batch, targets, { learningRate: 0.5 });
      expect(loss).toBeCloseTo(await lossOf(network, batch, targets), 5);
      const after = await copies(loaded);
      const found = new Map(
        [...before].map(([name, data]) => [
          name,
          data.map((value, i) => (value - after.get(name)![i]!) / 0.5),
        ]),
      );
      expect(distance(expected, found)).toBeLessThan(1e-4);
    });
  });

  const [batch, targets] = batches.get('a perceptron')!;

  /** Parameters after some steps, from the gradients that a plain step gives. */
  async function afterSteps(options: StepOptions, count: number) {
    await using loaded = await backend.loadTrainable(perceptron);
    const before = loaded.parameterShapes.size;
    for (let step = 0; step < count; step++) await loaded.step(batch, targets, options);
    expect(loaded.parameterShapes.size).toBe(before);
    return await copies(loaded);
  }

  it.each([
    ['momentum', { momentum: 0.9 }],
    ["Nesterov's momentum", { momentum: 0.9, nesterov: true }],
    ['weight decay', { weightDecay: 0.1 }],
    ['all of them', { momentum: 0.5, nesterov: true, weightDecay: 0.02 }],
  ])('follows the rule: %s', async (_, rule) => {
    const options = { learningRate: 0.1, ...rule };
    const { momentum, nesterov, weightDecay } = { momentum: 0, nesterov: false, weightDecay: 0, ...rule };
    const found = await afterSteps(options, 3);
    await using plain = await backend.loadTrainable(perceptron);
    const velocities = new Map<string, Float64Array>();
    for (let step = 0; step < 3; step++) {
      const w = await copies(plain);
      await plain.step(batch, targets, { learningRate: 1 });
      const next = new Map<string, ParameterValues>();
      for (const [name, moved] of await copies(plain)) {
        const shape = plain.parameterShapes.get(name)!;
        const decay = shape.length > 1 ? weightDecay : 0;
        const before = velocities.get(name) ?? new Float64Array(moved.length);
        const change = w.get(name)!.map((value, i) => -0.1 * (value - moved[i]! + decay * value));
        const velocity = before.map((value, i) => momentum * value + change[i]!);
        velocities.set(name, velocity);
        const data = w
          .get(name)!
          .map((value, i) => value + (nesterov ? momentum * velocity[i]! + change[i]! : velocity[i]!));
        next.set(name, { shape, data });
      }
      await plain.setParameters(next);
    }
    expect(distance(found, await copies(plain))).toBeLessThan(1e-5);
  });

  it('adds the gradients that it is given', async () => {
    await using loaded = await backend.loadTrainable(perceptron);
    const added = values(8 * 6);
    const options = { learningRate: 0.1, momentum: 0.9 };
    await loaded.step(batch, targets, { ...options, addedGradients: new Map([['0.weight', added]]) });
    const found = await copies(loaded);
    const expected = await afterSteps(options, 1);
    expected.set(
      '0.weight',
      expected.get('0.weight')!.map((value, i) => value - 0.1 * added[i]!),
    );
    expect(distance(expected, found)).toBeLessThan(1e-6);
  });

  it("takes a loss of one's own, the same as the one that it has", async () => {
    const squared = await afterSteps({ learningRate: 0.1, loss: 'squared-error' }, 2);
    const own = await afterSteps(
      {
        learningRate: 0.1,
        loss: (outputs, wanted) => {
          const difference = Float64Array.from(outputs.data, (value, i) => value - wanted.data[i]!);
          const value = difference.reduce((sum, off) => sum + off ** 2 / 2, 0) / outputs.rows;
          return { value, gradient: { ...outputs, data: difference.map((off) => off / outputs.rows) } };
        },
      },
      2,
    );
    expect(distance(squared, own)).toBeLessThan(1e-6);
  });

  it('drops the same values for the same seed, others for another, and none at a rate of 0', async () => {
    const run = (seed: number, rate: number) =>
      afterSteps({ learningRate: 0.1, dropout: { input: rate, hidden: rate, seed } }, 1);
    const first = await run(1, 0.5);
    expect(distance(first, await run(1, 0.5))).toBe(0);
    expect(distance(first, await run(2, 0.5))).toBeGreaterThan(1e-3);
    expect(distance(await run(1, 0), await afterSteps({ learningRate: 0.1 }, 1))).toBe(0);
  });

  it('lowers the loss, and its outputs follow the parameters', async () => {
    await using loaded = await backend.loadTrainable(perceptron);
    const before = Array.from((await loaded.forward(batch)).data);
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      losses.push((await loaded.step(batch, targets, { learningRate: 0.1, momentum: 0.5 })).loss);
    }
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(Array.from((await loaded.forward(batch)).data)).not.toEqual(before);
  });

  it('goes on where it was from parameters and velocities', async () => {
    const options = { learningRate: 0.1, momentum: 0.9 };
    await using first = await backend.loadTrainable(perceptron);
    for (let step = 0; step < 3; step++) await first.step(batch, targets, options);
    await using second = await backend.loadTrainable(perceptron);
    await second.setParameters(await first.parameters());
    await second.setVelocities(await first.velocities());
    await first.step(batch, targets, options);
    await second.step(batch, targets, options);
    expect(distance(await copies(first), await copies(second))).toBe(0);
  });

  it('refuses what does not fit, and changes nothing', async () => {
    await using loaded = await backend.loadTrainable(perceptron);
    const before = await copies(loaded);
    const step = (options: Partial<StepOptions>, wanted = targets) =>
      loaded.step(batch, wanted, { learningRate: 0.1, ...options });
    await expect(step({ learningRate: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(step({ momentum: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(step({ weightDecay: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(step({ dropout: { seed: 1, hidden: 1 } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(step({}, matrix(SAMPLES, 4))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await expect(step({}, matrix(SAMPLES - 1, 3))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await expect(step({ addedGradients: new Map([['7.weight', values(3)]]) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(step({ addedGradients: new Map([['0.weight', values(3)]]) })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
    const wrong = new Map([
      ['0.weight', { shape: [8, 6], data: values(48) }],
      ['0.bias', { shape: [7], data: values(7) }],
    ]);
    await expect(loaded.setParameters(wrong)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    const infinite = { ...targets, data: targets.data.map(() => Infinity) };
    await expect(step({ momentum: 0.9 }, infinite)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(distance(before, await copies(loaded))).toBe(0);
    expect(await loaded.velocities()).toEqual(new Map());
  });

  it('drops nothing of the outputs, and leaves layers of dropout to a layers model', async () => {
    await using ends = await backend.loadTrainable({ ...perceptron, layers: [...perceptron.layers, tanh()] });
    let found: readonly number[] = [];
    const loss = (outputs: DenseMatrix) => {
      found = Array.from(outputs.data);
      return { value: 0, gradient: { ...outputs, data: outputs.data.map(() => 0) } };
    };
    await ends.step(batch, targets, { learningRate: 0.1, loss, dropout: { hidden: 0.3, seed: 3 } });
    expect(found.filter((value) => value === 0)).toEqual([]);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [6] })] });
    await using layers = await backend.loadTrainable(model);
    const step = layers.step(batch, targets, { learningRate: 0.1, dropout: { hidden: 0.5, seed: 1 } });
    await expect(step).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('leaves the statistics of batch normalisation as they were where it refuses', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [6] }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 3 }),
      ],
    });
    await using loaded = await backend.loadTrainable(model);
    const statistics = () =>
      Promise.all(model.nonTrainableWeights.map(async (weight) => weight.read().data()));
    const before = await statistics();
    const failing = () => ({ value: NaN, gradient: targets });
    await expect(loaded.step(batch, targets, { learningRate: 0.1, loss: failing })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
    const broken = { ...batch, data: batch.data.map(() => NaN) };
    await expect(loaded.step(broken, targets, { learningRate: 0.1 })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
    expect(await statistics()).toEqual(before);
    await loaded.step(batch, targets, { learningRate: 0.1 });
    expect(await statistics()).not.toEqual(before);
  });

  it('trains all weights of nested models whose layers have one name', async () => {
    const nested = () =>
      tf.sequential({ layers: [tf.layers.dense({ units: 6, inputShape: [6], name: 'same' })] });
    const model = tf.sequential({ layers: [nested(), nested(), tf.layers.dense({ units: 3 })] });
    await using loaded = await backend.loadTrainable(model);
    expect(loaded.parameterShapes.size).toBe(6);
  });
});

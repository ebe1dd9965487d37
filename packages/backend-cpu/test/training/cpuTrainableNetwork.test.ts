import type { DenseMatrix } from '@edjm/core';
import { batchNorm, dense, multilayerPerceptron, type Network, tanh } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../../src/index.ts';
import { randomVector, weightOf } from '../samples.ts';

const row = (...values: readonly number[]): DenseMatrix => ({
  rows: 1,
  columns: values.length,
  data: Float64Array.from(values),
});

describe('a trainable network of the float64 backend', () => {
  it('steps as calculated by hand', async () => {
    // y = 2 x + 1 at x = 3 with the target 5: a loss of 2, and gradients of 6 and 2.
    const layer = dense({ weight: weightOf([1, 1], [2]), bias: Float32Array.of(1) });
    await using network = await cpuBackend().loadTrainable({ name: 'f', inputShape: [1], layers: [layer] });
    const options = { learningRate: 0.125, momentum: 0.5, weightDecay: 1, loss: 'squared-error' } as const;
    expect(await network.step(row(3), row(5), options)).toEqual({ loss: 2 });
    const parameters = await network.parameters();
    expect([...parameters.values()].map(({ data }) => data[0])).toEqual([2 - 0.125 * (6 + 2), 1 - 0.125 * 2]);
    const velocities = await network.velocities();
    expect([...velocities.values()].map(({ data }) => data[0])).toEqual([-1, -0.25]);
  });

  it('has velocities without momentum, which steps with momentum go on from', async () => {
    const layer = dense({ weight: weightOf([1, 1], [2]) });
    await using network = await cpuBackend().loadTrainable({ name: 'f', inputShape: [1], layers: [layer] });
    await network.step(row(1), row(1), { learningRate: 0.5, loss: 'squared-error' });
    const velocities = await network.velocities();
    expect(velocities.get('0.weight')?.data).toEqual(Float64Array.of(-0.5));
  });

  it('trains layers that share their values in the source apart, and leaves the source', async () => {
    const shared = dense({ weight: weightOf([2, 2]), bias: Float32Array.of(1, 2) });
    const source: Network = { name: 'f', inputShape: [2], layers: [shared, tanh(), shared] };
    await using network = await cpuBackend().loadTrainable(source);
    await network.step(row(0.1, -0.1), row(1, 0), { learningRate: 0.1 });
    const parameters = await network.parameters();
    expect(parameters.get('0.weight')?.data).not.toEqual(parameters.get('2.weight')?.data);
    expect(shared.weight.data).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it('gives a narrowed network that stays what it was', async () => {
    const source = multilayerPerceptron({ dIn: 6, hidden: [2], dOut: 3, seed: 1 });
    await using network = await cpuBackend().loadTrainable(source);
    const narrowed = await network.narrowed?.();
    const x = { rows: 1, columns: 6, data: randomVector(6, 1) };
    const before = await narrowed?.network.forward(x);
    await network.step(x, row(1, 0, 0), { learningRate: 1 });
    expect(await narrowed?.network.forward(x)).toEqual(before);
    expect(await network.forward(x)).not.toEqual(before);
  });

  it('refuses statistics that no network can have, and stays as it was', async () => {
    const normalize = batchNorm({
      scale: Float64Array.of(1),
      bias: Float64Array.of(0),
      mean: Float64Array.of(0),
      variance: Float64Array.of(1),
    });
    await using network = await cpuBackend().loadTrainable({
      name: 'f',
      inputShape: [1],
      layers: [normalize],
    });
    const before = await network.forward(row(2));
    const negative = new Map([['0.running_var', { shape: [1], data: Float64Array.of(-1) }]]);
    await expect(network.setStatistics(negative)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await network.forward(row(2))).toEqual(before);
  });

  it('refuses a gradient of a loss that does not fit or is not finite, and no samples', async () => {
    const source = multilayerPerceptron({ dIn: 2, hidden: [2], dOut: 3, seed: 1 });
    await using network = await cpuBackend().loadTrainable(source);
    const step = (gradient: DenseMatrix): Promise<unknown> =>
      network.step(row(1, 2), row(1, 0, 0), { learningRate: 1, loss: () => ({ value: 0, gradient }) });
    await expect(step(row(1, 2))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await expect(step(row(1, NaN, 2))).rejects.toMatchObject({ code: 'INVALID_DATA' });
    const none = (columns: number): DenseMatrix => ({ rows: 0, columns, data: new Float64Array() });
    await expect(network.gradients(none(2), none(3))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});

import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { tfjsBackend } from '../../src/index.ts';
import { describeEngines } from '../describeEngines.ts';

type Derivative = ReturnType<typeof tf.getGradient>['gradFunc'];

/** Loads a function while TensorFlow.js has another derivative of an operation. */
async function withDerivative(
  operation: string,
  derivative: (own: Derivative) => Derivative,
  work: () => Promise<void>,
): Promise<void> {
  const config = tf.getGradient(operation);
  const own = config.gradFunc;
  config.gradFunc = derivative(own);
  try {
    await work();
  } finally {
    config.gradFunc = own;
  }
}

/** Half of every gradient. */
const halved =
  (own: Derivative): Derivative =>
  (dy, saved, attributes) =>
    Object.fromEntries(
      Object.entries(own(dy, saved, attributes)).map(([name, gradient]) => [
        name,
        () => tf.mul(gradient(), 0.5),
      ]),
    );

/** The cotangent itself, as if the operation were the identity. */
const passedOn = (): Derivative => (dy) => ({ x: () => dy as tf.Tensor });

/** The gradients of both inputs, exchanged. */
const exchanged =
  (own: Derivative): Derivative =>
  (dy, saved, attributes) => {
    const { a, b } = own(dy, saved, attributes) as { a: () => tf.Tensor; b: () => tf.Tensor };
    return { a: b, b: a };
  };

const square = (x: tf.Tensor): tf.Tensor => tf.tile(x, [1, 4]).reshape([-1, 4, 4]);

describeEngines('wrong derivatives are found by differences', (engine) => {
  const backend = tfjsBackend({ engine });

  it.each([
    ['Elu', halved, (x: tf.Tensor) => tf.elu(x)],
    ['Softplus', passedOn, (x: tf.Tensor) => tf.softplus(x)],
    ['Erf', halved, (x: tf.Tensor) => tf.erf(x)],
    ['Exp', passedOn, (x: tf.Tensor) => tf.exp(tf.sub(x, 3))],
    ['Rsqrt', halved, (x: tf.Tensor) => tf.rsqrt(tf.add(tf.square(x), 1e-3))],
    ['BatchMatMul', exchanged, (x: tf.Tensor) => tf.matMul(square(x), tf.add(square(x), 1))],
    ['RealDiv', exchanged, (x: tf.Tensor) => tf.div(x, tf.add(tf.square(x), 2))],
  ] as const)('%s', async (operation, derivative, f) => {
    await (await backend.load(f, { inputShape: [4] })).dispose();
    const before = tf.memory().numTensors;
    await withDerivative(operation, derivative, async () => {
      await expect(backend.load(f, { inputShape: [4] })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(
          new RegExp(`differentiates rightly, got .*${operation}.* Take another engine, or export`),
        ) as string,
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['ties of a maximum', (x: tf.Tensor) => tf.max(tf.relu(square(x)), 1)],
    ['a kink at every value', (x: tf.Tensor) => tf.abs(tf.relu(tf.neg(tf.relu(x))))],
    ['saturated', (x: tf.Tensor) => tf.sigmoid(tf.mul(tf.tanh(tf.mul(x, 1e3)), 1e2))],
    ['nearly constant', (x: tf.Tensor) => tf.add(tf.mul(x, 1e-6), 1e3)],
    ['steep', (x: tf.Tensor) => tf.exp(tf.mul(x, 50))],
    ['near a pole', (x: tf.Tensor) => tf.div(1, tf.mul(x, 1e-3))],
    ['steps between', (x: tf.Tensor) => tf.add(x, tf.round(tf.mul(x, 9)))],
  ] as const)('no alarm: %s', async (_, f) => {
    await (await backend.load(f, { inputShape: [4] })).dispose();
  });

  it.each([1, 2])('sums along axis %i are differentiated along it', async (axis) => {
    await using network = await backend.load((x) => tf.cumsum(x.reshape([-1, 3, 3]), axis), {
      inputShape: [9],
    });
    const data = Float32Array.from({ length: 9 }, (_, i) => (i + 1) ** 2);
    const { data: found } = await network.vjp({ rows: 1, columns: 9, data }, { rows: 1, columns: 9, data });
    // Each value adds to itself and to those behind it along the axis.
    const along = axis === 1 ? 3 : 1;
    const expected = Array.from(data, (_, i) => {
      const place = Math.floor(i / along) % 3;
      return Array.from({ length: 3 - place }, (__, k) => data[i + k * along]!).reduce((a, b) => a + b, 0);
    });
    expect([...found]).toEqual(expected);
  });
});

describeEngines('small networks with units near their kinks', (engine) => {
  it('raise no alarm, whatever their weights', async () => {
    const backend = tfjsBackend({ engine });
    for (let seed = 1; seed <= 150; seed++) {
      const kernel = tf.randomNormal<tf.Rank.R2>([3, 4], 0, 1, 'float32', seed);
      const bias = tf.randomNormal([4], 0, 0.3, 'float32', seed + 1000);
      const f = (x: tf.Tensor) => tf.sum(tf.relu(tf.add(tf.matMul(x as tf.Tensor2D, kernel), bias)), 1, true);
      await (await backend.load(f, { inputShape: [3] })).dispose();
      tf.dispose([kernel, bias]);
    }
  });
});

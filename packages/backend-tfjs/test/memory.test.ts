import type { DenseMatrix } from '@edjm/core';
import { dense, multilayerPerceptron, softmax, type Network } from '@edjm/network';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { tfjsBackend, type TfjsSource } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

const dIn = 12;
const batch: DenseMatrix = {
  rows: 5,
  columns: dIn,
  data: Float32Array.from({ length: 5 * dIn }, (_, i) => Math.sin(i)),
};
const perceptron = multilayerPerceptron({ dIn, hidden: [8, 8], dOut: 3, seed: 1 });
const classifier: Network = { ...perceptron, layers: [...perceptron.layers, softmax()] };

/** A layers model of all that is kept during a run: ReLU, tanh, sigmoid, max pooling, batch normalization, dropout, a softmax. */
function layersModel(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.reshape({ inputShape: [dIn], targetShape: [4, 3, 1] }),
      tf.layers.conv2d({ filters: 4, kernelSize: 2, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: [2, 1] }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 6, activation: 'tanh' }),
      tf.layers.dense({ units: 6, activation: 'sigmoid' }),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
}

/** Tensors and their bytes. */
function memory() {
  const { numTensors, numBytes, numDataBuffers } = tf.memory();
  return { numTensors, numBytes, numDataBuffers };
}

/** Also the tensors that the native part holds, if there is one: it gets weights when they are first used. */
function allMemory() {
  const { binding } = tf.backend() as { binding?: { getNumOfTensors(): number } };
  return { ...memory(), native: binding?.getNumOfTensors() };
}

describeEngines('memory', (engine) => {
  const backend = tfjsBackend({ engine });
  const sources: Readonly<Record<string, () => TfjsSource>> = {
    'a network as data': () => perceptron,
    'a network as data that ends in a softmax': () => classifier,
    'a layers model': layersModel,
    'a function': () => (x) => tf.softmax(tf.tanh(tf.mul(x, 2))),
  };

  describe.each(Object.entries(sources))('%s', (_, make) => {
    it.each(['logit', 'probability', 'log-probability'] as const)(
      'is the same after every call, and after the network is disposed of: %s',
      async (outputKind) => {
        await backend.engine();
        await tf.setBackend(engine);
        const source = make();
        const before = memory();
        const network = await backend.load(source, {
          outputKind,
          ...(typeof source === 'function' && { inputShape: [dIn] }),
        });
        const cotangents = {
          rows: 5,
          columns: network.dOut,
          data: new Float32Array(5 * network.dOut).fill(1),
        };
        const calls: Readonly<Record<string, () => Promise<unknown> | undefined>> = {
          forward: () => network.forward(batch),
          vjp: () => network.vjp(batch, cotangents),
          jvp: () => network.jvp?.(batch, batch),
          jacobian: () => network.jacobian?.(batch, [0, 2]),
          gram: () => network.gram?.(batch, [2, 1, 0]),
          refusal: () => network.vjp(batch, batch).catch(() => undefined),
        };
        // What an engine keeps for itself it makes on the first call.
        await network.forward(batch);
        const loaded = allMemory();
        for (const [name, call] of Object.entries(calls)) {
          await call();
          expect({ name, ...allMemory() }).toEqual({ name, ...loaded });
        }
        await network.dispose();
        expect(memory()).toEqual(before);
      },
    );
  });

  it.each([
    ['a network as data', () => perceptron],
    ['a layers model', layersModel],
  ] as const)('is the same after every step but the first, which makes velocities: %s', async (_, make) => {
    await backend.engine();
    await tf.setBackend(engine);
    const source = make();
    const before = memory();
    const network = await backend.loadTrainable(source);
    const targets = {
      rows: 5,
      columns: 3,
      data: Float32Array.from({ length: 15 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
    };
    const options = { learningRate: 0.1, momentum: 0.9, dropout: { input: 0.2, seed: 1 }, weightDecay: 0.1 };
    await network.step(batch, targets, options);
    const trained = allMemory();
    for (let step = 0; step < 3; step++) {
      await network.step(batch, targets, options);
      expect(allMemory()).toEqual(trained);
    }
    await network.setParameters(await network.parameters(), true);
    await network.setVelocities(await network.velocities());
    await expect(
      network.step(batch, { ...targets, data: targets.data.map(() => NaN) }, options),
    ).rejects.toThrow();
    await network.step(batch, targets, options);
    expect(allMemory()).toEqual(trained);
    await network.dispose();
    expect(memory()).toEqual(before);
  });

  it('is the same after a source is refused', async () => {
    await backend.engine();
    await tf.setBackend(engine);
    const before = memory();
    const integers = tf.sequential({
      layers: [tf.layers.embedding({ inputDim: 4, outputDim: 2, inputLength: 3 })],
    });
    const held = memory();
    await expect(backend.load(integers)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(backend.load((x) => x.argMax(1), { inputShape: [3] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await expect(backend.load((x) => x.sum(0), { inputShape: [3] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await expect(backend.load((x) => x.sub(x.mean(0)), { inputShape: [3] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await expect(
      backend.load({
        ...perceptron,
        layers: [...perceptron.layers, dense({ weight: { shape: [1, 7], data: new Float32Array(7) } })],
      }),
    ).rejects.toThrow();
    expect(memory()).toEqual(held);
    integers.dispose();
    expect(memory()).toEqual(before);
  });
});

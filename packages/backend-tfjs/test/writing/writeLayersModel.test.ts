import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuBackend } from '@edjm/backend-cpu';
import { trainingCases } from '@edjm/conformance';
import type { FloatArray } from '@edjm/core';
import {
  averagePool2d,
  conv2d,
  elu,
  flatten,
  gelu,
  type Layer,
  maxPool2d,
  type Network,
  relu,
  seededRandom,
  sigmoid,
  valueCount,
} from '@edjm/network';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { tfjsBackend, writeLayersModel } from '../../src/index.ts';
import { describeEngines } from '../describeEngines.ts';

const random = seededRandom(2);
const values = (length: number) => Float32Array.from({ length }, () => random.normal());
const weight = (...shape: number[]) => ({ shape, data: values(valueCount(shape)) });
const image = (...layers: Layer[]): Network => ({
  name: 'an image: two channels',
  inputShape: [2, 7, 6],
  layers,
});

const dilated = conv2d({
  weight: weight(6, 1, 2, 3),
  bias: values(6),
  groups: 2,
  dilation: [2, 1],
  padding: [0, 1, 2, 0],
});
const images: readonly (readonly [string, Network])[] = [
  ['depthwise', image(dilated, sigmoid())],
  [
    'groups',
    image(
      conv2d({ weight: weight(6, 2, 1, 1) }),
      conv2d({ weight: weight(4, 3, 2, 2), groups: 2, stride: [2, 1] }),
    ),
  ],
  ['max pooling that pads as Keras', image(maxPool2d({ kernel: 3, stride: 2, padding: [1, 0, 1, 1] }))],
  [
    'max pooling of what is not below 0',
    image(relu(), maxPool2d({ kernel: 3, stride: 2, padding: 1 }), flatten()),
  ],
  [
    'mean that counts padding',
    image(averagePool2d({ kernel: 3, stride: 2, padding: 1, countIncludePad: true })),
  ],
  ['nothing at all', image()],
];

const networks = [
  // The others are refused: elu of another alpha than 1, a mean of padding that Keras has not.
  ...trainingCases()
    .filter(({ name }) => !['activation: elu', 'activation: gelu by tanh', 'pooling network'].includes(name))
    .map(({ name, network }) => [name, network] as const),
  ...images,
];

/** The largest distance, relative to the largest value. */
function distance(a: FloatArray, b: FloatArray): number {
  expect(a).toHaveLength(b.length);
  const largest = Math.max(...Array.from(b, Math.abs));
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!))) / largest;
}

describeEngines('a network as a layers model', (engine) => {
  const backend = tfjsBackend({ engine });

  it.each(networks)('gives what it gave: %s', async (_, network) => {
    const folder = await mkdtemp(join(tmpdir(), 'edjm-'));
    try {
      const { modelJson, weights, weightsFile } = writeLayersModel(network);
      await writeFile(join(folder, 'model.json'), modelJson);
      await writeFile(join(folder, weightsFile), weights);
      await using loaded = await backend.load(join(folder, 'model.json'));
      expect(loaded.inputShape).toEqual(network.inputShape);
      await using oracle = await cpuBackend().load(network);
      const columns = valueCount(network.inputShape);
      const batch = { rows: 4, columns, data: values(4 * columns) };
      expect(distance((await loaded.forward(batch)).data, (await oracle.forward(batch)).data)).toBeLessThan(
        1e-5,
      );
      const cotangents = { rows: 4, columns: oracle.dOut, data: values(4 * oracle.dOut) };
      const [found, expected] = [await loaded.vjp(batch, cotangents), await oracle.vjp(batch, cotangents)];
      expect(distance(found.data, expected.data)).toBeLessThan(1e-4);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a network as a layers model', () => {
  it('is what TensorFlow.js itself loads', async () => {
    const [, network] = networks[0]!;
    const { modelJson, weights } = writeLayersModel(network);
    const { modelTopology, weightsManifest } = JSON.parse(modelJson) as tf.io.ModelJSON;
    const weightSpecs = weightsManifest.flatMap((group) => group.weights);
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({ modelTopology, weightSpecs, weightData: weights.slice().buffer }),
    );
    expect(model.countParams() * 4).toBe(weights.length);
    model.dispose();
  });

  it.each([
    ['elu', 'layer 1_body_0 (elu)', image(relu(), { type: 'residual', body: [elu(0.5)], shortcut: [] })],
    ['gelu by tanh', 'layer 0 (gelu)', image(gelu('tanh'))],
    ['max pooling', 'layer 0 (maxPool2d)', image(maxPool2d({ kernel: 3, stride: 2, padding: 1 }))],
    ['a mean', 'layer 0 (averagePool2d)', image(averagePool2d({ kernel: 3, padding: 1 }))],
  ])('is refused by name where Keras has no such layer: %s', (_, where, network) => {
    expect(() => writeLayersModel(network)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining(where) as string,
      }) as Error,
    );
  });
});

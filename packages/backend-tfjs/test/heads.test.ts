import { jacobianRows, type OutputKind } from '@edjm/core';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsBackend, type TfjsSource } from '../src/index.ts';

const backend = tfjsBackend({ engine: 'wasm' });
beforeAll(async () => {
  await backend.engine();
});

const z = [0.5, -1, 0.25, 2, 1, 0.75];
const one = { rows: 1, columns: 6, data: Float32Array.from(z) };

/** The Jacobian of a function of the logits z, by output. */
async function rowsOf(source: TfjsSource, outputKind: OutputKind, inputShape = [6]) {
  await using network = await backend.load(source, { outputKind, inputShape });
  const rows = await jacobianRows(
    network,
    one,
    Array.from({ length: network.dOut }, (_, k) => k),
  );
  return { network, rows: rows.map(({ data }) => Array.from(data)) };
}

/** The derivative of softmax over some logits, of the probability k. */
function ofSoftmax(group: readonly number[], k: number): number[] {
  const sum = group.reduce((total, j) => total + Math.exp(z[j]!), 0);
  const p = (j: number) => (group.includes(j) ? Math.exp(z[j]!) / sum : 0);
  return z.map((_, j) => p(k) * (Number(j === k) - p(j)));
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 6);
}

const halves = [
  [0, 1, 2],
  [3, 4, 5],
];

describe('a softmax in TensorFlow.js', () => {
  const layers = tf.sequential({
    layers: [
      tf.layers.activation({ activation: 'softmax', inputShape: [2, 3] }),
      tf.layers.permute({ dims: [2, 1] }),
    ],
  });
  it.each<[string, TfjsSource, readonly number[]]>([
    ['for each position', (x: tf.Tensor) => tf.softmax(x), [0, 1, 2, 3, 4, 5]],
    ['behind a reshape', (x: tf.Tensor) => tf.softmax(x).reshape([-1, 6]), [0, 1, 2, 3, 4, 5]],
    ['that is transposed', (x: tf.Tensor) => tf.softmax(x).transpose([0, 2, 1]), [0, 3, 1, 4, 2, 5]],
    ['in a layers model, permuted', layers, [0, 3, 1, 4, 2, 5]],
    ['as the exponential of its logarithm', (x: tf.Tensor) => tf.exp(tf.logSoftmax(x)), [0, 1, 2, 3, 4, 5]],
  ])('%s', async (_, source, order) => {
    const { network, rows } = await rowsOf(source, 'logit', [2, 3]);
    expect(network).toMatchObject({ outputKind: 'logit', head: { kind: 'softmax' } });
    for (const [k, logit] of order.entries()) {
      expectClose(
        rows[k]!,
        z.map((_value, j) => Number(j === logit)),
      );
    }
    const found = await rowsOf(source, 'probability', [2, 3]);
    for (const [k, logit] of order.entries()) {
      expectClose(
        found.rows[k]!,
        ofSoftmax(
          halves.find((group) => group.includes(logit))!,
          logit,
        ),
      );
    }
  });
});

it.each<[string, string, (x: tf.Tensor) => tf.Tensor]>([
  ['a sigmoid', 'sigmoid', (x) => tf.sigmoid(x)],
  ['the logarithm of a sigmoid', 'log-sigmoid', (x) => tf.log(tf.sigmoid(x))],
  ['a log-sigmoid', 'log-sigmoid', (x) => tf.logSigmoid(x)],
])('%s is looked through, and followed by probabilities', async (_, kind, source) => {
  const { network, rows } = await rowsOf(source, 'logit');
  expect(network.head?.kind).toBe(kind);
  expectClose(rows[1]!, [0, 1, 0, 0, 0, 0]);
  const p = 1 / (1 + Math.exp(1));
  expectClose((await rowsOf(source, 'probability')).rows[1]!, [0, p * (1 - p), 0, 0, 0, 0]);
  expectClose((await rowsOf(source, 'log-probability')).rows[1]!, [0, 1 - p, 0, 0, 0, 0]);
});

it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
  ['clipped', (x) => tf.softmax(x).clipByValue(0.01, 0.99)],
  ['divided by its sum', (x) => tf.tidy(() => tf.sigmoid(x).div(tf.sigmoid(x).sum(-1, true)))],
  ['with other outputs beside it', (x) => tf.concat([tf.sigmoid(x), x], 1)],
])('outputs that are a softmax or sigmoid %s are as they are', async (_, source) => {
  const { network } = await rowsOf(source, 'logit');
  expect(network).toMatchObject({ outputKind: 'as-is', head: { kind: 'as-is' } });
  await expect(rowsOf(source, 'probability')).rejects.toThrow(/(Softmax|Sigmoid).*--output-kind logit/);
});

it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
  ['a sigmoid', (x) => tf.div(1, tf.add(1, tf.exp(tf.neg(x))))],
  ['a reciprocal sigmoid, reshaped', (x) => tf.reciprocal(tf.add(tf.exp(tf.neg(x)), 1)).reshape([-1, 2, 3])],
  ['a softmax', (x) => tf.div(tf.exp(x), tf.sum(tf.exp(x), -1, true))],
  [
    'a softmax less its maximum',
    (x) => {
      const powers = tf.exp(tf.sub(x, tf.max(x, -1, true)));
      return tf.div(powers, tf.sum(powers, -1, true));
    },
  ],
  ['a log-softmax', (x) => tf.sub(x, tf.logSumExp(x, -1, true))],
])(
  '%s that is written out is no logits: outputs are as they are, and so is what they are asked as',
  async (_, source) => {
    const { network } = await rowsOf(source, 'logit');
    expect(network).toMatchObject({ outputKind: 'as-is', head: { kind: 'as-is' } });
    await expect(rowsOf(source, 'probability')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  },
);

it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
  ['a softsign', (x) => tf.div(x, tf.add(1, tf.abs(x)))],
  ['a division by a constant', (x) => tf.div(x, 2)],
])('%s is no head', async (_, source) => {
  expect((await rowsOf(source, 'logit')).network.head?.kind).toBe('none');
});

it('a hidden sigmoid layer is no head, the last one is', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, inputShape: [6], activation: 'sigmoid', name: 'hidden' }),
      tf.layers.dense({ units: 1, activation: 'sigmoid', name: 'last' }),
    ],
  });
  await using hidden = await backend.load(model, { output: 'hidden' });
  expect(hidden.head?.kind).toBe('none');
  await using last = await backend.load(model);
  expect(last.head).toEqual({ kind: 'sigmoid', at: 'Sigmoid (last)' });
  model.dispose();
});

it('a product with its sigmoid is no head', async () => {
  const { network } = await rowsOf((x: tf.Tensor) => tf.mul(x, tf.sigmoid(x)), 'logit');
  expect(network).toMatchObject({ outputKind: 'logit', head: { kind: 'none' } });
});

it.each([16, 20, 40, 100])('keeps the digits of probabilities at a gap of %d', async (gap) => {
  const sure = { rows: 1, columns: 2, data: Float32Array.of(gap, 0) };
  const small = Math.exp(-gap);
  for (const engine of ['wasm', 'cpu'] as const) {
    await using network = await tfjsBackend({ engine }).load((x: tf.Tensor) => tf.softmax(x), {
      inputShape: [2],
      outputKind: 'probability',
    });
    const [rows] = await jacobianRows(network, sure, [0]);
    expect((rows!.data[0]! / small) * (1 + small) ** 2).toBeCloseTo(1, 6);
  }
});

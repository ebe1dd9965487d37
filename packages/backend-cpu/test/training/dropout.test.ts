import type { DenseMatrix, Dropout } from '@edjm/core';
import {
  batchNorm,
  conv2d,
  dense,
  dropoutMask,
  flatten,
  type Layer,
  leakyRelu,
  residual,
  scale,
} from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../../src/index.ts';

const SAMPLES = 3;
const FEATURES = 4;
const identity = dense({
  weight: {
    shape: [FEATURES, FEATURES],
    data: Float64Array.from({ length: FEATURES ** 2 }, (_, at) => Number(at % (FEATURES + 1) === 0)),
  },
});
/** The identity as well, but one behind which values are dropped. */
const activation = leakyRelu(1);

/** The outputs that a step finds for inputs of 1. */
async function outputs(
  inputShape: readonly number[],
  layers: readonly Layer[],
  dropout: Dropout,
): Promise<Float64Array> {
  await using network = await cpuBackend().loadTrainable({ name: 'f', inputShape, layers });
  const matrix = (columns: number): DenseMatrix => ({
    rows: SAMPLES,
    columns,
    data: new Float64Array(SAMPLES * columns).fill(1),
  });
  let found = new Float64Array();
  await network.gradients(matrix(network.sampleSize), matrix(network.dOut), {
    dropout,
    loss: (y) => {
      found = Float64Array.from(y.data);
      return { value: 0, gradient: y };
    },
  });
  return found;
}

/** The rest of a tensor of ones after dropout at the named places. */
function expected(size: number, dropout: Dropout, places: readonly number[]): Float64Array {
  return places.reduce(
    (values, place) => {
      const rate = place === 1 ? (dropout.input ?? 0) : (dropout.hidden ?? 0);
      const mask = dropoutMask(SAMPLES * size, { rate, seed: dropout.seed, place });
      return values.map((value, i) => value * mask[i]!);
    },
    new Float64Array(SAMPLES * size).fill(1),
  );
}

describe('dropout', () => {
  const both: Dropout = { input: 0.25, hidden: 0.5, seed: 5 };

  it.each<[string, readonly Layer[], Dropout, readonly number[]]>([
    ['the inputs, at place 1', [identity], both, [1]],
    [
      'each hidden activation, one after the other',
      [activation, identity, activation, identity],
      both,
      [1, 2, 3],
    ],
    [
      'activations at places of their own without dropout of inputs',
      [activation, identity],
      { hidden: 0.5, seed: 5 },
      [2],
    ],
    ['no activation behind the last weights', [activation, identity, activation], both, [1, 2]],
    [
      'all activations of a last residual layer',
      [residual([identity, activation], [scale(new Float64Array(4))])],
      both,
      [1, 2],
    ],
    [
      'no activation in front of a scale alone',
      [identity, activation, scale(new Float64Array(4).fill(1))],
      both,
      [1],
    ],
    [
      'no activation in front of batch normalization alone',
      [
        identity,
        activation,
        batchNorm({
          scale: new Float64Array(4).fill(1),
          bias: new Float64Array(4),
          mean: new Float64Array(4),
          variance: new Float64Array(4).fill(1),
          epsilon: 0,
        }),
      ],
      both,
      [1],
    ],
    ['nothing behind the inputs of a network without weights', [activation, activation], both, [1]],
  ])('drops %s', async (...[, layers, dropout, places]) => {
    expect(await outputs([FEATURES], layers, dropout)).toEqual(expected(FEATURES, dropout, places));
  });

  it('counts the activations of a body before those of the shortcut', async () => {
    const layers = [residual([activation], [activation, activation]), identity];
    const dropout: Dropout = { hidden: 0.5, seed: 2 };
    const body = expected(FEATURES, dropout, [2]);
    const shortcut = expected(FEATURES, dropout, [3, 4]);
    expect(await outputs([FEATURES], layers, dropout)).toEqual(body.map((value, i) => value + shortcut[i]!));
  });

  it('takes the values of images channel by channel', async () => {
    const pointwise = conv2d({ weight: { shape: [2, 2, 1, 1], data: Float64Array.of(1, 0, 0, 1) } });
    const layers = [activation, pointwise, flatten()];
    expect(await outputs([2, 3, 2], layers, both)).toEqual(expected(12, both, [1, 2]));
  });
});

import { singularValuesOfRows } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { edjm, fakeNetwork, randomSamples, squaredDifference, twoLayerRelu } from '../fakeNetworks.ts';

const TOLERANCE = 1e-13;

describe('inputScale', () => {
  const f = twoLayerRelu({ dIn: 5, hidden: 9, dOut: 2, seed: 8 });

  it.each([
    ['dual', 4],
    ['gram-of-rows', 30],
  ])('scales the columns, one factor for all or one each, by %s', async (method, n) => {
    const samples = randomSamples(n, 5, 2);
    const data = fakeDataset(samples);
    const plain = await analyze(fakeNetwork(f), data);
    const half = await analyze(fakeNetwork(f), data, { inputScale: 0.5 });
    const factors = [1, -2, 0, 1e-3, 0.5];
    const each = await analyze(fakeNetwork(f), data, { inputScale: factors });
    expect(half.method).toBe(method);
    for (const output of [0, 1]) {
      const expected = plain.outputs[output]!.singularValues.map((value) => value / 2);
      expect(squaredDifference(half.outputs[output]!.singularValues, expected)).toBeLessThan(TOLERANCE);
      const rows = edjm(f, samples, output);
      const scaled = { ...rows, data: rows.data.map((value, at) => value * factors[at % 5]!) };
      const found = each.outputs[output]!.singularValues;
      expect(squaredDifference(found, singularValuesOfRows(scaled))).toBeLessThan(TOLERANCE);
    }
  });

  it.each([
    [NaN, /got NaN for input 0/],
    [[1, 2], /one for each of 5 inputs, got 2 factors/],
    [[1, 1, 1, Infinity, 1], /got Infinity for input 3/],
  ])('of %s is refused', async (inputScale, message) => {
    const data = fakeDataset(randomSamples(4, 5, 2));
    const run = analyze(fakeNetwork(f), data, { inputScale });
    await expect(run).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message) as string,
    });
    expect(data.passes.begun).toBe(0);
  });
});

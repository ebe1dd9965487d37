import { describe, expect, it } from 'vitest';
import { analyze, type Dataset, type DenseMatrix } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork, linear, randomSamples } from '../fakeNetworks.ts';

/** It prefers batches of seven. */
const network = fakeNetwork(
  linear([
    [1, 2, 3],
    [4, 5, 6],
  ]),
);
const samples = randomSamples(10, 3, 1);

interface Wrong {
  readonly what: string;
  readonly described: Partial<Dataset>;
  readonly code: string;
  readonly says: RegExp;
}

/** What a data set gives instead of its samples. */
function giving(...batches: DenseMatrix[]): Partial<Dataset> {
  return {
    async *batches() {
      yield* batches;
    },
  };
}

async function expectRefused(data: Dataset, { code, says }: Pick<Wrong, 'code' | 'says'>): Promise<void> {
  await expect(analyze(network, data)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(says) as string,
  });
}

describe('a data set', () => {
  it.each<Wrong>([
    {
      what: 'samples of another width',
      described: { sampleShape: [2, 2] },
      code: 'SHAPE_MISMATCH',
      says: /^samples: expected samples of 3 values for fake \(shape \[3\]\), got 4 \(shape \[2, 2\]\)/,
    },
    { what: 'no samples', described: { n: 0 }, code: 'INVALID_DATA', says: /at least one sample, got 0/ },
    { what: 'no count', described: { n: NaN }, code: 'INVALID_DATA', says: /at least one sample, got NaN/ },
    { what: 'half a sample', described: { n: 9.5 }, code: 'INVALID_DATA', says: /got 9\.5/ },
  ])('that says it has $what is refused before it is read', async ({ described, ...refusal }) => {
    const data = fakeDataset(samples, described);
    await expectRefused(data, refusal);
    expect(data.passes.begun).toBe(0);
  });

  it.each<Wrong>([
    {
      what: 'a sample more than it says',
      described: { n: 9 },
      code: 'INVALID_DATA',
      says: /^samples: expected 9 samples, got 10 or more/,
    },
    {
      what: 'a batch more than it says',
      described: { n: 7 },
      code: 'INVALID_DATA',
      says: /expected 7 samples, got 10 or more/,
    },
    {
      what: 'fewer samples than it says',
      described: { n: 11 },
      code: 'INVALID_DATA',
      says: /expected 11 samples, got only 10/,
    },
    { what: 'nothing', described: { n: 3, ...giving() }, code: 'INVALID_DATA', says: /got only 0/ },
    {
      what: 'batches of another width',
      described: giving(randomSamples(5, 2, 1)),
      code: 'SHAPE_MISMATCH',
      says: /expected batches of 3 columns for fake, got 5 × 2 in an array of 10/,
    },
    {
      what: 'batches whose arrays are too short',
      described: giving({ rows: 5, columns: 3, data: new Float64Array(14) }),
      code: 'SHAPE_MISMATCH',
      says: /got 5 × 3 in an array of 14/,
    },
    {
      what: 'batches larger than asked for',
      described: giving(samples),
      code: 'INVALID_DATA',
      says: /expected batches of 1 to 7 samples, got 10/,
    },
    {
      what: 'empty batches',
      described: giving({ rows: 0, columns: 3, data: new Float64Array() }),
      code: 'INVALID_DATA',
      says: /expected batches of 1 to 7 samples, got 0/,
    },
  ])('that gives $what is refused, and closed', async ({ described, ...refusal }) => {
    const data = fakeDataset(samples, described);
    await expectRefused(data, refusal);
    expect(data.passes.ended).toBe(data.passes.begun);
  });

  it.each([NaN, Infinity])('with %s in it is refused, and the place named', async (value) => {
    const data = fakeDataset({ ...samples, data: Float64Array.from(samples.data).fill(value, 25, 26) });
    await expectRefused(data, {
      code: 'INVALID_DATA',
      says: new RegExp(
        `^samples: expected finite numbers, got ${value} in sample 8, value 1 \\(both counted from 0\\)`,
      ),
    });
    expect(data.passes).toEqual({ begun: 1, ended: 1 });
  });

  it('with numbers beyond float32 is refused for an engine in float32, and taken in float64', async () => {
    const large = randomSamples(5, 3, 1);
    large.data[4] = -1e39;
    const data = fakeDataset(large);
    await expect(analyze(network, data)).resolves.toBeDefined();
    const inFloat32 = { ...network, precision: 'float32' as const };
    await expect(analyze(inFloat32, data)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringMatching(
        /expected numbers within float32, got -1e\+39 in sample 1, value 1/,
      ) as string,
    });
  });
});

describe('axes of samples', () => {
  const image = { ...fakeNetwork(linear([Array.from({ length: 24 }, (_, i) => i)])), inputShape: [2, 3, 4] };
  const analyzed = (sampleShape: readonly number[]) =>
    analyze(image, fakeDataset(randomSamples(5, 24, 2), { sampleShape }));

  it.each([[[3, 4, 2]], [[4, 3, 2]]])('in another order are refused: %j', async (shape) => {
    await expect(analyzed(shape)).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringMatching(/the same axes in another order\. Transpose the data/) as string,
    });
  });

  it.each([[[2, 3, 4]], [[24]], [[1, 2, 3, 4]], [[2, 3, 1, 4]], [[6, 4]]])('are taken: %j', async (shape) => {
    expect((await analyzed(shape)).outputs).toHaveLength(1);
  });
});

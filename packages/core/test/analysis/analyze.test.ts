import { singularValuesOfRows } from '@edjm/linalg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze, type AnalyzeOptions, type DenseMatrix, planRun } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import {
  edjm,
  fakeNetwork,
  type FakeOptions,
  type KnownFunction,
  linear,
  randomSamples,
  squaredDifference,
  twoLayerRelu,
} from '../fakeNetworks.ts';
import { everyPath } from '../paths.ts';

const TOLERANCE = 1e-13;

/** Spectra of the stacked rows, by a direct decomposition. */
function spectra(f: KnownFunction, samples: DenseMatrix, outputs: readonly number[]): Float64Array[] {
  return outputs.map((output) => singularValuesOfRows(edjm(f, samples, output)));
}

async function expectSpectra(
  f: KnownFunction,
  samples: DenseMatrix,
  run: { readonly network?: FakeOptions; readonly options?: AnalyzeOptions },
) {
  const network = fakeNetwork(f, run.network);
  const found = await analyze(network, fakeDataset(samples), run.options);
  const outputs = run.options?.outputs ?? Array.from({ length: f.dOut }, (_, index) => index);
  expect(found.outputs.map(({ index }) => index)).toEqual(outputs);
  spectra(f, samples, outputs).forEach((expected, index) => {
    expect(squaredDifference(found.outputs[index]!.singularValues, expected)).toBeLessThan(TOLERANCE);
  });
  return { found, network };
}

describe('singular values', () => {
  it.each(everyPath)('by $method of $n samples, $paths, come from $call', async (path) => {
    const { method, n, dOut, paths, call } = path;
    const f = twoLayerRelu({ dIn: 13, hidden: 20, dOut, seed: n });
    const { found, network } = await expectSpectra(f, randomSamples(n, 13, 1), {
      network: { paths },
      options: { outputs: [2, 0], maxMemory: Infinity },
    });
    expect(found).toMatchObject({
      network: 'fake',
      outputKind: 'logit',
      data: { name: 'samples', n },
      dIn: 13,
      method,
      precision: 'float64',
      batchSize: 7,
      metrics: {},
    });
    expect(found.seconds).toBeGreaterThanOrEqual(0);
    expect(new Set(network.calls)).toEqual(new Set([call]));
  });

  it('of a linear network are one for each output: its rows are all the same', async () => {
    const weights = [
      [3, 4],
      [0, 0],
    ];
    const { outputs, normalizedSpectrum } = await analyze(
      fakeNetwork(linear(weights)),
      fakeDataset(randomSamples(25, 2, 3)),
    );
    expect(squaredDifference(outputs[0]!.singularValues, [25, 0])).toBeLessThan(TOLERANCE);
    expect(Array.from(outputs[1]!.singularValues)).toEqual([0, 0]);
    expect(normalizedSpectrum[0]).toBe(0.5);
  });

  it('do not depend on the batch size, the path, and which outputs are asked for in which order', async () => {
    const runs = fc
      .record({
        dIn: fc.integer({ min: 1, max: 8 }),
        dOut: fc.integer({ min: 1, max: 5 }),
        n: fc.integer({ min: 1, max: 20 }),
        batchSize: fc.option(fc.integer({ min: 1, max: 25 }), { nil: undefined }),
        hidden: fc.integer({ min: 1, max: 8 }),
        seed: fc.integer(),
        paths: fc.subarray(['jacobian', 'gram'] as const),
      })
      .chain((run) =>
        fc.record({
          run: fc.constant(run),
          outputs: fc.shuffledSubarray(
            Array.from({ length: run.dOut }, (_, index) => index),
            { minLength: 1 },
          ),
        }),
      );
    await fc.assert(
      fc.asyncProperty(runs, async ({ run: { n, batchSize, seed, paths, ...shape }, outputs }) => {
        const f = twoLayerRelu({ ...shape, seed });
        await expectSpectra(f, randomSamples(n, shape.dIn, seed), {
          network: { paths },
          options: { outputs, ...(batchSize !== undefined && { batchSize }) },
        });
      }),
    );
  });

  it.each([
    ['dual', 30, 0.4],
    ['gram-of-rows', 100, 0.4],
  ])('are the same by %s where memory is for fewer outputs at once', async (method, n, share) => {
    const f = twoLayerRelu({ dIn: 60, hidden: 30, dOut: 6, seed: 5 });
    const samples = randomSamples(n, 60, 6);
    const data = fakeDataset(samples);
    const network = fakeNetwork(f, { workspaceBytes: (_, count) => 1e7 * count });
    const outputs = [5, 1, 0, 4, 2, 3];
    const ample = await analyze(network, data, { outputs });
    const { bytes } = planRun({ network, n, outputs, maxMemory: Infinity });
    const maxMemory = share * bytes;
    const { groups } = planRun({ network, n, outputs, maxMemory });
    expect(groups.length).toBeGreaterThan(1);
    const small = await analyze(network, data, { outputs, maxMemory });
    expect(small.method).toBe(method);
    expect(data.passes).toEqual({ begun: 1 + groups.length, ended: 1 + groups.length });
    expect(small.outputs).toEqual(ample.outputs);
    expect(small.normalizedSpectrum).toEqual(ample.normalizedSpectrum);
  });

  it('need no more memory than what a refusal names', async () => {
    const f = twoLayerRelu({ dIn: 30, hidden: 10, dOut: 2, seed: 1 });
    const network = fakeNetwork(f, { workspaceBytes: (n, outputs) => 1e6 * n * outputs });
    const data = fakeDataset(randomSamples(50, 30, 1));
    const refusal = analyze(network, data, { maxMemory: 1000 });
    await expect(refusal).rejects.toMatchObject({
      code: 'MEMORY_LIMIT',
      message:
        'fake: expected at least 2 MB of working memory for 50 rows of 30 values, got 0 MB. Raise the memory limit, or ask for the largest values alone.',
    });
    expect(data.passes.begun).toBe(0);
    await expect(analyze(network, data, { maxMemory: 2e6 })).resolves.toMatchObject({ batchSize: 1 });
  });

  it('of float32 rows are those of the numbers that they are', async () => {
    const f = linear([[0.1, 0.7, -0.3]]);
    const network = fakeNetwork(f, { precision: 'float32' });
    const narrow = {
      ...network,
      vjp: async (batch: DenseMatrix, cotangents: DenseMatrix) => {
        const rows = await network.vjp(batch, cotangents);
        return { ...rows, data: Float32Array.from(rows.data) };
      },
    };
    const { outputs, precision } = await analyze(narrow, fakeDataset(randomSamples(8, 3, 1)));
    expect(precision).toBe('float32');
    const norm = Math.hypot(...Float32Array.of(0.1, 0.7, -0.3)) * Math.sqrt(8);
    expect(squaredDifference(outputs[0]!.singularValues, [norm, 0, 0])).toBeLessThan(TOLERANCE);
  });

  it('are of the probabilities where these are asked for', async () => {
    const f = linear([
      [1, 2],
      [0, -1],
    ]);
    const samples = randomSamples(10, 2, 4);
    const found = await analyze(fakeNetwork(f), fakeDataset(samples), { outputKind: 'probability' });
    expect(found.outputKind).toBe('probability');
    // p₀ = s(z₀ − z₁) with s the logistic function; its derivative is s (1 − s) (w₀ − w₁), and p₁ has the opposite.
    const slopes = Array.from({ length: 10 }, (_, i) => {
      const s = 1 / (1 + Math.exp(-(samples.data[2 * i]! + 3 * samples.data[2 * i + 1]!)));
      return s * (1 - s);
    });
    const expected = Math.hypot(...slopes) * Math.hypot(1, 3);
    for (const { singularValues } of found.outputs) {
      expect(squaredDifference(singularValues, [expected, 0])).toBeLessThan(TOLERANCE);
    }
  });
});

describe('options', () => {
  const f = linear([[1], [2]]);
  const data = fakeDataset(randomSamples(3, 1, 1));

  it.each<{ options: AnalyzeOptions; says: RegExp }>([
    { options: { outputs: [2] }, says: /different outputs from 0 to 1, got 2\./ },
    { options: { outputs: [-1] }, says: /got -1\./ },
    { options: { outputs: [] }, says: /got none\./ },
    { options: { outputs: [0, 0] }, says: /got 0, 0\./ },
    { options: { batchSize: 0 }, says: /batch size of 1 or more, got 0/ },
    { options: { batchSize: 1.5 }, says: /got 1\.5/ },
    { options: { maxMemory: NaN }, says: /memory limit above 0 bytes, got NaN/ },
  ])('$options are refused before the data is read', async ({ options, says }) => {
    await expect(analyze(fakeNetwork(f), data, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(says) as string,
    });
    expect(data.passes.begun).toBe(0);
  });
});

describe('the network', () => {
  it('is left loaded', async () => {
    const network = fakeNetwork(linear([[1, 2]]));
    await analyze(network, fakeDataset(randomSamples(3, 2, 1)));
    expect(network.calls).not.toContain('dispose');
  });
});

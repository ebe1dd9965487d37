import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { singularValuesOfRows } from '@edjm/linalg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Analysis,
  analyze,
  type Dataset,
  type DifferentiableNetwork,
  explainAnalysis,
  spectrumMethods,
  type SpectrumMethod,
} from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { edjm, fakeNetwork, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** The two files of the guide, in a package of their own. */
describe('a method from the guide', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edjm-method-'));
  let powerIteration: SpectrumMethod;
  let largestValues: (network: DifferentiableNetwork, data: Dataset) => Promise<Analysis>;

  beforeAll(async () => {
    const page = readFileSync(join(repository, 'apps/docs/guides/add-a-spectrum-method.md'), 'utf8');
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
    expect(blocks).toHaveLength(2);
    mkdirSync(join(folder, 'node_modules/@edjm'), { recursive: true });
    symlinkSync(join(repository, 'packages/core'), join(folder, 'node_modules/@edjm/core'));
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'edjm-method-power', type: 'module' }),
    );
    writeFileSync(join(folder, 'powerIteration.ts'), blocks[0]!);
    writeFileSync(join(folder, 'largestValues.ts'), blocks[1]!);
    ({ powerIteration } = (await import(join(folder, 'powerIteration.ts'))) as {
      powerIteration: SpectrumMethod;
    });
    ({ largestValues } = (await import(join(folder, 'largestValues.ts'))) as {
      largestValues: (network: DifferentiableNetwork, data: Dataset) => Promise<Analysis>;
    });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const f = twoLayerRelu({ dIn: 13, hidden: 20, dOut: 3, seed: 4 });
  const samples = randomSamples(40, 13, 2);

  it('runs through analyze, and gives values within its bounds', async () => {
    const { method, outputs } = await largestValues(fakeNetwork(f), fakeDataset(samples));
    expect(method).toBe('power-iteration');
    expect(outputs.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const { index, singularValues, errorBounds } of outputs) {
      const [largest] = singularValuesOfRows(edjm(f, samples, index));
      expect(singularValues).toHaveLength(1);
      expect(Math.abs(singularValues[0]! - largest!)).toBeLessThan(errorBounds[0]! + 1e-12 * largest!);
      expect(errorBounds[0]! / largest!).toBeLessThan(0.1);
    }
  });

  it('is planned, with its reasons, and held to a limit of memory', async () => {
    const options = { methods: [powerIteration], method: 'power-iteration', values: 1 };
    const { plan } = await explainAnalysis(fakeNetwork(f), fakeDataset(samples), options);
    expect(plan).toMatchObject({
      method: 'power-iteration',
      values: 1,
      passes: 180,
      groups: [[0], [1], [2]],
    });
    expect(plan.reasons[0]).toBe('power-iteration: power iteration on products with J and Jᵀ');
    await expect(
      analyze(fakeNetwork(f), fakeDataset(samples), { ...options, maxMemory: 500 }),
    ).rejects.toMatchObject({ code: 'MEMORY_LIMIT' });
  });

  it('is chosen only if it is asked for, and refused if it cannot do the job', async () => {
    const methods = [powerIteration, ...spectrumMethods];
    const data = fakeDataset(samples);
    const { plan } = await explainAnalysis(fakeNetwork(f), data, { methods, values: 1 });
    expect(plan.method).toBe('gram-of-rows');
    const method = 'power-iteration';
    for (const [options, says] of [
      [{ values: 2 }, /method power-iteration expected one singular value, got 2\./],
      [{}, /expected a number of largest values, or metrics that read these alone, got all values/],
      [{ values: 1, accuracy: 1e-3 }, /expected no accuracy/],
    ] as const) {
      await expect(analyze(fakeNetwork(f), data, { ...options, methods, method })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(says) as string,
      });
    }
  });
});

it('a method that is not in the list is refused with those that are', async () => {
  const run = analyze(
    fakeNetwork(twoLayerRelu({ dIn: 3, hidden: 2, dOut: 1, seed: 1 })),
    fakeDataset(randomSamples(4, 3, 1)),
    { method: 'gran' },
  );
  await expect(run).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message:
      'expected a method among dual, gram, gram-of-rows, tsqr, dual-blocks, krylov, frequent-directions, got "gran". Take one of these, or none for the best.',
  });
});

it('a metric that reads JᵀJ is refused if the method forgets it', async () => {
  const dual = spectrumMethods[0]!;
  const careless: SpectrumMethod = {
    ...dual,
    name: 'careless',
    async *spectra(run) {
      for await (const found of dual.spectra(run)) yield { ...found, gram: undefined };
    },
  };
  const metric = { name: 'trace', description: '', needs: ['gram'] as const, compute: () => 0 };
  const run = analyze(
    fakeNetwork(twoLayerRelu({ dIn: 3, hidden: 2, dOut: 1, seed: 1 })),
    fakeDataset(randomSamples(2, 3, 1)),
    { methods: [careless], metrics: [metric] },
  );
  await expect(run).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

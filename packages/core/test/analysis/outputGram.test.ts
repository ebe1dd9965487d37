import { singularValuesOfRows } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import { type DenseMatrix, outputGram, withOutputKind } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import {
  edjm,
  fakeNetwork,
  type KnownFunction,
  linear,
  randomSamples,
  twoLayerRelu,
} from '../fakeNetworks.ts';

/** Σ ⟨∇f_j, ∇f_k⟩ over the samples, entry by entry. */
function expectedGram(f: KnownFunction, samples: DenseMatrix, outputs: readonly number[]): number[] {
  const rows = outputs.map((output) => edjm(f, samples, output).data);
  return rows.flatMap((a) => rows.map((b) => a.reduce((sum, entry, at) => sum + entry * b[at]!, 0)));
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, at) => {
    expect(Math.abs(actual[at]! - value)).toBeLessThan(1e-13 * largest);
  });
}

const f = twoLayerRelu({ dIn: 13, hidden: 20, dOut: 5, seed: 1 });
const samples = randomSamples(23, 13, 2);

describe('outputGram', () => {
  it.each([[], ['jacobian'], ['jacobian', 'gram']] as const)(
    'sums the products of gradients of all pairs of outputs (paths: %j)',
    async (...paths) => {
      const network = fakeNetwork(f, { paths });
      const found = await outputGram(network, fakeDataset(samples));
      expect(found).toMatchObject({ outputs: [0, 1, 2, 3, 4], n: 23, gram: { rows: 5, columns: 5 } });
      expectClose(found.gram.data, expectedGram(f, samples, [0, 1, 2, 3, 4]));
    },
  );

  it('has the singular values of all Jacobians side by side, to within their bounds', async () => {
    const { singularValues, errorBounds } = await outputGram(fakeNetwork(f), fakeDataset(samples));
    const rows = [0, 1, 2, 3, 4].map((output) => [...edjm(f, samples, output).data]).flat();
    const expected = singularValuesOfRows({ rows: 5, columns: 23 * 13, data: Float64Array.from(rows) });
    expect(singularValues).toHaveLength(5);
    expected.forEach((value, i) => {
      expect(Math.abs(singularValues[i]! - value)).toBeLessThanOrEqual(
        errorBounds[i]! + 1e-15 * expected[0]!,
      );
    });
    expect(errorBounds[0]).toBeLessThan(1e-10 * expected[0]!);
  });

  it('takes the outputs in the order asked for', async () => {
    const found = await outputGram(fakeNetwork(f), fakeDataset(samples), { outputs: [3, 1] });
    expect(found.outputs).toEqual([3, 1]);
    expectClose(found.gram.data, expectedGram(f, samples, [3, 1]));
  });

  it('does not depend on the batch size', async () => {
    const one = await outputGram(fakeNetwork(f), fakeDataset(samples), { batchSize: 1 });
    const all = await outputGram(fakeNetwork(f), fakeDataset(samples), { batchSize: 1000 });
    expect(one).toEqual(all);
  });

  it('of probabilities of two classes is singular: they sum to one', async () => {
    const network = withOutputKind(
      fakeNetwork(
        linear([
          [1, 2, 0],
          [0, 1, 3],
        ]),
      ),
      'probability',
    );
    const { gram } = await outputGram(network, fakeDataset(randomSamples(9, 3, 1)));
    const [a = NaN, b, c, d] = gram.data;
    expect(b).toBeCloseTo(-a, 14);
    expect(c).toBeCloseTo(-a, 14);
    expect(d).toBeCloseTo(a, 14);
  });

  it('counts an input scale in every product', async () => {
    const network = fakeNetwork(
      linear([
        [1, 2],
        [3, 4],
      ]),
    );
    const points = fakeDataset(randomSamples(3, 2, 1));
    const { gram } = await outputGram(network, points, { inputScale: [10, 1] });
    expect(gram.data).toEqual(Float64Array.of(3 * 104, 3 * 308, 3 * 308, 3 * 916));
    expect((await outputGram(network, points, { inputScale: 2 })).gram.data[0]).toBe(3 * 20);
  });

  it('keeps within its memory by smaller batches, and says what it needs at least', async () => {
    const network = fakeNetwork(f, { workspaceBytes: (n) => 1e6 * n });
    const found = await outputGram(network, fakeDataset(samples), { maxMemory: 2.1e6 });
    expect(network.calls).toHaveLength(5 * Math.ceil(23 / 1));
    expectClose(found.gram.data, expectedGram(f, samples, [0, 1, 2, 3, 4]));

    const data = fakeDataset(samples);
    await expect(outputGram(network, data, { maxMemory: 1e6 })).rejects.toMatchObject({
      code: 'MEMORY_LIMIT',
      message:
        'fake: expected at least 2 MB of working memory for batches of 1, got 1 MB. Raise the memory limit.',
    });
    await expect(outputGram(network, data, { maxMemory: 5e6, batchSize: 7 })).rejects.toMatchObject({
      code: 'MEMORY_LIMIT',
    });
    expect(data.passes.begun).toBe(0);
  });

  it.each([
    [{ outputs: [5] }, 'INVALID_ARGUMENT', /outputs from 0 to 4, got 5/],
    [{ outputs: [] }, 'INVALID_ARGUMENT', /got none/],
    [{ batchSize: 0 }, 'INVALID_ARGUMENT', /batch size of 1 or more, got 0/],
    [{ maxMemory: 0 }, 'INVALID_ARGUMENT', /memory limit above 0 bytes, got 0/],
    [{ inputScale: [1, 2] }, 'INVALID_ARGUMENT', /inputScale/],
    [{ signal: AbortSignal.abort() }, 'ABORTED', /canceled/],
  ] as const)('refuses %j', async (options, code, message) => {
    const data = fakeDataset(samples);
    await expect(outputGram(fakeNetwork(f), data, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(data.passes.begun).toBe(0);
  });

  it('refuses data of another width, broken data and broken gradients', async () => {
    const wide = fakeDataset(randomSamples(3, 12, 1));
    await expect(outputGram(fakeNetwork(f), wide)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    const broken = randomSamples(3, 13, 1);
    broken.data[20] = NaN;
    await expect(outputGram(fakeNetwork(f), fakeDataset(broken))).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('in sample 1, value 7') as string,
    });
    const overflowing = fakeNetwork({ ...f, gradient: () => new Array<number>(13).fill(Infinity) });
    await expect(outputGram(overflowing, fakeDataset(samples))).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
  });
});

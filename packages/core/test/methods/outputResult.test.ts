import { describe, expect, it } from 'vitest';
import { analyze, type DenseMatrix, type Metric, type Quantities } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { edjm, fakeNetwork, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

describe('metrics', () => {
  const f = twoLayerRelu({ dIn: 4, hidden: 6, dOut: 3, seed: 2 });
  const samples = randomSamples(12, 4, 9);

  it('get exactly what they need and where it comes from', async () => {
    const seen: [name: string, quantities: Partial<Quantities>, context: object][] = [];
    const metric = (name: string, needs: Metric['needs']): Metric => ({
      name,
      description: name,
      needs,
      compute: (quantities, context) => seen.push([name, quantities, context]),
    });
    const metrics = [
      metric('nothing', []),
      metric('values', ['singularValues']),
      metric('both', ['gram', 'singularValues']),
      metric('gram', ['gram']),
    ];
    const { outputs } = await analyze(fakeNetwork(f), fakeDataset(samples), { metrics, outputs: [2, 1] });
    expect(seen.map(([name, quantities]) => [name, Object.keys(quantities).sort()])).toEqual(
      [2, 1].flatMap(() => [
        ['nothing', []],
        ['values', ['singularValues']],
        ['both', ['gram', 'singularValues']],
        ['gram', ['gram']],
      ]),
    );
    for (const [at, [, quantities, context]] of seen.entries()) {
      const output = outputs[Math.floor(at / 4)]!;
      expect(context).toEqual({ output: output.index, n: 12, dIn: 4 });
      if (quantities.singularValues) expect(quantities.singularValues).toEqual(output.singularValues);
      if (quantities.gram) expectGram(quantities.gram, output.index);
    }
  });

  it.each([
    ['dual', 3],
    ['gram-of-rows', 12],
  ])('can read JᵀJ by %s', async (method, n) => {
    const trace: Metric<'gram'> = {
      name: 'trace',
      description: 'trace of JᵀJ',
      needs: ['gram'],
      compute: ({ gram: { data, columns } }) =>
        Array.from(data).reduce((sum, value, at) => (at % (columns + 1) === 0 ? sum + value : sum), 0),
    };
    const found = await analyze(fakeNetwork(f), fakeDataset(randomSamples(n, 4, 9)), { metrics: [trace] });
    expect(found.method).toBe(method);
    found.outputs.forEach(({ singularValues }, index) => {
      const squares = singularValues.reduce((sum, value) => sum + value * value, 0);
      expect(found.metrics.trace!.perOutput![index]! / squares).toBeCloseTo(1, 12);
    });
  });

  it('are reported for every output and averaged, with their options', async () => {
    const index: Metric<never> = {
      name: 'index',
      description: 'which output',
      needs: [],
      options: { from: 0 },
      compute: (_, { output }) => output,
    };
    const one: Metric<never> = { name: 'one', description: 'one', needs: [], compute: () => 1 };
    const { metrics } = await analyze(fakeNetwork(f), fakeDataset(samples), {
      metrics: [index, one],
      outputs: [2, 0],
    });
    expect(metrics).toEqual({
      index: { value: 1, perOutput: [2, 0], description: 'which output', options: { from: 0 } },
      one: { value: 1, perOutput: [1, 1], description: 'one' },
    });
  });

  const metric: Metric<never> = { name: 'm', description: 'm', needs: [], compute: () => 1 };

  it.each<{ what: string; metrics: Metric[]; code: string; says: RegExp }>([
    {
      what: 'of the same name',
      metrics: [metric, metric],
      code: 'INVALID_ARGUMENT',
      says: /different names, got "m" twice/,
    },
    {
      what: 'that need what is not computed',
      metrics: [{ ...metric, needs: ['rows' as never] }],
      code: 'UNSUPPORTED',
      says: /^metric m: expected needs among singularValues, gram, rightSingularVectors, got rows/,
    },
    {
      what: 'that are not finite',
      metrics: [{ ...metric, compute: () => NaN }],
      code: 'INVALID_DATA',
      says: /^metric m: expected a finite number for output 0, got NaN/,
    },
  ])('$what are refused', async ({ metrics, code, says }) => {
    await expect(analyze(fakeNetwork(f), fakeDataset(samples), { metrics })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says) as string,
    });
  });

  function expectGram(gram: DenseMatrix, output: number): void {
    const { data } = edjm(f, samples, output);
    expect(gram).toMatchObject({ rows: 4, columns: 4 });
    gram.data.forEach((value, at) => {
      const [i, j] = [Math.floor(at / 4), at % 4];
      const expected = Array.from({ length: 12 }, (_, r) => data[4 * r + i]! * data[4 * r + j]!);
      expect(value).toBeCloseTo(
        expected.reduce((a, b) => a + b),
        12,
      );
    });
  }
});

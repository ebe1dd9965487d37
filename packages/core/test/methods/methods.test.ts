import { multiply, singularValuesOfRows } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import {
  analyze,
  type AnalyzeOptions,
  type DenseMatrix,
  type DifferentiableNetwork,
  explainAnalysis,
  type Metric,
} from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { edjm, fakeNetwork, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

const f = twoLayerRelu({ dIn: 13, hidden: 20, dOut: 3, seed: 4 });

/** The same rows one below the other. */
function stacked(blocks: readonly DenseMatrix[]): DenseMatrix {
  const columns = blocks[0]!.columns;
  const data = Float64Array.from(blocks.flatMap((block) => Array.from(block.data)));
  return { rows: data.length / columns, columns, data };
}

/** Each value is within its bound of the oracle's, which is itself exact to some 1e-15 of the largest. */
function expectWithinBounds(
  { singularValues, errorBounds }: { singularValues: Float64Array; errorBounds: Float64Array },
  exact: ArrayLike<number>,
): void {
  expect(errorBounds).toHaveLength(singularValues.length);
  singularValues.forEach((value, index) => {
    const slack = 1e-14 * exact[0]!;
    expect(Math.abs(value - (exact[index] ?? 0))).toBeLessThanOrEqual(errorBounds[index]! + slack);
  });
}

const sumOfValues: Metric<'singularValues'> = {
  name: 'sum',
  description: 'sum of the singular values',
  needs: ['singularValues'],
  compute: ({ singularValues }) => singularValues.reduce((a, b) => a + b),
};

const trace: Metric<'gram'> = {
  name: 'trace',
  description: 'trace of JᵀJ',
  needs: ['gram'],
  compute: ({ gram: { data, columns } }) =>
    Array.from(data).reduce((sum, value, at) => (at % (columns + 1) === 0 ? sum + value : sum), 0),
};

const squaresOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

describe('every method', () => {
  it.each<[string, number, AnalyzeOptions]>([
    ['dual', 9, {}],
    ['gram-of-rows', 9, {}],
    ['gram-of-rows', 60, {}],
    ['tsqr', 9, {}],
    ['tsqr', 60, {}],
    ['dual-blocks', 9, {}],
    ['dual-blocks', 13, { batchSize: 4 }],
    ['dual-blocks', 13, { batchSize: 4, values: 3, inputScale: 3 }],
    ['krylov', 9, { values: 4 }],
    ['krylov', 60, { values: 5 }],
    ['frequent-directions', 60, { values: 6 }],
    ['frequent-directions', 60, {}],
  ])('%s for %i samples gives values within its bounds', async (method, n, options) => {
    const samples = randomSamples(n, 13, n);
    const found = await analyze(fakeNetwork(f), fakeDataset(samples), { method, ...options });
    expect(found.method).toBe(method);
    found.outputs.forEach((spectrum) => {
      const rows = edjm(f, samples, spectrum.index);
      const scale = typeof options.inputScale === 'number' ? options.inputScale : 1;
      const exact = singularValuesOfRows({ ...rows, data: rows.data.map((value) => value * scale) });
      expect(spectrum.singularValues).toHaveLength(options.values ?? Math.min(n, 13));
      expectWithinBounds(spectrum, exact);
      const worst = Math.max(...spectrum.errorBounds) / exact[0]!;
      if (method !== 'frequent-directions') expect(worst).toBeLessThan(1e-4);
    });
  });

  it('stays within the accuracy that is asked for, and says beforehand which it has', async () => {
    const samples = randomSamples(80, 13, 2);
    for (const accuracy of [1e-3, 1e-5, 1e-9, 1e-12]) {
      const options = { accuracy };
      const { plan } = await explainAnalysis(fakeNetwork(f), fakeDataset(samples), options);
      const { outputs, method } = await analyze(fakeNetwork(f), fakeDataset(samples), options);
      expect(method).toBe(plan.method);
      expect(method).toBe(accuracy < 1e-6 ? 'tsqr' : 'gram-of-rows');
      for (const { singularValues, errorBounds } of outputs) {
        expect(Math.max(...errorBounds) / singularValues[0]!).toBeLessThanOrEqual(plan.accuracy);
      }
      expect(plan.accuracy).toBeLessThanOrEqual(accuracy);
    }
  });

  it('takes one pass over the data, but krylov', async () => {
    for (const method of ['tsqr', 'frequent-directions', 'gram-of-rows'] as const) {
      const data = fakeDataset(randomSamples(30, 13, 1));
      await analyze(fakeNetwork(f), data, { method });
      expect(data.passes).toEqual({ begun: 1, ended: 1 });
    }
    const options = { method: 'krylov', values: 3, outputs: [1] } as const;
    const data = fakeDataset(randomSamples(30, 13, 1));
    const { plan } = await explainAnalysis(fakeNetwork(f), data, { ...options, maxMemory: Infinity });
    const rows = 8 * 30 * 13;
    expect(plan.keptRows).toBe(rows);
    const kept = await analyze(fakeNetwork(f), data, { ...options, maxMemory: plan.bytes });
    expect(data.passes).toEqual({ begun: 1, ended: 1 });
    const again = await analyze(fakeNetwork(f), data, { ...options, maxMemory: plan.bytes - rows });
    expect(data.passes.begun).toBeGreaterThan(2);
    expect(data.passes.ended).toBe(data.passes.begun);
    expect(again.outputs).toEqual(kept.outputs);
  });

  it('is canceled in the middle of it', async () => {
    const abort = new AbortController();
    const run = analyze(fakeNetwork(f), fakeDataset(randomSamples(30, 13, 1)), {
      method: 'krylov',
      values: 3,
      signal: abort.signal,
      onProgress: () => {
        abort.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('the stacked spectrum', () => {
  it.each<[string, number]>([
    ['dual', 4],
    ['dual', 9],
    ['gram-of-rows', 30],
    ['tsqr', 30],
    ['frequent-directions', 30],
  ])('by %s of %i samples is that of the rows of all outputs', async (method, n) => {
    const samples = randomSamples(n, 13, 3);
    const rows = stacked([0, 1, 2].map((output) => edjm(f, samples, output)));
    const options = { method, stacked: true, metrics: [sumOfValues, trace] };
    const found = await analyze(fakeNetwork(f), fakeDataset(samples), options);
    const { singularValues, metrics } = found.stacked!;
    expectWithinBounds(found.stacked!, singularValuesOfRows(rows));
    expect(singularValues).toHaveLength(Math.min(3 * n, 13));
    expect(found.outputs).toHaveLength(3);
    expect(metrics['sum']).toBe(singularValues.reduce((a, b) => a + b));
    if (method !== 'frequent-directions') {
      expect(metrics['trace']! / squaresOf(rows.data as Float64Array)).toBeCloseTo(1, 12);
    }
  });

  it('is there only if it is asked for, and tells metrics of how many rows it is', async () => {
    const data = fakeDataset(randomSamples(30, 13, 1));
    expect(await analyze(fakeNetwork(f), data)).not.toHaveProperty('stacked');
    const seen: object[] = [];
    const metric: Metric = { ...sumOfValues, compute: (_, context) => seen.push(context) };
    await analyze(fakeNetwork(f), data, { metrics: [metric], stacked: true, outputs: [2, 0] });
    expect(seen).toEqual([
      { output: 2, n: 30, dIn: 13 },
      { output: 0, n: 30, dIn: 13 },
      { output: -1, n: 60, dIn: 13 },
    ]);
  });
});

describe('a network that is a function of fewer values, linear in its input', () => {
  const h = 4;
  const matrix = randomSamples(h, 13, 8);
  const inner = twoLayerRelu({ dIn: h, hidden: 12, dOut: 3, seed: 9 });

  /** The inner network behind x ↦ W x, and the same as a function of W x. */
  function network(): DifferentiableNetwork & { readonly calls: string[]; readonly narrowCalls: string[] } {
    const whole = fakeNetwork({
      dIn: 13,
      dOut: 3,
      output: (x, k) => inner.output(through(x), k),
      gradient: (x, k) => {
        const row = { rows: 1, columns: h, data: Float64Array.from(inner.gradient(through(x), k)) };
        return Array.from(multiply(row, matrix).data);
      },
    });
    const behind = fakeNetwork(inner);
    const narrow: DifferentiableNetwork = {
      ...behind,
      inputShape: [13],
      sampleSize: 13,
      dIn: h,
      forward: (batch) => behind.forward(throughAll(batch)),
      vjp: (batch, cotangents) => behind.vjp(throughAll(batch), cotangents),
    };
    const narrowed = async (atMost = Infinity) => (h <= atMost ? { network: narrow, matrix } : undefined);
    return { ...whole, narrowed, narrowCalls: behind.calls };
  }

  const throughAll = (batch: DenseMatrix): DenseMatrix => multiply(batch, matrix, { transposeB: true });
  const through = (x: Float64Array): Float64Array =>
    throughAll({ rows: 1, columns: 13, data: x }).data as Float64Array;

  /** The EDJM by the chain rule. */
  function rowsOf(samples: DenseMatrix, output: number, scale = 1): DenseMatrix {
    const rows = multiply(edjm(inner, throughAll(samples), output), matrix);
    return { ...rows, data: rows.data.map((value) => value * scale) };
  }

  it.each<[string, number, number | undefined]>([
    ['dual', 4, undefined],
    ['gram-of-rows', 50, undefined],
    ['tsqr', 50, undefined],
    ['krylov', 50, 3],
  ])('has its spectrum by %s of %i samples, and zeros', async (method, n, values) => {
    const samples = randomSamples(n, 13, 5);
    const target = network();
    const found = await analyze(target, fakeDataset(samples), {
      method,
      inputScale: 3,
      ...(values !== undefined && { values }),
    });
    expect(found.dIn).toBe(13);
    for (const spectrum of found.outputs) {
      expectWithinBounds(spectrum, singularValuesOfRows(rowsOf(samples, spectrum.index, 3)));
      expect(spectrum.singularValues).toHaveLength(values ?? Math.min(n, 13));
      expect(spectrum.singularValues.slice(h).every((value) => value === 0)).toBe(true);
      expect(spectrum.errorBounds.slice(h).every((bound) => bound === 0)).toBe(true);
    }
    expect(target.calls).toEqual([]);
    expect(target.narrowCalls.at(-1)).toBe('dispose');
  });

  it('has JᵀJ with respect to x, for metrics', async () => {
    const samples = randomSamples(50, 13, 6);
    const options = { metrics: [trace, sumOfValues], stacked: true };
    const { metrics, stacked: together } = await analyze(network(), fakeDataset(samples), options);
    const blocks = [0, 1, 2].map((output) => rowsOf(samples, output));
    blocks.forEach(({ data }, output) => {
      expect(metrics['trace']!.perOutput![output]! / squaresOf(data as Float64Array)).toBeCloseTo(1, 12);
    });
    expectWithinBounds(together!, singularValuesOfRows(stacked(blocks)));
  });

  it('is looked at as a whole if there are fewer samples than values', async () => {
    const target = network();
    await analyze(target, fakeDataset(randomSamples(3, 13, 5)));
    expect(target.narrowCalls).toEqual([]);
  });

  it('is explained', async () => {
    const { plan } = await explainAnalysis(network(), fakeDataset(randomSamples(50, 13, 5)));
    expect(plan.values).toBe(13);
    expect(plan.reasons.join()).toMatch(/depends on its 13 inputs through 4 values/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze, type DenseMatrix, jackknifeInterval, type Metric, rowsNetwork } from '../../src/index.ts';
import { studentQuantile } from '../../src/evidence/studentQuantile.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { randomSamples } from '../fakeNetworks.ts';

const nuclearNorm: Metric<'singularValues'> = {
  name: 'nuclear-norm',
  description: 'sum of the singular values',
  needs: ['singularValues'],
  compute: ({ singularValues }) => singularValues.reduce((sum, value) => sum + value, 0),
};
/** Sum of the ten largest values, relative to the largest. */
const score: Metric<'singularValues'> = {
  name: 'score',
  description: 'sum of the ten largest relative to the largest',
  needs: ['singularValues'],
  largest: (total) => Math.min(total, 10),
  compute: ({ singularValues }) =>
    singularValues.slice(0, 10).reduce((sum, value) => sum + value / (singularValues[0] ?? 1), 0),
};
const metrics = [nuclearNorm, score];

/** Rows of falling scale. */
function rowsOf(n: number, dIn: number, seed = 1): DenseMatrix {
  const { data } = randomSamples(n, dIn, seed);
  return { rows: n, columns: dIn, data: data.map((value, at) => value / (1 + (at % dIn))) };
}

/** The rows without those from `first` on. */
function without({ columns, data }: DenseMatrix, first: number, count: number): DenseMatrix {
  const left = Float64Array.of(...data.slice(0, first * columns), ...data.slice((first + count) * columns));
  return { rows: left.length / columns, columns, data: left };
}

const of = (rows: DenseMatrix, options: object = {}) =>
  analyze(rowsNetwork({ rowShape: [rows.columns] }), fakeDataset(rows), { metrics, ...options });

describe('the interval of a metric', () => {
  it.each([
    ['gram-of-rows', 400, 30],
    ['gram-of-rows', 400, 150],
    ['gram-of-rows', 400, 300],
    ['dual', 60, 90],
    ['tsqr', 200, 20],
  ])('by %s, n = %i, d = %i, is that of analyses without each group', async (method, n, dIn) => {
    const rows = rowsOf(n, dIn);
    const batchSize = n / 20;
    const found = await of(rows, { method, batchSize, confidence: 0.9 });
    const left: number[][] = [];
    for (let first = 0; first < n; first += batchSize) {
      const rest = await of(without(rows, first, batchSize), { method });
      left.push(metrics.map(({ name }) => rest.metrics[name]!.value));
    }
    for (const [index, { name }] of metrics.entries()) {
      const { interval, value } = found.metrics[name]!;
      const values = left.map((row) => row[index]!);
      const expected = jackknifeInterval(value, values, 0.9);
      expect(interval!.groups).toBe(20);
      expect(interval!.standardError / expected.standardError, name).toBeCloseTo(1, 1);
      // The nuclear norm reads all values; of many columns only the largest are followed one by one.
      const isKnown = dIn <= 256 || name === 'score';
      expect(interval!.bias !== undefined, name).toBe(isKnown);
      if (!isKnown) continue;
      expect(Math.abs(interval!.bias! - expected.bias), name).toBeLessThan(0.2 * expected.standardError);
    }
  });

  it('follows a narrowed network and a scale', async () => {
    const rows = rowsOf(200, 12);
    const plain = await of(rows, { confidence: 0.95 });
    const scaled = await of(rows, { confidence: 0.95, inputScale: 3 });
    const [a, b] = [plain.metrics, scaled.metrics];
    expect(b['nuclear-norm']!.interval!.low / a['nuclear-norm']!.interval!.low).toBeCloseTo(3, 9);
    expect(b['score']!.interval!.high).toBeCloseTo(a['score']!.interval!.high, 9);
  });

  it('has at most 50 groups, and 20 if batches would be larger', async () => {
    const rows = rowsOf(1000, 5);
    expect((await of(rows, { confidence: 0.95 })).metrics['score']!.interval!.groups).toBe(20);
    expect((await of(rows, { confidence: 0.95, batchSize: 1 })).metrics['score']!.interval!.groups).toBe(50);
    expect((await of(rowsOf(7, 5), { confidence: 0.95 })).metrics['score']!.interval!.groups).toBe(7);
  });

  it('is there only if it was asked for, and only for metrics of singular values', async () => {
    expect((await of(rowsOf(50, 5))).metrics['score']).not.toHaveProperty('interval');
    const trace: Metric<'gram'> = { name: 'trace', description: 't', needs: ['gram'], compute: () => 1 };
    const found = await of(rowsOf(50, 5), { confidence: 0.95, metrics: [trace] });
    expect(found.metrics['trace']).not.toHaveProperty('interval');
  });

  it.each([
    [{ confidence: 1 }, /a confidence between 0 and 1, got 1/],
    [{ confidence: 0.9, method: 'krylov', values: 2 }, /groups of samples/],
  ])('is refused for %j', async (options, message) => {
    await expect(of(rowsOf(50, 5), { ...options, metrics: [] })).rejects.toThrow(message);
  });
});

describe('the jackknife', () => {
  it('of a mean has its standard error and no bias', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 40 }),
        (x) => {
          const n = x.length;
          const sum = x.reduce((total, value) => total + value, 0);
          const mean = sum / n;
          const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1);
          const found = jackknifeInterval(
            mean,
            x.map((value) => (sum - value) / (n - 1)),
            0.95,
          );
          expect(found.standardError).toBeCloseTo(Math.sqrt(variance / n), 9);
          expect(found.bias).toBeCloseTo(0, 9);
        },
      ),
    );
  });

  it('takes the bias of the plain variance for what it is', () => {
    const x = [1, 4, 2, 8, 5, 7];
    const variance = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    };
    const left = x.map((_, i) => variance(x.filter((_, j) => j !== i)));
    const { bias } = jackknifeInterval(variance(x), left, 0.95);
    expect(variance(x) - bias).toBeCloseTo((variance(x) * 6) / 5, 12);
  });

  it.each([
    // R 4: qt(1 - (1 - level) / 2, freedom)
    [0.95, 19, 2.0930240544],
    [0.95, 49, 2.0095752371],
    [0.99, 19, 2.8609346065],
    [0.5, 1, 1],
    [0.9, 2, 2.9199855804],
  ])('takes the quantile of Student for level %d and %i degrees of freedom', (level, freedom, expected) => {
    expect(studentQuantile(level, freedom) / expected).toBeCloseTo(1, 5);
  });
});

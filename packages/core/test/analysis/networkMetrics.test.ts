import { describe, expect, it } from 'vitest';
import { analyze, defineNetworkMetric, type NetworkMetric, rowsNetwork } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork, linear, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

const f = twoLayerRelu({ dIn: 4, hidden: 6, dOut: 3, seed: 2 });
const samples = randomSamples(12, 4, 9);

/** Σ over the rows of all outputs of their squares. */
const squares = defineNetworkMetric({
  name: 'squares',
  description: 'sum of the squares of all rows',
  needs: ['rows'],
  observe: () => {
    let sum = 0;
    return {
      add: ({ rows }) => {
        for (const { data } of rows) for (const value of data) sum += value * value;
      },
      value: () => sum,
    };
  },
});

export const readsUndeclared = defineNetworkMetric({
  name: 'undeclared',
  description: 'for types',
  needs: ['outputs'],
  observe: () => ({
    add: (batch) => {
      // @ts-expect-error: rows are not among the needs
      expect(batch.rows).toBeUndefined();
    },
    value: () => 1,
  }),
});

function metric(name: string, needs: NetworkMetric['needs'], parts: Partial<NetworkMetric>): NetworkMetric {
  return { name, description: name, needs, observe: () => ({ value: () => 1 }), ...parts };
}

describe('a metric of a whole network', () => {
  it('reads each sample once, with all outputs, whatever the batches', async () => {
    let sum = 0;
    for (let row = 0; row < 12; row++) {
      for (let k = 0; k < 3; k++) {
        const x = Float64Array.from(samples.data.subarray(row * 4, row * 4 + 4));
        for (const value of f.gradient(x, k)) sum += value * value;
      }
    }
    for (const batchSize of [1, 5, 12]) {
      const { metrics } = await analyze(fakeNetwork(f), fakeDataset(samples), {
        metrics: [squares],
        batchSize,
      });
      expect(metrics.squares!.value).toBeCloseTo(sum, 10);
      expect(metrics.squares).not.toHaveProperty('perOutput');
    }
  });

  it('gets what it declares and nothing else, its own to keep', async () => {
    const seen: object[] = [];
    const observe: NetworkMetric['observe'] = (quantities, context) => {
      seen.push(quantities, context);
      return { add: (batch) => seen.push(batch), value: () => [1, 2] };
    };
    const { metrics } = await analyze(fakeNetwork(f), fakeDataset(samples), {
      metrics: [metric('kept', ['samples', 'outputs'], { observe })],
      outputs: [2, 0],
    });
    const [quantities, context, ...batches] = seen;
    expect(quantities).toEqual({});
    expect(context).toMatchObject({ n: 12, dIn: 4, outputs: [2, 0] });
    expect(batches.map((batch) => Object.keys(batch))).toEqual([
      ['samples', 'outputs'],
      ['samples', 'outputs'],
    ]);
    const [first, second] = batches as { samples: { data: Float64Array } }[];
    expect([...first!.samples.data, ...second!.samples.data]).toEqual([...samples.data]);
    expect(metrics.kept).toEqual({ value: 1.5, perOutput: [1, 2], description: 'kept' });
  });

  it('may run the network itself, and then costs no pass', async () => {
    const network = fakeNetwork(f);
    const observe: NetworkMetric['observe'] = ({ network: given }) => ({
      value: async () => (await given.forward({ rows: 1, columns: 4, data: new Float64Array(4) })).data[0]!,
    });
    const { metrics } = await analyze(network, fakeDataset(samples), {
      metrics: [metric('at-zero', ['network'], { observe })],
    });
    expect(metrics['at-zero']!.value).toBeCloseTo(f.output(new Float64Array(4), 0), 12);
    expect(network.calls.filter((call) => call === 'forward')).toHaveLength(1);
  });

  it.each<{ what: string; of: NetworkMetric; code: string; says: RegExp }>([
    {
      what: 'that is not finite',
      of: metric('wrong', ['network'], { observe: () => ({ value: () => NaN }) }),
      code: 'INVALID_DATA',
      says: /metric wrong: expected a finite number, got NaN/,
    },
    {
      what: 'of a wrong number of outputs',
      of: metric('wrong', ['network'], { observe: () => ({ value: () => [1, 2] }) }),
      code: 'INVALID_DATA',
      says: /expected 3 finite numbers, one for each output, got 1, 2/,
    },
    {
      what: 'that needs what does not exist',
      of: metric('wrong', ['singularValues' as 'rows'], {}),
      code: 'UNSUPPORTED',
      says: /expected needs among samples, outputs, rows, activationPatterns, network, got singularValues/,
    },
    {
      what: 'of activation patterns, if the engine has none',
      of: metric('wrong', ['activationPatterns'], {}),
      code: 'UNSUPPORTED',
      says: /expected a piecewise linear network in an engine that tells the pieces, got fake/,
    },
  ])('is refused if it is one $what', async ({ of, code, says }) => {
    await expect(analyze(fakeNetwork(f), fakeDataset(samples), { metrics: [of] })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says) as string,
    });
  });
});

describe('right singular vectors', () => {
  it('are those of the largest values that metrics ask for', async () => {
    let vectors: ArrayLike<number> = [];
    const { outputs } = await analyze(fakeNetwork(linear([[3, 4]])), fakeDataset(randomSamples(9, 2, 1)), {
      metrics: [
        {
          name: 'direction',
          description: 'first direction',
          needs: ['rightSingularVectors'],
          largest: () => 1,
          compute: ({ rightSingularVectors }) => (vectors = rightSingularVectors.data).length,
        },
      ],
    });
    expect(outputs[0]!.singularValues[0]).toBeCloseTo(15, 10);
    const sign = Math.sign(vectors[0]!);
    expect(Array.from(vectors, (value) => sign * value)).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
  });
});

describe('rowsNetwork', () => {
  it('has the spectra of the rows that it is given, by every method', async () => {
    const network = fakeNetwork(f);
    const expected = await analyze(network, fakeDataset(samples));
    // The rows of all outputs of a sample, side by side.
    const data = new Float64Array(12 * 12);
    for (let row = 0; row < 12; row++) {
      const x = Float64Array.from(samples.data.subarray(row * 4, row * 4 + 4));
      for (let k = 0; k < 3; k++) data.set(f.gradient(x, k), row * 12 + k * 4);
    }
    const rows = { ...fakeDataset({ rows: 12, columns: 12, data }), sampleShape: [3, 4] };
    for (const method of [undefined, 'gram-of-rows', 'tsqr', 'krylov']) {
      const values = method === 'krylov' ? 2 : undefined;
      const found = await analyze(rowsNetwork({ rowShape: [4], outputs: 3 }), rows, { method, values });
      expect(found.dIn).toBe(4);
      found.outputs.forEach(({ singularValues }, k) => {
        singularValues.forEach((value, i) => {
          expect(value).toBeCloseTo(expected.outputs[k]!.singularValues[i]!, 10);
        });
      });
    }
  });

  it('has no outputs', async () => {
    const run = rowsNetwork({ rowShape: [4] }).forward({ rows: 1, columns: 4, data: new Float64Array(4) });
    await expect(run).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('needs at least one output', () => {
    expect(() => rowsNetwork({ rowShape: [4], outputs: 0 })).toThrow(/1 or more outputs, got 0/);
  });
});

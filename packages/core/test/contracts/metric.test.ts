import { describe, expect, it } from 'vitest';
import { analyze, type Metric } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork, linear, randomSamples } from '../fakeNetworks.ts';

const described = { name: 'metric', description: 'for types' };

const largest: Metric<'singularValues'> = {
  ...described,
  needs: ['singularValues'],
  compute: ({ singularValues }) => singularValues[0] ?? 0,
};

export const readsUndeclared: Metric<'singularValues'> = {
  ...described,
  needs: ['singularValues'],
  // @ts-expect-error: gram is not among the needs
  compute: ({ gram }) => Number(gram === undefined),
};

export const declaresAnother: Metric<'gram'> = {
  ...described,
  // @ts-expect-error: what is declared is not what the type says
  needs: ['singularValues'],
  compute: ({ gram }) => gram.rows,
};

export const needsUnknown: Metric = {
  ...described,
  // @ts-expect-error: there is no such quantity
  needs: ['rows'],
  compute: () => 1,
};

export const changesValues: Metric<'singularValues'> = {
  ...described,
  needs: ['singularValues'],
  // @ts-expect-error: a quantity is not to be replaced
  compute: (quantities) => (quantities.singularValues = new Float64Array()).length,
};

describe('a metric', () => {
  it('of any needs fits in one list', async () => {
    const rows: Metric<'gram'> = {
      name: 'rows',
      description: 'rows of JᵀJ',
      needs: ['gram'],
      compute: ({ gram }) => gram.rows,
    };
    const run = analyze(fakeNetwork(linear([[3, 4]])), fakeDataset(randomSamples(1, 2, 1)), {
      metrics: [largest, rows],
    });
    await expect(run).resolves.toMatchObject({ metrics: { metric: { value: 5 }, rows: { value: 2 } } });
  });

  it('that reads past its declaration finds nothing there', async () => {
    const run = analyze(fakeNetwork(linear([[3, 4]])), fakeDataset(randomSamples(1, 2, 1)), {
      metrics: [readsUndeclared],
    });
    await expect(run).resolves.toMatchObject({ metrics: { metric: { value: 1 } } });
  });
});

import { describe, expect, it } from 'vitest';
import { analyze, planRun, type Progress } from '../../src/index.ts';
import { ProgressCounter } from '../../src/run/progress.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

describe('progress', () => {
  it('raises a total that turns out to be more', () => {
    const steps: Progress[] = [];
    const counter = new ProgressCounter((step) => steps.push(step), { jacobian: 10, spectrum: 1 });
    counter.add('jacobian', 8);
    counter.add('jacobian', 8);
    expect(steps).toEqual([
      { phase: 'jacobian', done: 8, total: 10 },
      { phase: 'jacobian', done: 16, total: 16 },
    ]);
  });

  it.each([1, Infinity])('counts up to its totals (%d of the memory)', async (share) => {
    const f = twoLayerRelu({ dIn: 40, hidden: 4, dOut: 4, seed: 3 });
    const network = fakeNetwork(f, { workspaceBytes: (samples, count) => 1e6 * samples * count });
    const outputs = [0, 1, 2, 3];
    const least = planRun({ network, n: 50, outputs: [0], batchSize: 7, maxMemory: Infinity }).bytes;
    const maxMemory = 1.1 * least * share;
    const { groups } = planRun({ network, n: 50, outputs, batchSize: 7, maxMemory });
    expect(groups).toHaveLength(share === 1 ? 4 : 1);
    const steps: Progress[] = [];
    await analyze(network, fakeDataset(randomSamples(50, 40, 1)), {
      batchSize: 7,
      maxMemory,
      onProgress: (step) => steps.push(step),
    });
    for (const [phase, total] of [
      ['jacobian', 50 * groups.length],
      ['spectrum', 4],
    ] as const) {
      const done = steps.filter((step) => step.phase === phase);
      expect(done.every((step) => step.total === total)).toBe(true);
      expect(done.map((step) => step.done)).toEqual(done.map((step) => step.done).sort((a, b) => a - b));
      expect(done.at(-1)?.done).toBe(total);
    }
  });
});

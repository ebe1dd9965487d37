import { describe, expect, it } from 'vitest';
import { analyze, type Progress } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork, linear, randomSamples } from '../fakeNetworks.ts';

describe('a signal', () => {
  const f = linear([[1, 2]]);

  it('that was given before lets nothing begin', async () => {
    const data = fakeDataset(randomSamples(10, 2, 1));
    const network = fakeNetwork(f);
    const reason = new Error('not now');
    await expect(analyze(network, data, { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: reason,
    });
    expect(data.passes.begun).toBe(0);
    expect(network.calls).toEqual([]);
  });

  it.each(['jacobian', 'spectrum'] as const)(
    'ends the run after a step of the phase %s, and closes the data',
    async (phase) => {
      const data = fakeDataset(randomSamples(20, 2, 1));
      const controller = new AbortController();
      const steps: Progress[] = [];
      const run = analyze(
        fakeNetwork(
          linear([
            [1, 2],
            [3, 4],
          ]),
        ),
        data,
        {
          signal: controller.signal,
          batchSize: 6,
          onProgress: (progress) => {
            steps.push(progress);
            if (progress.phase === phase) controller.abort();
          },
        },
      );
      await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
      expect(steps.at(-1)).toMatchObject({ phase, done: phase === 'jacobian' ? 6 : 1 });
      expect(data.passes).toEqual({ begun: 1, ended: 1 });
    },
  );

  it('is heard also where network and data never wait', async () => {
    const controller = new AbortController();
    const data = fakeDataset(randomSamples(100_000, 2, 1));
    setTimeout(() => {
      controller.abort();
    }, 0);
    const run = analyze(fakeNetwork(f), data, { signal: controller.signal, batchSize: 1 });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('is handed to the data, and what that throws for it is ABORTED too', async () => {
    for (const thrown of [undefined, new DOMException('stopped', 'AbortError')]) {
      const controller = new AbortController();
      const reason = new Error('stop');
      const data = fakeDataset(randomSamples(10, 2, 1), {
        async *batches(_, { signal } = {}) {
          yield randomSamples(5, 2, 1);
          controller.abort(reason);
          if (thrown) throw thrown;
          signal?.throwIfAborted();
        },
      });
      await expect(analyze(fakeNetwork(f), data, { signal: controller.signal })).rejects.toMatchObject({
        code: 'ABORTED',
        cause: thrown ?? reason,
      });
    }
  });

  it('hides no error that has nothing to do with it', async () => {
    const controller = new AbortController();
    const data = fakeDataset(randomSamples(10, 2, 1), {
      async *batches() {
        yield randomSamples(5, 2, 1);
        controller.abort();
        throw new Error('disk on fire');
      },
    });
    const run = analyze(fakeNetwork(f), data, { signal: controller.signal });
    await expect(run).rejects.toThrow('disk on fire');
  });
});

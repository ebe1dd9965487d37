import { gramAccumulator, rowsAccumulator, type SpectrumAccumulator } from '@edjm/linalg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { peakBytes, type RunSize } from '../src/memory.ts';
import { fakeNetwork, randomSamples } from './fakeNetworks.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Bytes of the float64 arrays that are made while something is done. */
function allocatedBytes(work: () => void): number {
  let bytes = 0;
  const counting = new Proxy(Float64Array, {
    construct(target, parameters: [number]) {
      const array = new target(...parameters);
      bytes += array.byteLength;
      return array;
    },
  });
  vi.stubGlobal('Float64Array', counting);
  try {
    work();
  } finally {
    vi.unstubAllGlobals();
  }
  return bytes;
}

/** What one output holds at its peak, by what is allocated for it. */
function measuredBytes(size: RunSize): number {
  const { n, network, method, batchSize, needs } = size;
  const batch = randomSamples(batchSize, network.inputSize, 1);
  let accumulator: SpectrumAccumulator | undefined;
  const kept = allocatedBytes(() => {
    accumulator =
      method === 'dual' ? rowsAccumulator(network.inputSize, n) : gramAccumulator(network.inputSize);
  });
  const adding = allocatedBytes(() => {
    if (method !== 'gram') accumulator?.add(batch);
  });
  for (let rows = batchSize; rows < n; rows += batchSize) accumulator?.add(batch);
  const spectrum = allocatedBytes(() => accumulator?.finish());
  const gram = allocatedBytes(() => needs.includes('gram') && accumulator?.gram());
  return kept + Math.max(adding, spectrum, gram);
}

describe('peakBytes', () => {
  it.each([
    ['dual', 40, 300],
    ['dual', 301, 301],
    ['gram-of-rows', 320, 150],
    ['gram-of-rows', 320, 4],
    ['gram', 320, 150],
  ] as const)('counts what the accumulators of %s allocate for %i × %i', (method, n, inputSize) => {
    const f = { inputSize, outputSize: 1, output: () => 0, gradient: () => [] };
    const network = fakeNetwork(f, { workspaceBytes: () => 0 });
    for (const batchSize of [1, 20]) {
      for (const needs of [[], ['gram']] as const) {
        const size = { network, n, outputs: 1, groupSize: 1, batchSize, method, needs };
        const measured = measuredBytes({ ...size, n: Math.floor(n / batchSize) * batchSize });
        // On top of it: the batch in its three forms, cotangents, rows in two arrays or the Gram matrix; results.
        const rows = method === 'gram' ? inputSize ** 2 : 2 * batchSize * inputSize;
        const crossing = 8 * (3 * batchSize * inputSize + batchSize + rows);
        const results = 8 * (2 * Math.min(n, inputSize) + inputSize);
        const estimate = peakBytes(size) - crossing - results;
        expect(estimate).toBeGreaterThanOrEqual(measured);
        expect(estimate).toBeLessThan(1.15 * measured + 200);
      }
    }
  });

  it('adds the engine, and grows with the outputs at once and the batch', () => {
    const f = { inputSize: 50, outputSize: 5, output: () => 0, gradient: () => [] };
    const size = {
      n: 200,
      outputs: 5,
      groupSize: 2,
      batchSize: 10,
      method: 'gram-of-rows',
      needs: [],
    } as const;
    const bytes = (workspace: number, other: Partial<RunSize> = {}) =>
      peakBytes({ ...size, ...other, network: fakeNetwork(f, { workspaceBytes: () => workspace }) });
    expect(bytes(1e6) - bytes(0)).toBe(1e6);
    expect(bytes(0, { groupSize: 3 })).toBeGreaterThan(bytes(0) + 8 * ((50 * 51) / 2));
    expect(bytes(0, { batchSize: 20 })).toBeGreaterThan(bytes(0) + 8 * 10 * 50 * 3);
  });
});

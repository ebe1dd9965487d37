import { accumulatorMemory } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import { type Job, type Settings, spectrumMethods } from '../../src/index.ts';
import { peakBytes } from '../../src/plan/memory.ts';
import { fakeNetwork } from '../fakeNetworks.ts';

const f = { dIn: 50, dOut: 5, output: () => 0, gradient: () => [] };

const network = (workspace: number, dIn = 50) => ({
  ...fakeNetwork(f, { workspaceBytes: () => workspace }),
  dIn,
});

const job: Omit<Job, 'network'> = {
  n: 200,
  dIn: 50,
  narrowed: false,
  outputs: [0, 1, 2, 3, 4],
  stacked: false,
  values: 50,
  needed: 50,
  wantsAll: true,
  wantsGram: false,
  accuracy: 1e-4,
  askedAccuracy: undefined,
  accurateFor: undefined,
  asked: false,
  batchSizes: [10],
  threads: 1,
  parts: 1,
};

const settings: Settings = { values: 50, accuracy: 1e-4, batchSize: 10, groupSize: 2 };

const bytes = (workspace: number, other: Partial<Job & Settings> & { method?: string } = {}) =>
  peakBytes(
    spectrumMethods.find(({ name }) => name === (other.method ?? 'gram-of-rows'))!,
    { ...job, network: network(workspace), ...other },
    { ...settings, ...other },
  );

describe('peakBytes', () => {
  it('adds the engine, and grows with the outputs at once and the batch', () => {
    expect(bytes(1e6) - bytes(0)).toBe(1e6);
    expect(bytes(0, { groupSize: 3 })).toBeGreaterThan(bytes(0) + 8 * ((50 * 51) / 2));
    expect(bytes(0, { batchSize: 20 })).toBeGreaterThan(bytes(0) + 8 * 10 * 50 * 3);
  });

  it('counts what each spectrum takes that is computed at the same time', () => {
    const { finishing } = accumulatorMemory('gram', { rows: 200, columns: 50, block: 10 });
    expect(bytes(0, { threads: 2 }) - bytes(0)).toBe(finishing);
    expect(bytes(0, { threads: 8 })).toBe(bytes(0, { threads: 2 }));
  });

  it('counts the memory of spectra that is kept while the rows of the next outputs are added', () => {
    const { finishing } = accumulatorMemory('tsqr', { rows: 200, columns: 50, block: 10 });
    const all = { method: 'tsqr', groupSize: 2, outputs: [0, 1] };
    expect(bytes(0, { ...all, outputs: [0, 1, 2] })).toBeGreaterThan(bytes(0, all));
    expect(bytes(0, { ...all, outputs: [0, 1, 2] })).toBeLessThan(bytes(0, all) + 2 * finishing);
  });

  it('counts JᵀJ for metrics, and the spectrum of all outputs together', () => {
    const { kept } = accumulatorMemory('gram', { rows: 1000, columns: 50, block: 10 });
    expect(bytes(0, { stacked: true })).toBeGreaterThanOrEqual(bytes(0) + kept);
    const wide = { dIn: 2000, network: network(0, 2000) };
    expect(bytes(0, { ...wide, wantsGram: true })).toBeGreaterThanOrEqual(bytes(0, wide));
    expect(bytes(0, { ...wide, wantsGram: true })).toBeGreaterThan(8 * 2000 ** 2);
  });

  it('is less where rows are narrower than the input, but for the matrix that makes them so', () => {
    const wide = { dIn: 4000, network: network(0, 4000) };
    const narrow = { dIn: 4000, network: network(0, 40) };
    expect(bytes(0, narrow)).toBeLessThan(0.05 * bytes(0, wide));
    expect(bytes(0, narrow)).toBeGreaterThan(8 * 40 * 4000);
  });

  it('of products alone does not grow with the square of the width', () => {
    const images = { n: 2000, dIn: 150_528, network: network(0, 150_528), values: 200, groupSize: 1 };
    const krylov = bytes(0, { ...images, method: 'krylov', blockSize: 50 });
    expect(krylov).toBeLessThan(1e9);
    expect(krylov).toBeGreaterThan(8 * 50 * 150_528);
    expect(bytes(0, { ...images, method: 'dual' })).toBeGreaterThan(8 * 2000 * 150_528);
  });

  it('of a sketch depends on its size', () => {
    const images = {
      n: 2000,
      dIn: 5000,
      network: network(0, 5000),
      method: 'frequent-directions',
    } as const;
    expect(bytes(0, { ...images, directions: 10 })).toBeLessThan(bytes(0, { ...images, directions: 500 }));
  });
});

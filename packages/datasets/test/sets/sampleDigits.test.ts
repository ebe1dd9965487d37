import { describe, expect, it } from 'vitest';
import { openDataset, openLabels } from '../../src/index.ts';

describe('sample:digits', () => {
  it('holds 10,000 digits of 28 × 28 pixels', async () => {
    const data = await openDataset('sample:digits');
    expect(data).toMatchObject({
      name: 'sample:digits',
      n: 10_000,
      sampleShape: [28, 28],
      transform: 'x / 255',
    });
    let rows = 0;
    let ink = 0;
    for await (const batch of data.batches(500)) {
      rows += batch.rows;
      for (const value of batch.data) ink += value;
      expect(batch.data.every((value) => value === Math.fround(Math.round(value * 255) / 255))).toBe(true);
    }
    expect(rows).toBe(10_000);
    expect(ink / rows).toBeCloseTo(102.8, 0); // MNIST's mean pixel, 0.1307, times 784
    expect(await data.sha256()).toBe('34b86aa3c0321bfd52282cf88656e438edc3a47cea3ffda8d3f649e957961d4f');
  });

  it('interleaves the classes evenly', async () => {
    const labels = await openLabels('sample:digits');
    const share = (part: Int32Array, label: number): number =>
      part.filter((value) => value === label).length / part.length;
    for (let label = 0; label < 10; label++) {
      for (const [from, to] of [
        [0, 1000],
        [4000, 5000],
        [9000, 10_000],
      ]) {
        expect(share(labels.subarray(from, to), label)).toBeCloseTo(share(labels, label), 2);
      }
    }
  });

  it('labels each digit: a 1 has least ink, a 0 most, and a 0 is empty at its center', async () => {
    const labels = await openLabels('sample:digits', { limit: 1000 });
    const ink = new Float64Array(10);
    const center = new Float64Array(10);
    let i = 0;
    for await (const batch of (await openDataset('sample:digits', { limit: 1000 })).batches(100)) {
      for (let row = 0; row < batch.rows; row++, i++) {
        const digit = batch.data.subarray(row * 784, (row + 1) * 784);
        const label = labels[i] as number;
        for (const value of digit) ink[label] = (ink[label] as number) + value / 100;
        center[label] = (center[label] as number) + (digit[14 * 28 + 14] as number) / 100;
      }
    }
    expect(ink.indexOf(Math.min(...ink))).toBe(1);
    expect(ink.indexOf(Math.max(...ink))).toBe(0);
    expect(center.indexOf(Math.min(...center))).toBe(0);
  });

  it('refuses other names', async () => {
    await expect(openDataset('sample:cats')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(openDataset('sample:digits', { array: 'x' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

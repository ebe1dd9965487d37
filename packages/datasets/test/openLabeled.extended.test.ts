import { describe, expect, it } from 'vitest';
import { openLabeled } from '../src/index.ts';

const data = process.env['EDJM_DATA_DIR'];

describe.skipIf(data === undefined)('published sets (needs EDJM_DATA_DIR)', () => {
  it('opens MNIST and CIFAR-10', async () => {
    const mnist = await openLabeled(`mnist:${data}/mnist`);
    expect([mnist.training.samples.n, mnist.test?.samples.n]).toEqual([60_000, 10_000]);
    expect([...mnist.training.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    const cifar10 = await openLabeled(`cifar10:${data}/cifar10`);
    expect(cifar10.training.samples).toMatchObject({ n: 10_000, sampleShape: [3, 32, 32] });
    expect(cifar10.test?.labels.length).toBe(10_000);
  });
});

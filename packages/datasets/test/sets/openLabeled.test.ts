import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataset, openLabeled, openLabels } from '../../src/index.ts';
import { gzip, idx, readAll } from '../files.ts';

let folder = '';
const write = (name: string, content: Uint8Array): void => {
  writeFileSync(join(folder, name), content);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edjm-labeled-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A batch of CIFAR-10 with these labels; the pixels of sample i are `first + i`. */
function batch(labels: readonly number[], first: number): Uint8Array {
  return Buffer.concat(labels.map((label, i) => Buffer.alloc(3073, first + i).fill(label, 0, 1)));
}

describe('openLabeled', () => {
  it('opens the built-in sample', async () => {
    const { training, test } = await openLabeled('sample:digits', { limit: 20, scale: 1 });
    const expected = await openDataset('sample:digits', { limit: 20, scale: 1 });
    expect((await readAll(training.samples)).values).toEqual((await readAll(expected)).values);
    expect(training.labels).toEqual(await openLabels('sample:digits', { limit: 20 }));
    expect(test).toBeUndefined();
  });

  it.each(['-', '.'])('opens the files of MNIST, plain and gzipped, with a %s before idx', async (mark) => {
    const images = `train-images${mark}idx3-ubyte`;
    const labels = `train-labels${mark}idx1-ubyte`;
    const pixels = idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    write(images, pixels);
    write(`${labels}.gz`, gzip(idx([3], [7, 8, 9])));
    write(`t10k-images${mark}idx3-ubyte`, idx([1, 2, 2], [255, 0, 0, 255]));
    const withoutTest = await openLabeled(`mnist:${folder}`, { scale: 1 });
    expect(withoutTest.test).toBeUndefined();
    write(`t10k-labels${mark}idx1-ubyte`, idx([1], [4]));
    const { training, test } = await openLabeled(`mnist:${folder}`, { scale: 1, limit: 2 });
    expect(training.samples).toMatchObject({ name: images, n: 2, sampleShape: [2, 2] });
    expect((await readAll(training.samples)).values).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(training.labels).toEqual(Int32Array.of(7, 8));
    expect((await readAll(test!.samples)).values).toEqual([255, 0, 0, 255]);
    expect(test!.labels).toEqual(Int32Array.of(4));
    const whole = createHash('sha256')
      .update(pixels)
      .update(gzip(idx([3], [7, 8, 9])));
    expect(await training.samples.sha256()).toBe(whole.digest('hex'));
  });

  it('opens all batches of CIFAR-10 in their order, in batches of any size', async () => {
    write('data_batch_10.bin', batch([5], 60));
    write('data_batch_2.bin.gz', gzip(batch([3, 4], 40)));
    write('data_batch_1.bin', batch([0, 1, 2], 10));
    write('data_batch_1.bin.gz', gzip(batch([0, 1, 2], 10)));
    write('test_batch.bin', batch([9], 99));
    const { training, test } = await openLabeled(`cifar10:${folder}`, { scale: 1 });
    const { name, n, sampleShape } = training.samples;
    expect(name).toBe('data_batch_1.bin + data_batch_2.bin.gz + data_batch_10.bin');
    expect([n, ...sampleShape]).toEqual([6, 3, 32, 32]);
    expect(training.labels).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5));
    for (const size of [1, 2, 4, 5, 6, 7]) {
      const { values, batches } = await readAll(training.samples, size);
      expect(values.filter((_, i) => i % 3072 === 0)).toEqual([10, 11, 12, 40, 41, 60]);
      expect(batches.map(({ rows }) => rows)).toEqual(
        Array.from({ length: Math.ceil(6 / size) }, (_, i) => Math.min(size, 6 - i * size)),
      );
    }
    expect(test?.labels).toEqual(Int32Array.of(9));
    const some = (await openLabeled(`cifar10:${folder}`, { limit: 4 })).training;
    expect([some.samples.n, ...some.labels]).toEqual([4, 0, 1, 2, 3]);
    expect(some.samples.name).toBe('data_batch_1.bin + data_batch_2.bin.gz');
    const one = await openLabeled(`cifar10:${join(folder, 'data_batch_2.bin.gz')}`);
    expect(one.training.labels).toEqual(Int32Array.of(3, 4));
  });

  it('refuses names that it does not know, folders without the files, and labels that are not as many', async () => {
    const refused = async (name: string, code: string, says: RegExp): Promise<void> => {
      const error = await openLabeled(name).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, message: expect.stringMatching(says) as string });
    };
    await refused('digits', 'INVALID_ARGUMENT', /expected sample:digits, mnist:FOLDER.*got "digits"/);
    await refused('constructor:x', 'INVALID_ARGUMENT', /got "constructor:x"/);
    await refused(`mnist:${folder}/none`, 'NOT_FOUND', /none: expected a folder of data, got: ENOENT/);
    await refused(`mnist:${folder}`, 'NOT_FOUND', /expected train-images-idx3-ubyte/);
    await refused(`cifar10:${folder}`, 'NOT_FOUND', /expected data_batch_1\.bin/);
    write('train-images-idx3-ubyte', idx([2, 1, 1], [0, 1]));
    write('train-labels-idx1-ubyte', idx([3], [0, 1, 2]));
    await refused(`mnist:${folder}`, 'SHAPE_MISMATCH', /one label for each of 2 samples.*got 3/);
  });
});

import { describe, expect, it } from 'vitest';
import { openDataset, openLabels } from '../src/index.ts';
import { readAll } from './files.ts';

const folder = process.env['EDJM_DATA_DIR'];

describe.skipIf(folder === undefined)('files of the data folder (needs EDJM_DATA_DIR)', () => {
  it('reads MNIST', async () => {
    const labels = await openLabels(`${folder}/mnist/t10k-labels-idx1-ubyte.gz`);
    const counts = Array.from({ length: 10 }, (_, label) => labels.filter((value) => value === label).length);
    expect(labels[0]).toBe(7);
    expect(counts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const data = await openDataset(`${folder}/mnist/t10k-images-idx3-ubyte.gz`);
    expect(data).toMatchObject({ n: 10_000, sampleShape: [28, 28], transform: 'x / 255' });
    let rows = 0;
    for await (const batch of data.batches(256)) rows += batch.rows;
    expect(rows).toBe(10_000);
    expect(await data.sha256()).toBe('8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6');
  });

  it('reads out of .npy the same images, with noise of deviation 0.01 added', async () => {
    const saved = await openDataset(`${folder}/golden/inputs-mnist-300.npy`);
    expect(saved).toMatchObject({ n: 300, sampleShape: [1, 28, 28] });
    const first = 50_000; // The file's images begin there in the training set.
    const labels = await openLabels(`${folder}/mnist/train-labels-idx1-ubyte.gz`);
    const savedLabels = await openLabels(`${folder}/golden/labels-mnist-300.npy`);
    expect(savedLabels).toEqual(labels.subarray(first, first + 300));
    const noisy = (await readAll(saved, 64)).values;
    const train = await openDataset(`${folder}/mnist/train-images-idx3-ubyte.gz`, { limit: first + 300 });
    let row = 0;
    let squares = 0;
    for await (const batch of train.batches(100)) {
      const offset = (row - first) * batch.columns;
      if (row >= first)
        batch.data.forEach((value, i) => (squares += (value - (noisy[offset + i] as number)) ** 2));
      row += batch.rows;
    }
    expect(Math.sqrt(squares / noisy.length)).toBeCloseTo(0.01, 4);
  });

  it('reads CIFAR-10', async () => {
    const source = `cifar10:${folder}/cifar10/test_batch.bin.gz`;
    const labels = await openLabels(source);
    expect([...labels.subarray(0, 1)]).toEqual([3]);
    for (let label = 0; label < 10; label++)
      expect(labels.filter((value) => value === label).length).toBe(1000);
    const data = await openDataset(source, { limit: 2, scale: 1 });
    for await (const batch of data.batches(2))
      expect([...batch.data.subarray(0, 3)]).toEqual([158, 159, 165]);
  });
});

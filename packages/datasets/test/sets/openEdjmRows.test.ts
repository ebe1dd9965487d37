import { describe, expect, it } from 'vitest';
import { openEdjmRows } from '../../src/index.ts';
import { counting, fortranNpy, gzip, npy, readAll, temporaryFolder, zip } from '../files.ts';

const write = temporaryFolder();

/** Row i of output k of three outputs, five samples and rows of two values, as `counting([3, 5, 2])` stores them. */
const row = (output: number, sample: number): number[] => [0, 1].map((j) => (output * 5 + sample) * 2 + j);
const sideBySide = Array.from({ length: 5 }, (_, i) => [0, 1, 2].flatMap((k) => row(k, i))).flat();

describe('openEdjmRows', () => {
  it('reads rows of one output', async () => {
    const { dataset, ...rows } = await openEdjmRows([write('nd.npy', counting([5, 6]))]);
    expect(rows).toEqual({ outputs: 1, rowShape: [6], precision: 'float32' });
    expect(dataset).toMatchObject({ name: 'nd.npy', n: 5, sampleShape: [6] });
    expect((await readAll(dataset, 2)).values).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it.each([
    ['plain', (bytes: Uint8Array) => bytes],
    ['gzipped', gzip],
  ])('puts the rows of outputs x samples x d side by side, of a %s file', async (name, packed) => {
    const path = write(`knd-${name}.npy`, packed(counting([3, 5, 2])));
    const { dataset, ...rows } = await openEdjmRows([path], { layout: 'knd' });
    expect(rows).toEqual({ outputs: 3, rowShape: [2], precision: 'float32' });
    expect(dataset).toMatchObject({ n: 5, sampleShape: [3, 2] });
    for (const size of [1, 2, 5]) expect((await readAll(dataset, size)).values).toEqual(sideBySide);
    const some = await openEdjmRows([path], { layout: 'knd', limit: 3 });
    expect((await readAll(some.dataset, 2)).values).toEqual(sideBySide.slice(0, 18));
  });

  it('reads far into a large file without the bytes before', async () => {
    const [outputs, n, d] = [3, 300, 50];
    const path = write(
      'large.npy',
      npy(
        '<f8',
        [outputs, n, d],
        Float64Array.from({ length: outputs * n * d }, (_, i) => i),
      ),
    );
    const { dataset, precision } = await openEdjmRows([path], { layout: 'knd' });
    expect(precision).toBe('float64');
    const { values } = await readAll(dataset, 128);
    expect(values.slice(-d)).toEqual(Array.from({ length: d }, (_, j) => outputs * n * d - d + j));
    expect(values.slice(d, d + 2)).toEqual([n * d, n * d + 1]);
  });

  it('reads samples x outputs x d, with rows of several axes', async () => {
    const path = write('nkd.npy', counting([4, 3, 2, 2]));
    const { dataset, outputs, rowShape } = await openEdjmRows([path], { layout: 'nkd' });
    expect({ outputs, rowShape, shape: dataset.sampleShape }).toEqual({
      outputs: 3,
      rowShape: [2, 2],
      shape: [3, 2, 2],
    });
    expect((await readAll(dataset, 3)).values).toEqual(Array.from({ length: 48 }, (_, i) => i));
  });

  it('takes a file or an array an output', async () => {
    const bytes = [
      counting([5, 2]),
      npy(
        '<f4',
        [5, 2],
        Float32Array.from({ length: 10 }, (_, i) => -i),
      ),
    ];
    const paths = bytes.map((content, index) => write(`part${index}.npy`, content));
    const archive = write(
      'parts.npz',
      await zip(bytes.map((content, index) => ({ name: `f${index}.npy`, content }))),
    );
    const ofFiles = await openEdjmRows(paths);
    const ofArchive = await openEdjmRows([archive], { arrays: ['f0', 'f1'] });
    for (const { dataset, outputs } of [ofFiles, ofArchive]) {
      expect(outputs).toBe(2);
      expect((await readAll(dataset, 2)).values.slice(0, 8)).toEqual([0, 1, -0, -1, 2, 3, -2, -3]);
    }
    expect(await ofFiles.dataset.sha256()).not.toBe(
      await (await openEdjmRows(paths.slice(0, 1))).dataset.sha256(),
    );
  });

  it('leaves bytes as they are', async () => {
    const path = write('bytes.npy', npy('|u1', [2, 1], Uint8Array.of(7, 255)));
    const { dataset } = await openEdjmRows([path]);
    expect(dataset.transform).toBeUndefined();
    expect((await readAll(dataset)).values).toEqual([7, 255]);
  });

  it('refuses arrays that may be read in two ways, and those that do not fit', async () => {
    const three = write('three.npy', counting([3, 5, 2]));
    const two = write('two.npy', counting([5, 2]));
    await expect(openEdjmRows([three])).rejects.toMatchObject({
      code: 'AMBIGUOUS',
      message: expect.stringContaining('knd for 3 outputs of 5 rows, nkd for 5 outputs of 3 rows') as string,
    });
    await expect(openEdjmRows([two], { layout: 'nkd' })).rejects.toThrow('expected an axis of outputs');
    await expect(openEdjmRows([two, two], { layout: 'knd' })).rejects.toThrow('rows of one output in each');
    await expect(openEdjmRows([two, write('odd.npy', counting([4, 2]))])).rejects.toThrow(
      'same number and shape',
    );
    await expect(openEdjmRows([write('none.npy', counting([0, 5, 2]))], { layout: 'knd' })).rejects.toThrow(
      'at least one',
    );
    const fortran = write('fortran.npy', fortranNpy('<f4', [3, 5, 2], new Float32Array(30)));
    await expect(openEdjmRows([fortran], { layout: 'knd' })).rejects.toThrow('expected row-major');
    await expect(openEdjmRows([])).rejects.toThrow('got 0 files');
  });
});

import { describe, expect, it } from 'vitest';
import type { Dataset, DifferentiableNetwork, SamplePart } from '../../src/index.ts';
import { analyze } from '../../src/index.ts';
import { arrangedDataset } from '../../src/rows/arrangedDataset.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork } from '../fakeNetworks.ts';

const part = (name: string, ...shape: number[]): SamplePart => ({ name, shape });

/** f(x) = Σ (j + 1) x_j² / 2 of five values in two inputs, whose gradient tells the columns apart. */
function network(inputs: readonly SamplePart[]): DifferentiableNetwork {
  const f = {
    dIn: 5,
    dOut: 1,
    output: (x: Float64Array) => x.reduce((sum, value, j) => sum + ((j + 1) * value * value) / 2, 0),
    gradient: (x: Float64Array) => Array.from(x, (value, j) => (j + 1) * value),
  };
  return { ...fakeNetwork(f), inputs };
}

function data(parts: readonly SamplePart[]): Dataset {
  const samples = Float64Array.from({ length: 15 }, (_, at) => at + 1);
  return fakeDataset({ rows: 3, columns: 5, data: samples }, { parts });
}

async function firstRow(arranged: Dataset): Promise<readonly number[]> {
  for await (const batch of arranged.batches(2)) return [...batch.data.subarray(0, batch.columns)];
  return [];
}

describe('arrangedDataset', () => {
  const inputs = [part('left', 3), part('right', 2)];

  it.each([
    ['names in another order', [part('right', 2), part('left', 3)], [3, 4, 5, 1, 2]],
    ['names in the same order', [part('left', 3), part('right', 2)], [1, 2, 3, 4, 5]],
    ['one name, the other input taking what is left', [part('right', 2), part('x', 3)], [3, 4, 5, 1, 2]],
    ['no names, by their order', [part('a', 3), part('b', 2)], [1, 2, 3, 4, 5]],
    ['no names, parts of inputs', [part('a', 1), part('b', 2), part('c', 2)], [1, 2, 3, 4, 5]],
    ['a flat array for an input of two axes', [part('right', 2), part('left', 1, 3)], [3, 4, 5, 1, 2]],
  ])('gives arrays to inputs: %s', async (_, parts, row) => {
    expect(await firstRow(arrangedDataset(network(inputs), data(parts)))).toEqual(row);
  });

  it.each([
    ['sizes in another order, no names', [part('a', 2), part('b', 3)]],
    ['a name with the size of another input', [part('right', 3), part('left', 2)]],
    ['one name, too many arrays', [part('left', 3), part('b', 1), part('c', 1)]],
    ['no names, an array across the border', [part('a', 1), part('b', 3), part('c', 1)]],
  ])('refuses %s', (_, parts) => {
    expect(() => arrangedDataset(network(inputs), data(parts))).toThrow(
      expect.objectContaining({
        code: 'SHAPE_MISMATCH',
        message: expect.stringMatching(/"left" \[3\], "right" \[2\].*got .*--array NAMES/) as string,
      }),
    );
  });

  it('refuses an array that bears the name of an input with its axes in another order', () => {
    const image = network([part('image', 2, 2), part('k', 1)]);
    expect(arrangedDataset(image, data([part('k', 1), part('image', 2, 2)])).n).toBe(3);
    const transposed = network([part('image', 1, 4), part('k', 1)]);
    expect(arrangedDataset(transposed, data([part('k', 1), part('image', 4, 1)])).n).toBe(3);
    const channels = { ...network([part('image', 3, 1, 2), part('k')]), sampleSize: 7 };
    const wide = { ...data([part('k'), part('image', 1, 2, 3)]), sampleShape: [7] };
    expect(() => arrangedDataset(channels, wide)).toThrow(/expected arrays for the inputs/);
  });

  it('leaves arrays side by side for a network of one input, whatever their names', async () => {
    const parts = [part('mask', 2), part('x', 3)];
    expect(await firstRow(arrangedDataset(network([part('x', 5)]), data(parts)))).toEqual([1, 2, 3, 4, 5]);
  });

  it('is what an analysis computes with', async () => {
    const { outputs } = await analyze(network(inputs), data([part('right', 2), part('left', 3)]));
    const sorted = Float64Array.from([3, 4, 5, 1, 2, 8, 9, 10, 6, 7, 13, 14, 15, 11, 12]);
    const expected = await analyze(
      network(inputs),
      fakeDataset({ rows: 3, columns: 5, data: sorted }, { parts: inputs }),
    );
    expect(outputs[0]?.singularValues).toEqual(expected.outputs[0]?.singularValues);
    const unsorted = await analyze(network(inputs), data(inputs));
    expect(unsorted.outputs[0]?.singularValues[0]).not.toBeCloseTo(outputs[0]?.singularValues[0] ?? NaN, 3);
  });
});

import type { DenseMatrix } from '@edjm/core';
import { flatten, globalAveragePool2d, multilayerPerceptron, type Network } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../src/index.ts';

const network = multilayerPerceptron({ dIn: 4, hidden: [5], dOut: 3, seed: 1 });

function matrix(rows: number, columns: number): DenseMatrix {
  return { rows, columns, data: new Float32Array(rows * columns).fill(0.5) };
}

describe('cpuBackend', () => {
  it('gives gradients of probabilities for a network whose outputs are an image', async () => {
    const image: Network = { name: 'image', inputShape: [2, 2, 2], layers: [globalAveragePool2d()] };
    const loaded = await cpuBackend().load(image, { outputKind: 'probability' });
    const { data } = await loaded.forward(matrix(1, 8));
    expect([...data]).toEqual([0.5, 0.5]);
    // p' = p (1 − p) / 4 for the mean of four pixels.
    const { data: row } = await loaded.vjp(matrix(1, 8), {
      rows: 1,
      columns: 2,
      data: Float64Array.of(1, 0),
    });
    expect([...row]).toEqual([1, 1, 1, 1, -1, -1, -1, -1].map((sign) => sign / 16));
  });

  it('refuses tangents that do not fit, and every call after dispose', async () => {
    const loaded = await cpuBackend().load(network);
    await expect(loaded.jvp!(matrix(2, 4), matrix(2, 3))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await loaded.dispose();
    await expect(loaded.jvp!(matrix(2, 4), matrix(2, 4))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('after dispose()') as string,
    });
  });

  it('refuses a network that is not consistent', async () => {
    const broken: Network = { name: 'broken', inputShape: [2], layers: [globalAveragePool2d(), flatten()] };
    await expect(cpuBackend().load(broken)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });

  it('refuses a batch without samples', async () => {
    const loaded = await cpuBackend().load(network);
    await expect(loaded.forward(matrix(0, 4))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';

async function load(batchInputShape: readonly (number | null)[], maxMemory?: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'edjm-tfjs-'));
  try {
    const config = { name: 'a', activation: 'tanh', batch_input_shape: batchInputShape, dtype: 'float32' };
    const layers = [{ class_name: 'Activation', config }];
    const path = join(folder, 'model.json');
    const modelTopology = { class_name: 'Sequential', config: { name: 's', layers } };
    await writeFile(path, JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: [] }));
    await using network = await tfjsBackend({ engine: 'cpu' }).load(path, { maxMemory });
    return network.sampleSize;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('a layers model of few bytes that declares many values', () => {
  it.each([[[null, 1e9]], [[null, 4e4, 4e4]], [[8, 1e9]]])('is refused: %j', async (shape) => {
    await expect(load(shape, 5e8)).rejects.toMatchObject({
      code: 'MEMORY_LIMIT',
      message: expect.stringMatching(/ fit 500 MB .*--max-memory/) as string,
    });
    await expect(load(shape)).rejects.toMatchObject({ code: 'MEMORY_LIMIT' });
  });

  it('is taken if the values fit', async () => {
    expect(await load([null, 100], 5e8)).toBe(100);
  });
});

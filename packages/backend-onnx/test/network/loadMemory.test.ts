import { tensorOf, writeModel, type Graph } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { onnxBackend } from '../../src/index.ts';

/** Σ over the last axis of an input of some shape, or of what it is expanded to: few bytes that declare many values. */
function model(shape: readonly (number | string)[], expanded: readonly number[] = []): Uint8Array {
  const node = (opType: string, inputs: readonly string[], output: string) => ({
    ...{ opType, domain: '', name: '', attributes: {} },
    inputs,
    outputs: [output],
  });
  const graph: Graph = {
    name: 'large',
    irVersion: 8,
    opsets: new Map([['', 17]]),
    inputs: [{ name: 'x', elementType: 'float32', shape }],
    outputs: [{ name: 'y', elementType: 'float32' }],
    initializers: new Map([
      ['axes', tensorOf('int64', [1], [-1])],
      ['shape', tensorOf('int64', [expanded.length], expanded)],
    ]),
    nodes: [
      ...(expanded.length > 0 ? [node('Expand', ['x', 'shape'], 'z')] : []),
      node('ReduceSum', [expanded.length > 0 ? 'z' : 'x', 'axes'], 'y'),
    ],
  };
  return writeModel(graph);
}

describe('a model of few bytes that declares many values', () => {
  it.each([
    ['a free batch', model(['n', 1e9])],
    ['a batch of one', model([1, 1e5, 1e5])],
    ['a batch of four', model([4, 3, 1e5, 1e4])],
    ['no batch axis', model([2e9])],
    ['a tensor inside', model([2, 3, 1], [2, 3, 1e9])],
    ['a tensor inside, of a free batch', model(['n', 3, 1], [1, 3, 1e9])],
  ])('is refused before memory is taken for them: %s', async (_, bytes) => {
    await expect(onnxBackend().load(bytes, { maxMemory: 5e8 })).rejects.toMatchObject({
      code: 'MEMORY_LIMIT',
      message: expect.stringMatching(/ fit 500 MB .*--max-memory/) as string,
    });
  });

  it('is taken if the values fit', async () => {
    await using network = await onnxBackend().load(model([1, 10, 1000]), { maxMemory: 5e8 });
    expect(network.sampleSize).toBe(10_000);
    await expect(onnxBackend().load(model([1, 10, 1000]), { maxMemory: 1e5 })).rejects.toMatchObject({
      code: 'MEMORY_LIMIT',
    });
  });
});

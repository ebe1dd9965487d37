import { testTrainableBackend } from '@edjm/conformance';
import { multilayerPerceptron, seededRandom } from '@edjm/network';
import { partOf } from '@edjm/testing';
import { describe, expect, it } from 'vitest';
import { onnxBackend } from '../src/index.ts';

const native = onnxBackend({ runtime: 'node', threads: 1 });
testTrainableBackend(
  { name: 'onnx, node runtime, one thread', load: (network) => native.loadTrainable(network) },
  { describe, it },
);

const web = onnxBackend({ runtime: 'web' });
testTrainableBackend(
  { name: 'onnx, web runtime', load: (network) => web.loadTrainable(network) },
  // The extended tests run the whole kit.
  partOf({ describe, it }, (title) => title.startsWith('convolutional network')),
);

describe('steps that nobody waits for', () => {
  it('are made one after the other', async () => {
    const backend = onnxBackend();
    const source = multilayerPerceptron({ dIn: 3, hidden: [5], dOut: 2, seed: 1 });
    const random = seededRandom(2);
    const matrix = (rows: number, columns: number) => ({
      rows,
      columns,
      data: Float32Array.from({ length: rows * columns }, random.normal),
    });
    const batches = Array.from({ length: 6 }, () => [matrix(4, 3), matrix(4, 2)] as const);
    const options = { learningRate: 0.1, momentum: 0.9, loss: 'squared-error' } as const;
    await using together = await backend.loadTrainable(source);
    await using oneByOne = await backend.loadTrainable(source);
    const found = await Promise.all(
      batches.map(([batch, targets]) => together.step(batch, targets, options)),
    );
    for (const [index, [batch, targets]] of batches.entries()) {
      expect(found[index]).toEqual(await oneByOne.step(batch, targets, options));
    }
    expect(await together.parameters()).toEqual(await oneByOne.parameters());
  });
});

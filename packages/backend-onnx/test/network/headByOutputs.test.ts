import { type Graph, type Node, tensorOf, writeModel } from '@edjm/onnx-autodiff';
import { expect, it } from 'vitest';
import { onnxBackend } from '../../src/index.ts';

const backend = onnxBackend();

/** p = exp(z) / (exp(z) · ones) of z = x W: no operator that sums says that it is a softmax. */
function graphOf(batch: number | string): Graph {
  const node = (opType: string, inputs: readonly string[], output: string): Node => ({
    ...{ opType, domain: '', name: output, inputs, attributes: {} },
    outputs: [output],
  });
  const initializers = {
    w: tensorOf(
      'float32',
      [4, 6],
      Array.from({ length: 24 }, (_, i) => Math.sin(2.7 * (i + 1))),
    ),
    ones: tensorOf('float32', [6, 1], [1, 1, 1, 1, 1, 1]),
  };
  return {
    name: 'written out',
    irVersion: 8,
    opsets: new Map([['', 18]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: [batch, 4] }],
    outputs: [{ name: 'y', elementType: 'float32' }],
    initializers: new Map(Object.entries(initializers)),
    nodes: [
      node('MatMul', ['x', 'w'], 'z'),
      node('Exp', ['z'], 'e'),
      node('MatMul', ['e', 'ones'], 't'),
      node('Div', ['e', 't'], 'y'),
    ],
  };
}

it.each(['n', 1, 3])('a softmax that no operator shows, of batch %s, shows by its outputs', async (batch) => {
  const model = writeModel(graphOf(batch));
  await using network = await backend.load(model);
  expect(network).toMatchObject({
    outputKind: 'as-is',
    head: { kind: 'as-is', reason: 'the outputs of every sample add up to one' },
  });
  await expect(backend.load(model, { outputKind: 'probability' })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  });
});

import { networkToModel, onnxBackend } from '../src/index.ts';
import { multilayerPerceptron } from '@edjm/network';
import { tensorOf, writeModel, type Graph, type Node } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';

const FIXED = 4;

/** A perceptron exported for four samples at a time, with a constant shape on the way. */
function fixedModel(change: (nodes: readonly Node[]) => readonly Node[] = (nodes) => nodes): Uint8Array {
  const model = networkToModel(multilayerPerceptron({ inputSize: 5, hidden: [6], outputSize: 3, seed: 2 }));
  const reshape: Node = {
    opType: 'Reshape',
    domain: '',
    name: 'reshape',
    inputs: ['input', 'shape'],
    outputs: ['reshaped'],
    attributes: {},
  };
  const first = model.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => (name === 'input' ? 'reshaped' : name)),
  }));
  const graph: Graph = {
    ...model,
    inputs: [{ name: 'input', elementType: 'float32', shape: [FIXED, 5, 1] }],
    outputs: [{ name: 'output', elementType: 'float32', shape: [FIXED, 3] }],
    initializers: new Map([...model.initializers, ['shape', tensorOf('int64', [2], [FIXED, 5])]]),
    nodes: change([reshape, ...first]),
  };
  return writeModel(graph);
}

/** Replaces the last node by one that mixes the samples of a batch. */
function mixing(nodes: readonly Node[]): readonly Node[] {
  const last = nodes.at(-1);
  if (last === undefined) throw new Error('expected nodes');
  const mixed: Node = { ...last, opType: 'Softmax', name: 'mix', attributes: { axis: { int: 0 } } };
  return [...nodes.slice(0, -1), mixed];
}

const samples = (rows: number) => ({
  rows,
  columns: 5,
  data: Float32Array.from({ length: rows * 5 }, (_, index) => Math.cos(index * index)),
});

describe('a batch size fixed at export', () => {
  it('is lifted where the outputs stay the same', async () => {
    await using network = await onnxBackend().load(fixedModel());
    await using free = await onnxBackend().load(
      multilayerPerceptron({ inputSize: 5, hidden: [6], outputSize: 3, seed: 2 }),
    );
    expect(network.gram).toBeDefined();
    const [found] = (await network.jacobian?.(samples(7), [1])) ?? [];
    const [expected] = (await free.jacobian?.(samples(7), [1])) ?? [];
    expect(Array.from(found?.data ?? [])).toEqual(Array.from(expected?.data ?? []));
  });

  it('is kept where samples of a batch depend on each other', async () => {
    await using network = await onnxBackend().load(fixedModel(mixing));
    expect(network.preferredBatchSize).toBe(FIXED);
    expect(network.gram).toBeUndefined();
    expect((await network.forward(samples(7))).rows).toBe(7);
  });
});

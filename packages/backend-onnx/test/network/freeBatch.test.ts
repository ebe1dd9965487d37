import { networkToModel, onnxBackend } from '../../src/index.ts';
import { multilayerPerceptron } from '@edjm/network';
import { tensorOf, writeModel, type Graph, type Node } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';

const FIXED = 4;

/** A perceptron exported for four samples at a time, with a constant shape on the way. */
function fixedModel(change: (nodes: readonly Node[]) => readonly Node[] = (nodes) => nodes): Uint8Array {
  const model = networkToModel(multilayerPerceptron({ dIn: 5, hidden: [6], dOut: 3, seed: 2 }));
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
    initializers: new Map([
      ...model.initializers,
      ['shape', tensorOf('int64', [2], [FIXED, 5])],
      [
        'rows',
        tensorOf(
          'float32',
          [FIXED, 3],
          Array.from({ length: 3 * FIXED }, (_, index) => Math.floor(index / 3)),
        ),
      ],
      [
        'equal rows',
        tensorOf(
          'float32',
          [FIXED, 3],
          Array.from({ length: 3 * FIXED }, () => 2),
        ),
      ],
    ]),
    nodes: change([reshape, ...first]),
  };
  return writeModel(graph);
}

/** Puts a node of the given kind in the place of the last one. */
function endingIn(
  opType: string,
  more: Pick<Node, 'inputs' | 'attributes'>,
): (nodes: readonly Node[]) => readonly Node[] {
  return (nodes) => {
    const last = nodes.at(-1);
    if (last === undefined) throw new Error('expected nodes');
    const { attributes, inputs } = more;
    return [
      ...nodes.slice(0, -1),
      { ...last, opType, name: 'ending', inputs: [...last.inputs, ...inputs], attributes },
    ];
  };
}

/** Normalizes over the batch. */
const mixing = endingIn('Softmax', { inputs: [], attributes: { axis: { int: 0 } } });
/** Adds to each sample its place in the batch. */
const placeForPlace = endingIn('Add', { inputs: ['rows'], attributes: {} });
/** Adds the same to each sample, for the batch size of the export alone. */
const rowForRow = endingIn('Add', { inputs: ['equal rows'], attributes: {} });

const samples = (rows: number) => ({
  rows,
  columns: 5,
  data: Float32Array.from({ length: rows * 5 }, (_, index) => Math.cos(index * index)),
});

describe('a batch size fixed at export', () => {
  it('is lifted where the outputs stay the same', async () => {
    await using network = await onnxBackend().load(fixedModel());
    await using free = await onnxBackend().load(
      multilayerPerceptron({ dIn: 5, hidden: [6], dOut: 3, seed: 2 }),
    );
    expect(network.preferredBatchSize).toBe(free.preferredBatchSize);
    const [found] = (await network.jacobian?.(samples(7), [1])) ?? [];
    const [expected] = (await free.jacobian?.(samples(7), [1])) ?? [];
    expect(Array.from(found?.data ?? [])).toEqual(Array.from(expected?.data ?? []));
  });

  it('is kept where the graph has no form without it', async () => {
    await using network = await onnxBackend().load(fixedModel(rowForRow));
    await using free = await onnxBackend().load(fixedModel());
    expect(network.preferredBatchSize).not.toBe(free.preferredBatchSize);
    expect(network.preferredBatchSize % FIXED).toBe(0);
    const plain = await free.forward(samples(7));
    expect(Array.from((await network.forward(samples(7))).data)).toEqual(
      Array.from(plain.data, (value) => Math.fround(value + 2)),
    );
    const [found] = (await network.jacobian?.(samples(7), [2])) ?? [];
    const [expected] = (await free.jacobian?.(samples(7), [2])) ?? [];
    expect(Array.from(found?.data ?? [])).toEqual(Array.from(expected?.data ?? []));
  });

  it.each([
    ['on each other', mixing],
    ['on their place', placeForPlace],
  ])('is refused if the samples of a batch depend %s', async (_, ending) => {
    await expect(onnxBackend().load(fixedModel(ending))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('do not depend on the other samples') as string,
    });
  });
});

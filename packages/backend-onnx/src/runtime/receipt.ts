import { tensorOf, type Graph, type Node } from '@edjm/onnx-autodiff';

/** Names of what {@link withReceipt} adds. */
export const receiptNames = {
  /** A number, [1], of this run. */
  ticket: 'edjm/ticket',
  /** The same number, once all other outputs are there. */
  receipt: 'edjm/receipt',
  /** A sequence, which ends the handing out. */
  sequence: 'edjm/sequence',
} as const;

/**
 * A graph whose outputs stay where they were written.
 *
 * onnxruntime-node copies every output into a new array, also where it has written it to one that it was given: for the weights of a network in
 * training several times the work of the step. It does not hand out sequences but ends there, once everything is written. So the first output
 * is a sequence; and as a run that ends like this cannot be told from one that has failed by its error, another output gives back the number
 * that the run was given, by way of an element of every output. Versions that hand out without copies lose nothing by it.
 */
export function withReceipt(graph: Graph): Graph {
  const { ticket, receipt, sequence } = receiptNames;
  const scalar = { elementType: 'float32', shape: [1] } as const;
  const nodes: Node[] = [];
  const emit = (
    opType: string,
    inputs: readonly string[],
    rest: Partial<Pick<Node, 'attributes' | 'outputs'>> = {},
  ) => {
    const { attributes = {}, outputs = [`edjm/receipt/${String(nodes.length)}`] } = rest;
    nodes.push({ opType, domain: '', name: '', inputs, outputs, attributes });
    return outputs[0] ?? '';
  };
  const elements = graph.outputs.map(({ name }) => {
    const flat = emit('Reshape', [name, 'edjm/receipt/flat']);
    const first = emit('Slice', [flat, 'edjm/receipt/first', 'edjm/receipt/end']);
    // Whatever the element is, NaN too, it counts as 0 or 1.
    return emit('Cast', [emit('Cast', [first], { attributes: { to: { int: BOOL } } })], {
      attributes: { to: { int: FLOAT } },
    });
  });
  const all = emit('Concat', elements, { attributes: { axis: { int: 0 } } });
  const sum = emit('ReduceSum', [all], { attributes: { keepdims: { int: 0 } } });
  emit('Add', [ticket, emit('Mul', [sum, 'edjm/receipt/zero'])], { outputs: [receipt] });
  emit('SequenceConstruct', [receipt], { outputs: [sequence] });
  return {
    ...graph,
    inputs: [...graph.inputs, { name: ticket, ...scalar }],
    outputs: [{ name: sequence, ...scalar, sequence: true }, ...graph.outputs, { name: receipt, ...scalar }],
    initializers: new Map([
      ...graph.initializers,
      ['edjm/receipt/flat', tensorOf('int64', [1], [-1])],
      ['edjm/receipt/first', tensorOf('int64', [1], [0])],
      ['edjm/receipt/end', tensorOf('int64', [1], [1])],
      ['edjm/receipt/zero', tensorOf('float32', [1], [0])],
    ]),
    nodes: [...graph.nodes, ...nodes],
  };
}

/** Element types as Cast has them. */
const [FLOAT, BOOL] = [1, 9];

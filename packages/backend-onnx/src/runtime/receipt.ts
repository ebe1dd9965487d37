import { NodeWriter, tensorOf, type Graph, type NewNode, type Node, type Tensor } from '@edjm/onnx-autodiff';

/** Names of what {@link withReceipt} adds. */
export const receiptNames = {
  /** A number, [1], of this run. */
  ticket: 'edjm/ticket',
  /** The same number, once all other outputs are there. */
  receipt: 'edjm/receipt',
  /** A sequence, which stops ONNX Runtime from copying the outputs out. */
  sequence: 'edjm/sequence',
} as const;

/** Writes the nodes of a receipt. */
class ReceiptWriter extends NodeWriter {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor> = new Map();
  #name: string | undefined;

  protected override write({ opType, domain = '', inputs, attributes = {} }: NewNode): readonly string[] {
    const output = this.#name ?? `edjm/receipt/${String(this.nodes.length)}`;
    this.nodes.push({ opType, domain, name: '', inputs, outputs: [output], attributes });
    return [output];
  }

  override ints(values: readonly number[]): string {
    const name = `edjm/receipt/[${values.join()}]`;
    this.initializers.set(name, tensorOf('int64', [values.length], values));
    return name;
  }

  override scalar(value: number): string {
    const name = `edjm/receipt/${String(value)}.0`;
    this.initializers.set(name, tensorOf('float32', [1], [value]));
    return name;
  }

  /** Adds a node whose output has the given name. */
  named(name: string, add: () => string): void {
    this.#name = name;
    add();
    this.#name = undefined;
  }
}

/**
 * A graph whose outputs stay where they were written.
 *
 * onnxruntime-node copies every output into a new array, even if it has written the output to an array that it was given. For the weights of
 * a network in training, the copies are several times the work of the step. It cannot return sequences: it throws once
 * everything is written. So the first output is a sequence. The error looks the same if the run has failed. So another
 * output returns the number that the run was given, computed from an element of every output. Versions that return outputs
 * without copies lose nothing.
 */
export function withReceipt(graph: Graph): Graph {
  const { ticket, receipt, sequence } = receiptNames;
  const scalar = { elementType: 'float32', shape: [1] } as const;
  const writer = new ReceiptWriter();
  const elements = graph.outputs.map(({ name }) => {
    const first = writer.slice(writer.reshape(name, [-1]), { starts: [0], ends: [1] });
    // Every element, also NaN, becomes 0 or 1.
    return writer.cast(writer.cast(first, 'bool'), 'float32');
  });
  const sum = writer.reduceSum(writer.concat(elements, 0), undefined, { keepDims: false });
  const nothing = writer.mul(sum, 0);
  writer.named(receipt, () => writer.add(ticket, nothing));
  writer.named(sequence, () => writer.sequenceConstruct([receipt]));
  return {
    ...graph,
    inputs: [...graph.inputs, { name: ticket, ...scalar }],
    outputs: [{ name: sequence, ...scalar, sequence: true }, ...graph.outputs, { name: receipt, ...scalar }],
    initializers: new Map([...graph.initializers, ...writer.initializers]),
    nodes: [...graph.nodes, ...writer.nodes],
  };
}

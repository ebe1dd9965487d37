import type { OutputKind } from '@edjm/core';
import { intAttribute, type Node } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';

/** Operators that keep the elements of their input in the same order. */
const sameElements = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Cast', 'Dropout']);

/** The softmax or log-softmax over all values of a sample at the end of a network, with its input. */
interface FinalSoftmax {
  readonly kind: 'probability' | 'log-probability';
  readonly logits: string;
}

/** Whether the node normalizes over the whole of each sample; a softmax inside attention does not. */
function normalizesSamples(builder: GraphBuilder, node: Node, dOut: number): boolean {
  const shape = builder.shape(node.inputs[0] ?? '');
  const axis = intAttribute(node, 'axis', -1);
  return shape[axis < 0 ? axis + shape.length : axis] === dOut;
}

function finalSoftmax(builder: GraphBuilder, output: string, dOut: number): FinalSoftmax | undefined {
  const producers = new Map(
    builder.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)),
  );
  let node = producers.get(builder.resolve(output));
  while (node !== undefined && sameElements.has(node.opType)) node = producers.get(node.inputs[0] ?? '');
  if (node === undefined || (node.opType !== 'Softmax' && node.opType !== 'LogSoftmax')) return undefined;
  if (!normalizesSamples(builder, node, dOut)) return undefined;
  return {
    kind: node.opType === 'Softmax' ? 'probability' : 'log-probability',
    logits: node.inputs[0] ?? '',
  };
}

/**
 * The outputs of the kind asked for, [n, dOut]: the logits before a final softmax, or their softmax or log-softmax.
 * The outputs of a network without a final softmax are its logits.
 *
 * @param output - name of the network's own output, whose first axis is the batch of n samples.
 */
export function outputOfKind(
  builder: GraphBuilder,
  output: string,
  options: { readonly kind: OutputKind; readonly n: number },
): string {
  const { kind, n } = options;
  const dOut = builder.shape(output).reduce((product, size) => product * size, 1) / n;
  const flat = (name: string) => builder.reshape(name, [n, dOut]);
  const final = finalSoftmax(builder, output, dOut);
  if (final?.kind === kind) return flat(output);
  const logits = flat(final?.logits ?? output);
  switch (kind) {
    case 'logit':
      return logits;
    case 'probability':
      return builder.softmax(logits, -1);
    case 'log-probability':
      return builder.logSoftmax(logits, -1);
  }
}

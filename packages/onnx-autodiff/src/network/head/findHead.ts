import { type Head, type HeadKind, softmaxGroups } from '@edjm/core';
import type { GraphBuilder } from '../../graph/graphBuilder.ts';
import { describeNode, intsAttribute, type Node } from '../../model/graph.ts';
import { isFloating, sizeOf } from '../../model/tensor.ts';
import { type HeadNodes, headNodes } from './headNodes.ts';
import { headInFront } from './postprocessing.ts';

/** The head of a graph, and the values in front of it. */
export interface FoundHead {
  readonly head: Head;
  /** The outputs of the graph, [n, dOut], with the logits in place of what the head makes of them. */
  readonly logits: string;
}

/** Operators that keep the elements of their input. */
const rearranging = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose']);

/** Operators that keep some elements: a sigmoid of them is that of the same logits, a softmax is not. */
const picking = new Set(['Slice', 'Gather', 'GatherElements', 'GatherND', 'Split', 'Expand', 'Tile']);

/** Rounding that is differentiated as if there were none. */
const rounding = new Set(['QuantizeLinear', 'DequantizeLinear']);

/** What is to be found. */
export interface HeadQuestion {
  /** Number of samples. */
  readonly n: number;
  /** Whether rounding is looked through. */
  readonly straightThrough?: boolean | undefined;
  /** Whether the tensor is a hidden layer: a softmax or sigmoid there is no head. Defaults to false. */
  readonly isInside?: boolean;
}

/** A node between the head and the output, and which of its outputs leads on. */
interface Passed {
  readonly node: Node;
  readonly output: number;
}

/** The head as it stands in the graph, with the nodes behind it, the first one first. */
interface HeadOfPath extends HeadNodes {
  readonly node: Node;
  readonly behind: readonly Passed[];
}

function isPassed(builder: GraphBuilder, node: Node, straightThrough: boolean): boolean {
  if (node.domain !== '') return false;
  const isCast =
    node.opType === 'Cast' &&
    [node.inputs[0] ?? '', node.outputs[0] ?? ''].every((name) => isFloating(builder.type(name).elementType));
  return (
    isCast ||
    rearranging.has(node.opType) ||
    picking.has(node.opType) ||
    (straightThrough && rounding.has(node.opType))
  );
}

const logarithms: Partial<Record<HeadKind, 'log-softmax' | 'log-sigmoid'>> = {
  softmax: 'log-softmax',
  sigmoid: 'log-sigmoid',
};
const powers: Partial<Record<HeadKind, 'softmax' | 'sigmoid'>> = {
  'log-softmax': 'softmax',
  'log-sigmoid': 'sigmoid',
};

/** The only way back from the output, as far as the first node that makes probabilities. */
function headOfPath(builder: GraphBuilder, output: string, straightThrough: boolean): HeadOfPath | undefined {
  const behind: Passed[] = [];
  let name = builder.resolve(output);
  let turned: Partial<Record<HeadKind, HeadNodes['kind']>> | undefined;
  for (;;) {
    const node = builder.producer(name);
    if (node === undefined) return undefined;
    const found = headNodes(builder, node);
    if (found !== undefined) {
      const kind = turned === undefined ? found.kind : turned[found.kind];
      return kind && { ...found, kind, node, behind };
    }
    if (turned === undefined && (node.opType === 'Log' || node.opType === 'Exp') && node.domain === '') {
      turned = node.opType === 'Log' ? logarithms : powers;
    } else if (isPassed(builder, node, straightThrough)) {
      behind.unshift({ node, output: node.outputs.findIndex((one) => builder.resolve(one) === name) });
    } else return undefined;
    name = builder.resolve(node.inputs[0] ?? '');
  }
}

/** The name of a node in the model, not of one that it was rewritten to. */
function placeOf(builder: GraphBuilder, node: Node): string {
  const source = builder.provenance.of(node.outputs[0] ?? '')?.source ?? node;
  return describeNode(source);
}

/** The tensor after the same nodes as the head. */
function passedOn(builder: GraphBuilder, logits: string, behind: readonly Passed[]): string {
  return behind
    .filter(({ node }) => !rounding.has(node.opType))
    .reduce((name, { node, output }) => {
      const inputs = [name, ...node.inputs.slice(1)];
      return builder.copy(node, { inputs, outputs: node.outputs.length })[output] ?? name;
    }, logits);
}

/**
 * Finds what an output, whose first axis is the batch of n samples, ends in: a softmax or a sigmoid, or its logarithm, through whatever only reshapes,
 * transposes or casts; written out in simpler operators, too.
 */
export function findHead(
  builder: GraphBuilder,
  output: string,
  { n, straightThrough = false, isInside = false }: HeadQuestion,
): FoundHead {
  const shape = builder.shape(output);
  const dOut = sizeOf(shape) / n;
  const flat = (name: string) => builder.reshape(name, [n, dOut]);
  const asIs = (node: Node, reason: string): FoundHead => ({
    head: { kind: 'as-is', at: placeOf(builder, node), reason },
    logits: flat(output),
  });
  const found = isInside ? undefined : headOfPath(builder, output, straightThrough);
  if (found === undefined) {
    const node = isInside ? undefined : headInFront(builder, output);
    if (node !== undefined) {
      const last = builder.producer(output);
      return asIs(
        node,
        `${last ? placeOf(builder, last) : output} changes the values of ${placeOf(builder, node)}`,
      );
    }
    const isFlat = dOut === Math.max(...(n === shape[0] ? shape.slice(1) : shape), 1);
    return {
      head: { kind: 'none', ...(isFlat && { groups: { size: dOut, stride: 1 } }) },
      logits: flat(output),
    };
  }
  const { kind, node, behind, axis, logits } = found;
  const at = placeOf(builder, node);
  const replaced = () => flat(passedOn(builder, logits, behind));
  if (axis === undefined) return { head: { kind, at }, logits: replaced() };
  const picked = behind.find((passed) => picking.has(passed.node.opType));
  if (picked !== undefined)
    return asIs(node, `${placeOf(builder, picked.node)} picks some of the values of ${at}`);
  const transpositions = behind
    .filter((passed) => passed.node.opType === 'Transpose')
    .map((passed) => {
      const from = builder.shape(passed.node.inputs[0] ?? '');
      return { shape: from, perm: intsAttribute(passed.node, 'perm') ?? [...from.keys()].reverse() };
    });
  const groups = softmaxGroups({ shape: builder.shape(logits), axis, transpositions, n });
  if (groups === undefined) return asIs(node, `the values of ${at} are reordered behind it`);
  return { head: { kind, at, groups }, logits: replaced() };
}

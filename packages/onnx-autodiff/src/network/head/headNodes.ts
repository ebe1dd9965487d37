import type { HeadKind } from '@edjm/core';
import type { GraphBuilder } from '../../graph/graphBuilder.ts';
import { intAttribute, type Node } from '../../model/graph.ts';
import { valuesOf } from '../../model/tensor.ts';

/** A node or a few of them that make probabilities, or their logarithms, of logits. */
export interface HeadNodes {
  readonly kind: Extract<HeadKind, 'softmax' | 'log-softmax' | 'sigmoid' | 'log-sigmoid'>;
  /** The tensor in front. */
  readonly logits: string;
  /** The axis of a softmax, from the front. */
  readonly axis?: number;
}

/** The value of a constant with one element; undefined for all other tensors. */
function numberOf(builder: GraphBuilder, name: string): number | undefined {
  const values = builder.constantValue(name);
  const [value, ...others] = values === undefined ? [] : valuesOf(values);
  return others.length === 0 ? value : undefined;
}

/** The node that makes a tensor, if it is one of that operator. */
function made(builder: GraphBuilder, name: string | undefined, opType: string): Node | undefined {
  const node = name === undefined ? undefined : builder.producer(name);
  return node?.opType === opType && node.domain === '' ? node : undefined;
}

/** x if the tensor is f(x). */
function argument(builder: GraphBuilder, name: string | undefined, opType: string): string | undefined {
  return made(builder, name, opType)?.inputs[0];
}

/** −x, as a negation, as a product with −1, or as 0 − x. */
function negated(builder: GraphBuilder, name: string | undefined): string | undefined {
  const [left = '', right = ''] = made(builder, name, 'Mul')?.inputs ?? [];
  if (numberOf(builder, left) === -1) return right;
  if (numberOf(builder, right) === -1) return left;
  const [zero = '', x] = made(builder, name, 'Sub')?.inputs ?? [];
  return numberOf(builder, zero) === 0 ? x : argument(builder, name, 'Neg');
}

/** 1 / (1 + e^(−x)), written out. */
function writtenSigmoid(builder: GraphBuilder, node: Node): string | undefined {
  const [one = '', divisor = ''] = node.inputs;
  const isInverse = node.opType === 'Reciprocal' || (node.opType === 'Div' && numberOf(builder, one) === 1);
  if (!isInverse) return undefined;
  const [a = '', b = ''] = made(builder, node.opType === 'Reciprocal' ? one : divisor, 'Add')?.inputs ?? [];
  const power = numberOf(builder, a) === 1 ? b : numberOf(builder, b) === 1 ? a : undefined;
  return negated(builder, argument(builder, power, 'Exp'));
}

/** The only axis of a reduction of x that keeps it. */
function reducedAxis(builder: GraphBuilder, node: Node | undefined, x: string): number | undefined {
  if (node === undefined || builder.resolve(node.inputs[0] ?? '') !== builder.resolve(x)) return undefined;
  if (intAttribute(node, 'keepdims', 1) !== 1) return undefined;
  const axes = builder.constantValue(node.inputs[1] ?? '');
  const [axis, ...others] = axes === undefined ? [] : valuesOf(axes);
  if (axis === undefined || others.length > 0) return undefined;
  return axis < 0 ? axis + builder.shape(x).length : axis;
}

/** e^z / Σ e^z, written out, with the largest z taken off or not. */
function writtenSoftmax(builder: GraphBuilder, node: Node): HeadNodes | undefined {
  const [powers = '', sums = ''] = node.opType === 'Div' ? node.inputs : [];
  const z = argument(builder, powers, 'Exp');
  const axis = reducedAxis(builder, made(builder, sums, 'ReduceSum'), powers);
  if (z === undefined || axis === undefined) return undefined;
  const [x = '', shift] = made(builder, z, 'Sub')?.inputs ?? [];
  const isShifted = reducedAxis(builder, made(builder, shift, 'ReduceMax'), x) === axis;
  return { kind: 'softmax', logits: isShifted ? x : z, axis };
}

/** −log(1 + e^(−x)) of a tensor. */
function writtenLogSigmoid(builder: GraphBuilder, node: Node): string | undefined {
  const inner = negated(builder, node.outputs[0]);
  return negated(builder, argument(builder, inner, 'Softplus'));
}

/** The head that a node is the last part of, if it is. */
export function headNodes(builder: GraphBuilder, node: Node): HeadNodes | undefined {
  if (node.domain !== '') return undefined;
  const [x = ''] = node.inputs;
  switch (node.opType) {
    case 'Softmax':
    case 'LogSoftmax': {
      const axis = intAttribute(node, 'axis', -1);
      const kind = node.opType === 'Softmax' ? 'softmax' : 'log-softmax';
      return { kind, logits: x, axis: axis < 0 ? axis + builder.shape(x).length : axis };
    }
    case 'Sigmoid':
      return { kind: 'sigmoid', logits: x };
    case 'Div':
    case 'Reciprocal': {
      const softmax = writtenSoftmax(builder, node);
      const logits = writtenSigmoid(builder, node);
      return softmax ?? (logits === undefined ? undefined : { kind: 'sigmoid', logits });
    }
    case 'Neg':
    case 'Mul':
    case 'Sub': {
      const logits = writtenLogSigmoid(builder, node);
      return logits === undefined ? undefined : { kind: 'log-sigmoid', logits };
    }
    default:
      return undefined;
  }
}

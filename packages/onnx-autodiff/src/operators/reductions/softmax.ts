/**
 * Softmax, its logarithm and its limit along an axis.
 *
 *     Softmax     y = eˣ / Σ eˣ                 ∂x = y (g − Σ g y)
 *     LogSoftmax  y = x − log Σ eˣ              ∂x = g − eʸ Σ g
 *     Hardmax     y = 1 at the first maximum    ∂x = 0
 *
 * Before operator set 13 the axis split the tensor into a matrix whose rows were normalized.
 */
import { normalizedAxis } from '../axes.ts';
import { reshaped } from '../../graph/broadcasting.ts';
import { sizeOf } from '../../model/tensor.ts';
import { intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { GraphBuilder } from '../../graph/graphBuilder.ts';
import type { Composite, Operator, VjpContext } from '../../graph/operator.ts';
import { oneHotOf } from '../indexing/indexing.ts';

function upgrade(node: Node, opset: number, builder: GraphBuilder): Node {
  if (opset >= 13) return node;
  const [x = ''] = node.inputs;
  const shape = builder.shape(x);
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  if (axis === shape.length - 1) return withAttributes(node, [], { axis: { int: -1 } });
  // Rows of a matrix: the same elements, normalized together, then back in shape.
  const rows = builder.emit('Reshape', [
    x,
    builder.ints([sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]),
  ]);
  const normalized = builder.emit(node.opType, [rows], { axis: { int: -1 } });
  return { ...node, opType: 'Reshape', inputs: [normalized, builder.ints(shape)], attributes: {} };
}

function cotangentAxes({ builder, node }: VjpContext): string {
  const rank = builder.shape(node.outputs[0] ?? '').length;
  const axis = intAttribute(node, 'axis', -1);
  return builder.ints([axis < 0 ? axis + rank + 1 : axis + 1]);
}

function firstMaximum(builder: GraphBuilder, x: string, axis: number): string {
  const { elementType, shape } = builder.type(x);
  const places = builder.emit('ArgMax', [x], { axis: { int: axis }, keepdims: { int: 0 } });
  return oneHotOf(builder, places, { size: shape[axis] ?? 1, axis, elementType });
}

const hardmax: Composite = {
  rewrite: ({ builder, node, opset, input }) => {
    const x = input(0);
    const shape = builder.shape(x);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', opset < 13 ? 1 : -1), shape.length);
    // A vector has a single place, of which ONNX Runtime has no OneHot.
    if (opset >= 13 && shape.length > 1) return [firstMaximum(builder, x, axis)];
    const rows = reshaped(builder, x, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
    return [reshaped(builder, firstMaximum(builder, rows, 1), shape)];
  },
};

/** Softmax, LogSoftmax, Hardmax. */
export const softmaxes: Readonly<Record<string, Operator | Composite>> = {
  Hardmax: hardmax,
  Softmax: {
    upgrade,
    infer: ({ input }) => [input(0)],
    vjp: (context) => {
      const { builder, node, cotangent } = context;
      const y = node.outputs[0] ?? '';
      const sum = builder.emit('ReduceSum', [builder.emit('Mul', [cotangent(), y]), cotangentAxes(context)]);
      return [builder.emit('Mul', [builder.emit('Sub', [cotangent(), sum]), y])];
    },
  },
  LogSoftmax: {
    upgrade,
    infer: ({ input }) => [input(0)],
    vjp: (context) => {
      const { builder, node, cotangent } = context;
      const probabilities = builder.emit('Exp', [node.outputs[0] ?? '']);
      const sum = builder.emit('ReduceSum', [cotangent(), cotangentAxes(context)]);
      return [builder.emit('Sub', [cotangent(), builder.emit('Mul', [sum, probabilities])])];
    },
  },
};

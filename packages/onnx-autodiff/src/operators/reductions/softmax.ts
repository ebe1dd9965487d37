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
import { sizeOf } from '../../model/tensor.ts';
import { intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite, Operator, VjpContext } from '../../graph/operator.ts';
import { oneHotOf } from '../indexing/placing.ts';

function upgrade(node: Node, opset: number, builder: TensorBuilder): Node {
  if (opset >= 13) return node;
  const [x = ''] = node.inputs;
  const shape = builder.shape(x);
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  if (axis === shape.length - 1) return withAttributes(node, [], { axis: { int: -1 } });
  // Rows of a matrix: the same elements, normalized together, then back in shape.
  const rows = builder.reshape(x, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
  const [normalized = ''] = builder.copy(node, { inputs: [rows], attributes: { axis: { int: -1 } } });
  return { ...node, opType: 'Reshape', inputs: [normalized, builder.ints(shape)], attributes: {} };
}

function cotangentAxes({ builder, node }: VjpContext): readonly number[] {
  const rank = builder.shape(node.outputs[0] ?? '').length;
  const axis = intAttribute(node, 'axis', -1);
  return [axis < 0 ? axis + rank + 1 : axis + 1];
}

function firstMaximum(builder: TensorBuilder, x: string, axis: number): string {
  const { elementType, shape } = builder.type(x);
  const places = builder.argMax(x, axis);
  return oneHotOf(builder, places, { size: shape[axis] ?? 1, axis, elementType });
}

const hardmax: Composite = {
  rewrite: ({ builder, node, opset, input }) => {
    const x = input(0);
    const shape = builder.shape(x);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', opset < 13 ? 1 : -1), shape.length);
    // A vector has a single place, for which ONNX Runtime has no OneHot.
    if (opset >= 13 && shape.length > 1) return [firstMaximum(builder, x, axis)];
    const rows = builder.reshape(x, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
    return [builder.reshape(firstMaximum(builder, rows, 1), shape)];
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
      const sum = builder.reduceSum(builder.mul(cotangent(), y), cotangentAxes(context));
      return [builder.mul(builder.sub(cotangent(), sum), y)];
    },
  },
  LogSoftmax: {
    upgrade,
    infer: ({ input }) => [input(0)],
    vjp: (context) => {
      const { builder, node, cotangent } = context;
      const probabilities = builder.exp(node.outputs[0] ?? '');
      const sum = builder.reduceSum(cotangent(), cotangentAxes(context));
      return [builder.sub(cotangent(), builder.mul(sum, probabilities))];
    },
  },
};

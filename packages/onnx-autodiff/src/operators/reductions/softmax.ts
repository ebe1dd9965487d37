/**
 * Softmax, its logarithm and its limit along an axis.
 *
 *     Softmax     y = eˣ / Σ eˣ                 ∂x = y (h − Σ h y), h = g − g_m
 *     LogSoftmax  y = x − log Σ eˣ              ∂x = g q − eʸ (s + g_m)
 *     Hardmax     y = 1 at the first maximum    ∂x = 0
 *
 * m is the place of the largest y. Where it is nearly 1, g_m − Σ g y has no digits left, so that g_m is taken off first. Likewise
 * q, which is 1 − eʸ at m and 1 elsewhere, is Σ eʸ over the other places, s is the sum of g there, and g_m counts at
 * those places alone.
 *
 * Before operator set 13 the axis split the tensor into a matrix whose rows were normalized.
 */
import { normalizedAxis } from '../axes.ts';
import { sizeOf } from '../../model/tensor.ts';
import { intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite, Operator, VjpContext } from '../../graph/operator.ts';
import { positions } from '../attention/attentionMask.ts';
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

function axisOf({ builder, node }: VjpContext): number {
  return normalizedAxis(node, intAttribute(node, 'axis', -1), builder.shape(node.outputs[0] ?? '').length);
}

/** The place of the largest y on the axis, with size 1 there. */
function placesOfLargest({ builder, node }: VjpContext, axis: number): string {
  const y = node.outputs[0] ?? '';
  const { elementType, shape } = builder.type(y);
  const comparable = elementType === 'float64' ? y : builder.cast(y, 'float32');
  return builder.reshape(builder.argMax(comparable, axis), shape.with(axis, 1));
}

/** g at the largest y, with size 1 on the axis. */
function atLargest({ builder, cotangent }: VjpContext, places: string, axis: number): string {
  const [k = 1] = builder.shape(cotangent());
  const shape = builder.shape(places);
  const forAll = builder.expand(builder.reshape(places, [1, ...shape]), [k, ...shape]);
  return builder.gatherElements(cotangent(), forAll, axis + 1);
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
      const axis = axisOf(context);
      const largest = atLargest(context, placesOfLargest(context, axis), axis);
      const shifted = builder.sub(cotangent(), largest);
      const sum = builder.reduceSum(builder.mul(shifted, y), [axis + 1]);
      return [builder.mul(builder.sub(shifted, sum), y)];
    },
  },
  LogSoftmax: {
    upgrade,
    infer: ({ input }) => [input(0)],
    vjp: (context) => {
      const { builder, node, cotangent } = context;
      const probabilities = builder.exp(node.outputs[0] ?? '');
      const { elementType, shape } = builder.type(probabilities);
      const axis = axisOf(context);
      const places = placesOfLargest(context, axis);
      const largest = atLargest(context, places, axis);
      const size = shape[axis] ?? 1;
      const own = builder.reshape(
        positions(builder, size),
        shape.map((_, index) => (index === axis ? size : 1)),
      );
      const isLargest = builder.cast(builder.equal(places, own), elementType);
      const isOther = builder.sub(1, isLargest);
      const complement = builder.reduceSum(builder.mul(probabilities, isOther), [axis]);
      const weights = builder.add(isOther, builder.mul(isLargest, complement));
      const sum = builder.reduceSum(builder.mul(cotangent(), isOther), [axis + 1]);
      const share = builder.add(sum, builder.mul(largest, isOther));
      return [builder.sub(builder.mul(cotangent(), weights), builder.mul(share, probabilities))];
    },
  },
};

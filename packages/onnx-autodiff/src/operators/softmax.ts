/**
 * Softmax and its logarithm along an axis.
 *
 *     Softmax     y = eˣ / Σ eˣ      ∂x = y (g − Σ g y)
 *     LogSoftmax  y = x − log Σ eˣ   ∂x = g − eʸ Σ g
 *
 * Before operator set 13 the axis split the tensor into a matrix whose rows were normalised.
 */
import { sizeOf } from '../tensor.ts';
import { intAttribute, withAttributes, type Node } from '../graph.ts';
import type { GraphBuilder } from '../graphBuilder.ts';
import type { Operator, VjpContext } from '../operator.ts';

function upgrade(node: Node, opset: number, builder: GraphBuilder): Node {
  if (opset >= 13) return node;
  const [x = ''] = node.inputs;
  const shape = builder.shape(x);
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  if (axis === shape.length - 1) return withAttributes(node, [], { axis: { int: -1 } });
  // Rows of a matrix: the same elements, normalised together, then back in shape.
  const rows = builder.emit('Reshape', [
    x,
    builder.ints([sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]),
  ]);
  const normalised = builder.emit(node.opType, [rows], { axis: { int: -1 } });
  return { ...node, opType: 'Reshape', inputs: [normalised, builder.ints(shape)], attributes: {} };
}

function cotangentAxes({ builder, node }: VjpContext): string {
  const rank = builder.shape(node.outputs[0] ?? '').length;
  const axis = intAttribute(node, 'axis', -1);
  return builder.ints([axis < 0 ? axis + rank + 1 : axis + 1]);
}

/** Softmax and LogSoftmax. */
export const softmaxes: Readonly<Record<string, Operator>> = {
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

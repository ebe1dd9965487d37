/**
 * Functions of any number of tensors that broadcast against each other:
 *
 *     Sum         ∂xᵢ = g
 *     Mean        is Sum / (number of tensors)
 *     Max, Min    ∂xᵢ = g where xᵢ is the extreme, shared evenly among those that are
 *
 * each summed over the axes along which its operand was repeated.
 */
import { affineInAll } from '../../graph/affine.ts';
import { broadcastShapes, foldElementwise, unbroadcast } from '../../graph/broadcasting.ts';
import { selected } from '../../differentiate/infiniteSlopes.ts';
import { withAttributes } from '../../model/graph.ts';
import type { Operator, VjpContext } from '../../graph/operator.ts';

/** Builds the function that gives an operand its share of the cotangent. */
type Shares = (context: VjpContext) => (operand: string) => string;

function variadic(evaluate: (...values: number[]) => number, shares: Shares): Operator {
  return {
    upgrade: (node) => withAttributes(node, ['consumed_inputs']),
    infer: ({ node, input, inputs }) => {
      const shapes = inputs.map((_, index) => input(index).shape);
      return [{ elementType: input(0).elementType, shape: broadcastShapes(node, ...shapes) }];
    },
    fold: (node, inputs) => {
      const elementType = inputs[0]?.elementType ?? 'float32';
      return [foldElementwise(node, inputs, { elementType, evaluate })];
    },
    vjp: (context) => {
      const { builder, node, needs } = context;
      const share = shares(context);
      return node.inputs.map((operand, index) =>
        needs(index) ? unbroadcast(builder, share(operand), builder.shape(operand)) : undefined,
      );
    },
  };
}

const sum = (...values: number[]) => values.reduce((total, value) => total + value, 0);

const extremeShares: Shares = (context) => {
  const { builder, node, cotangent } = context;
  const [y = ''] = node.outputs;
  const { elementType } = builder.type(y);
  const isExtreme = (operand: string) => builder.equal(operand, y);
  const count = builder.sum(node.inputs.map((operand) => builder.cast(isExtreme(operand), elementType)));
  const shared = builder.div(cotangent(), count);
  return (operand) => selected(context, shared, isExtreme(operand));
};

/** Sum, Mean, Max, Min. */
export const variadics: Readonly<Record<string, Operator>> = {
  Sum: { ...variadic(sum, ({ cotangent }) => cotangent), affine: affineInAll },
  Mean: {
    affine: affineInAll,
    ...variadic(sum, ({ cotangent }) => cotangent),
    upgrade: (node, _, builder) => {
      const total = builder.sum(node.inputs);
      const share = builder.scalar(1 / node.inputs.length, total);
      return { ...node, opType: 'Mul', inputs: [total, share], attributes: {} };
    },
  },
  Max: variadic(Math.max, extremeShares),
  Min: variadic(Math.min, extremeShares),
};

/**
 * Operators that choose between values.
 *
 *     Where(c, x, y)        ∂x = g where c, else 0         ∂y = g where not c, else 0
 *     Clip(x, low, high)    ∂x = g where low ≤ x ≤ high, else 0
 *                           ∂low = Σ g where x < low ≤ high      ∂high = Σ g where max(x, low) > high
 *     PRelu(x, s)           ∂x = g where x > 0, else g s   ∂s = g x where x ≤ 0, else 0
 *
 * Comparisons and logic give truth values, through which no gradient flows.
 */
import { affineIn } from '../../graph/affine.ts';
import { broadcastShapes, foldElementwise, unbroadcast } from '../../graph/broadcasting.ts';
import { floatAttribute, withAttributes } from '../../model/graph.ts';
import { selected } from '../../differentiate/infiniteSlopes.ts';
import type { Operator } from '../../graph/operator.ts';
import type { OfTwo } from '../../graph/writer/elementwiseWriter.ts';

function comparison(evaluate: (x: number, y: number) => boolean): Operator {
  return {
    infer: ({ node, input }) => [
      { elementType: 'bool', shape: broadcastShapes(node, input(0).shape, input(1).shape) },
    ],
    fold: (node, inputs) => [
      foldElementwise(node, inputs, {
        elementType: 'bool',
        evaluate: (x = 0, y = 0) => Number(evaluate(x, y)),
      }),
    ],
  };
}

const not: Operator = {
  infer: ({ input }) => [input(0)],
  fold: (node, inputs) => [
    foldElementwise(node, inputs, { elementType: 'bool', evaluate: (x = 0) => Number(x === 0) }),
  ],
};

const where: Operator = {
  affine: affineIn([1, 2]),
  infer: ({ node, input }) => [
    {
      elementType: input(1).elementType,
      shape: broadcastShapes(node, input(0).shape, input(1).shape, input(2).shape),
    },
  ],
  fold: (node, inputs) => [
    foldElementwise(node, inputs, {
      elementType: inputs[1]?.elementType ?? 'float32',
      evaluate: (condition = 0, x = 0, y = 0) => (condition === 0 ? y : x),
    }),
  ],
  vjp: ({ builder, input, needs, cotangent }) => {
    const zero = builder.scalar(0, cotangent());
    const x = () => builder.where(input(0), cotangent(), zero);
    const y = () => builder.where(input(0), zero, cotangent());
    return [
      undefined,
      needs(1) ? unbroadcast(builder, x(), builder.shape(input(1))) : undefined,
      needs(2) ? unbroadcast(builder, y(), builder.shape(input(2))) : undefined,
    ];
  },
};

const clip: Operator = {
  upgrade: (node, opset, builder) => {
    if (opset >= 11) return node;
    const [x = ''] = node.inputs;
    const bound = (name: string) => {
      const value = floatAttribute(node, name, undefined);
      return value === undefined ? '' : builder.scalar(value, x);
    };
    return {
      ...withAttributes(node, ['min', 'max', 'consumed_inputs']),
      inputs: [x, bound('min'), bound('max')],
    };
  },
  infer: ({ input }) => [input(0)],
  vjp: (context) => {
    const { builder, node, needs, cotangent } = context;
    const [x = '', low = '', high = ''] = node.inputs;
    const compare = (comparison: OfTwo, a: string, b: string) =>
      a === '' || b === '' ? [] : [comparison(a, b)];
    const where = (conditions: readonly string[]) => {
      const [first, ...others] = conditions;
      if (first === undefined) return cotangent();
      const all = others.reduce((left, right) => builder.and(left, right), first);
      return selected(context, cotangent(), all);
    };
    const total = (bound: string, conditions: readonly string[]) =>
      unbroadcast(builder, where(conditions), builder.shape(bound));
    const raised = () => (low === '' ? x : builder.max(x, low));
    return [
      needs(0)
        ? where([...compare(builder.greaterOrEqual, x, low), ...compare(builder.lessOrEqual, x, high)])
        : undefined,
      needs(1)
        ? total(low, [...compare(builder.less, x, low), ...compare(builder.lessOrEqual, low, high)])
        : undefined,
      needs(2) ? total(high, compare(builder.greater, raised(), high)) : undefined,
    ];
  },
};

const pRelu: Operator = {
  upgrade: (node, opset, builder) => {
    if (opset >= 7) return node;
    // Before operator set 7 a vector of slopes held one for each channel, whatever axes came behind.
    const [x = '', slope = ''] = node.inputs;
    const [channels = 1] = builder.shape(slope);
    const shape = [
      channels,
      ...builder
        .shape(x)
        .slice(2)
        .map(() => 1),
    ];
    const aligned = builder.shape(slope).length === 1 && channels > 1 ? builder.reshape(slope, shape) : slope;
    return { ...withAttributes(node, ['consumed_inputs']), inputs: [x, aligned] };
  },
  infer: ({ node, input }) => {
    const { elementType, shape } = input(0);
    return [{ elementType, shape: broadcastShapes(node, shape, input(1).shape) }];
  },
  vjp: ({ builder, input, needs, cotangent }) => {
    const zero = builder.scalar(0, input(0));
    const positive = builder.greater(input(0), zero);
    const x = () => builder.mul(cotangent(), builder.where(positive, builder.scalar(1, zero), input(1)));
    const slope = () => builder.mul(cotangent(), builder.where(positive, zero, input(0)));
    return [
      needs(0) ? x() : undefined,
      needs(1) ? unbroadcast(builder, slope(), builder.shape(input(1))) : undefined,
    ];
  },
};

/** Where, Clip, PRelu, comparisons and logic. */
export const selections: Readonly<Record<string, Operator>> = {
  Where: where,
  Clip: clip,
  PRelu: pRelu,
  Equal: comparison((x, y) => x === y),
  Greater: comparison((x, y) => x > y),
  GreaterOrEqual: comparison((x, y) => x >= y),
  Less: comparison((x, y) => x < y),
  LessOrEqual: comparison((x, y) => x <= y),
  And: comparison((x, y) => x !== 0 && y !== 0),
  Or: comparison((x, y) => x !== 0 || y !== 0),
  Xor: comparison((x, y) => (x !== 0) !== (y !== 0)),
  Not: not,
};

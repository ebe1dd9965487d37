/**
 * Binary arithmetic with broadcasting, z = x ∘ y:
 *
 *     x + y   ∂x = g          ∂y = g
 *     x − y   ∂x = g          ∂y = −g
 *     x · y   ∂x = g y        ∂y = g x
 *     x / y   ∂x = g / y      ∂y = −g z / y
 *     x ^ y   ∂x = g y x^(y−1)   ∂y = g z log x
 *     x mod y ∂x = g          ∂y = −g (x − z) / y, a whole number
 *
 * each summed over the axes along which its operand was repeated.
 */
import { affineIn, affineInAll } from '../../graph/affine.ts';
import { broadcastShapes, foldElementwise, unbroadcast } from '../../graph/broadcasting.ts';
import { isSumOfSquares } from '../sumOfSquares.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { Operator, VjpContext } from '../../graph/operator.ts';
import { isFloating, sizeOf } from '../../model/tensor.ts';

/** Before operator set 7 the second operand was aligned by an `axis` attribute: give it its trailing axes. */
function alignSecondOperand(node: Node, opset: number, builder: TensorBuilder): Node {
  if (opset >= 7) return node;
  const [x = '', y = ''] = node.inputs;
  const axis = intAttribute(node, 'axis', undefined);
  const plain = withAttributes(node, ['axis', 'broadcast', 'consumed_inputs']);
  if (axis === undefined) return plain;
  const shape = builder.shape(y);
  const rank = builder.shape(x).length;
  const trailing = Math.max(0, rank - (axis < 0 ? axis + rank : axis) - shape.length);
  const aligned = builder.reshape(y, [...shape, ...new Array<number>(trailing).fill(1)]);
  return { ...plain, inputs: [x, aligned] };
}

type Gradients = (context: VjpContext, g: string) => { x: () => string; y: () => string };

function binary(
  evaluate: (x: number, y: number, integer: boolean) => number,
  gradients: Gradients,
): Operator {
  return {
    upgrade: alignSecondOperand,
    infer: ({ node, input }) => [
      { elementType: input(0).elementType, shape: broadcastShapes(node, input(0).shape, input(1).shape) },
    ],
    fold: (node, inputs) => {
      const elementType = inputs[0]?.elementType ?? 'float32';
      const integer = !isFloating(elementType);
      return [
        foldElementwise(node, inputs, {
          elementType,
          evaluate: (x = 0, y = 0) => evaluate(x, y, integer),
        }),
      ];
    },
    vjp: (context) => {
      const { builder, input, needs } = context;
      const { x, y } = gradients(context, context.cotangent());
      return [
        needs(0) ? unbroadcast(builder, x(), builder.shape(input(0))) : undefined,
        needs(1) ? unbroadcast(builder, y(), builder.shape(input(1))) : undefined,
      ];
    },
  };
}

const add = binary(
  (x, y) => x + y,
  (_, g) => ({ x: () => g, y: () => g }),
);

const subtract = binary(
  (x, y) => x - y,
  ({ builder }, g) => ({ x: () => g, y: () => builder.neg(g) }),
);

/**
 * (x · a) · b as x · (a · b), if a and b are smaller than x: slopes of successive layers, which have no axis of
 * cotangents. A pass over a tensor with that axis costs as much as many passes over tensors without it.
 */
function smallFactorsFirst(node: Node, builder: TensorBuilder): Node {
  const size = (name: string) => sizeOf(builder.shape(name));
  const [a = '', b = ''] = node.inputs;
  for (const [whole, factor] of [
    [a, b],
    [b, a],
  ] as const) {
    const product = builder.producer(whole);
    if (product?.opType !== 'Mul' || product.domain !== '' || size(factor) >= size(whole)) continue;
    const [x = '', y = ''] = product.inputs;
    for (const [large, small] of [
      [x, y],
      [y, x],
    ] as const) {
      if (size(large) !== size(whole) || size(small) >= size(whole)) continue;
      const shape = broadcastShapes(node, builder.shape(small), builder.shape(factor));
      if (sizeOf(shape) < size(whole)) return { ...node, inputs: [large, builder.mul(small, factor)] };
    }
  }
  return node;
}

const multiply: Operator = {
  affine: affineIn([0], [1]),
  ...binary(
    (x, y) => x * y,
    ({ builder, input }, g) => ({
      x: () => builder.mul(g, input(1)),
      y: () => builder.mul(g, input(0)),
    }),
  ),
  simplify: smallFactorsFirst,
};

const divide = binary(
  (x, y, integer) => (integer ? Math.trunc(x / y) : x / y),
  ({ builder, input, node }, g) => ({
    x: () => builder.div(g, input(1)),
    y: () => {
      const quotient = builder.div(node.outputs[0] ?? '', input(1));
      return builder.mul(g, builder.neg(quotient));
    },
  }),
);

const power: Operator = binary(
  (x, y) => x ** y,
  ({ builder, input, node }, g) => ({
    x: () => {
      const x = input(0);
      // The exponent may be of another type than the base; it is a number like the base's in the derivative.
      const exponent = builder.cast(input(1), builder.type(x).elementType);
      const [zero, one] = [builder.scalar(0, x), builder.scalar(1, x)];
      // x^0 has the slope 0, also at x = 0, where 0 · 0^(−1) is no number: such exponents are taken out first.
      const isConstant = builder.equal(exponent, zero);
      const safe = builder.where(isConstant, one, exponent);
      const lowered = builder.pow(x, builder.sub(safe, one));
      const slope = builder.mul(exponent, lowered);
      if (!isSumOfSquares(builder, x)) return builder.mul(g, slope);
      return builder.mul(g, builder.where(builder.equal(x, zero), zero, slope));
    },
    y: () => {
      const z = node.outputs[0] ?? '';
      // 0^y is 0 around every y > 0: the slope is 0, where 0 · log 0 is no number; at 0^0 it is 0 as well.
      const isZero = builder.equal(input(0), builder.scalar(0, z));
      const base = builder.where(isZero, builder.scalar(1, z), input(0));
      return builder.mul(g, builder.mul(z, builder.log(base)));
    },
  }),
);

const floorRest = (x: number, y: number) => x - y * Math.floor(x / y);

/** The rest of x / y, with the sign of y, or of x if `fmod` is 1. */
const modulo: Operator = {
  ...binary(floorRest, ({ builder, input, node }, g) => ({
    x: () => g,
    y: () => {
      const taken = builder.sub(input(0), node.outputs[0] ?? '');
      const times = builder.round(builder.div(taken, input(1)));
      return builder.mul(g, builder.neg(times));
    },
  })),
  upgrade: (node, _, builder) => {
    const [x = '', y = ''] = node.inputs;
    if (intAttribute(node, 'fmod', 0) !== 0 || !isFloating(builder.type(x).elementType)) return node;
    // Before operator set 28 that form was for integers alone.
    const whole = builder.floor(builder.div(x, y));
    return { ...node, opType: 'Sub', inputs: [x, builder.mul(whole, y)], attributes: {} };
  },
  fold: (node, inputs) => {
    const rest = intAttribute(node, 'fmod', 0) === 0 ? floorRest : (x: number, y: number) => x % y;
    const elementType = inputs[0]?.elementType ?? 'float32';
    return [foldElementwise(node, inputs, { elementType, evaluate: (x = 0, y = 0) => rest(x, y) })];
  },
};

/** Add, Sub, Mul, Div, Pow, Mod. */
export const arithmetic: Readonly<Record<string, Operator>> = {
  Add: { ...add, affine: affineInAll },
  Sub: { ...subtract, affine: affineInAll },
  Mul: multiply,
  Div: { ...divide, affine: affineIn([0]) },
  Pow: power,
  Mod: modulo,
};

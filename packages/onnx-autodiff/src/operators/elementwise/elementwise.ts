/**
 * Functions of one tensor applied to every element, y = f(x): ∂x = g f′(x).
 *
 *     exp x   f′ = y               log x   f′ = 1 / x        √x   f′ = 1 / (2 y)
 *     |x|     f′ = sign x          −x      f′ = −1           1/x  f′ = −y²
 *     sin x   f′ = cos x           cos x   f′ = −sin x       erf x  f′ = 2/√π e^(−x²)
 *
 * The root of a sum of squares is a norm, whose derivative is 0 where it is 0.
 *
 * Floor, Ceil, Round and Sign are steps: f′ = 0 wherever there is one.
 */
import { affineIn } from '../../graph/affine.ts';
import { isSumOfSquares } from '../sumOfSquares.ts';
import { foldElementwise } from '../../graph/broadcasting.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { withAttributes, type Node } from '../../model/graph.ts';
import { selected } from '../../differentiate/infiniteSlopes.ts';
import type { Operator, VjpContext } from '../../graph/operator.ts';
import type { Tensor } from '../../model/tensor.ts';

/** The terms of a derivative. */
export interface Unary {
  readonly builder: TensorBuilder;
  readonly node: Node;
  /** Name of the input. */
  readonly x: string;
  /** Name of the output. */
  readonly y: string;
  /** A scalar constant of the type of x. */
  readonly scalar: (value: number) => string;
}

/** Builds the tensor f′(x). */
export type Derivative = (unary: Unary) => string;

function foldUnary(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  evaluate: (x: number) => number,
): Tensor {
  const elementType = inputs[0]?.elementType ?? 'float32';
  return foldElementwise(node, inputs, { elementType, evaluate: (x = 0) => evaluate(x) });
}

function unaryOf({ builder, node, input }: VjpContext): Unary {
  const x = input(0);
  return { builder, node, x, y: node.outputs[0] ?? '', scalar: (value) => builder.scalar(value, x) };
}

/** The operator that applies a function of the given derivative; `evaluate` folds constants. */
export function elementwise(derivative: Derivative, evaluate?: (x: number) => number): Operator {
  return {
    upgrade: (node) => withAttributes(node, ['consumed_inputs']),
    infer: ({ input }) => [input(0)],
    ...(evaluate && {
      fold: (node, inputs) => [foldUnary(node, inputs, evaluate)],
    }),
    vjp: (context) => [context.builder.mul(context.cotangent(), derivative(unaryOf(context)))],
  };
}

/**
 * The operator that applies a function which is constant in places.
 *
 * @param moves - a truth value for every element: whether y moves with x there.
 * @param slope - f′(x) where y moves; 1 by default.
 */
export function selecting(moves: Derivative, slope?: Derivative): Operator {
  return {
    upgrade: (node) => withAttributes(node, ['consumed_inputs']),
    infer: ({ input }) => [input(0)],
    vjp: (context) => {
      const unary = unaryOf(context);
      const chosen = selected(context, context.cotangent(), moves(unary));
      return [slope === undefined ? chosen : context.builder.mul(chosen, slope(unary))];
    },
  };
}

const exp: Derivative = ({ y }) => y;
// Not Div(1, x): ONNX Runtime fuses it with a product behind it, and loses the other factor if it has removed that
// factor's node.
const log: Derivative = ({ builder, x }) => builder.reciprocal(x);
const sqrt: Derivative = ({ builder, x, y, scalar }) => {
  const slope = builder.div(0.5, y);
  return isSumOfSquares(builder, x) ? builder.where(builder.equal(y, 0), scalar(0), slope) : slope;
};
const abs: Derivative = ({ builder, x }) => builder.sign(x);
const neg: Derivative = ({ scalar }) => scalar(-1);
const reciprocal: Derivative = ({ builder, y }) => builder.neg(builder.mul(y, y));
const sin: Derivative = ({ builder, x }) => builder.cos(x);
const cos: Derivative = ({ builder, x }) => builder.neg(builder.sin(x));
const erf: Derivative = ({ builder, x }) => {
  const exponent = builder.neg(builder.mul(x, x));
  return builder.mul(builder.exp(exponent), 2 / Math.sqrt(Math.PI));
};

function step(evaluate: (x: number) => number): Operator {
  return {
    infer: ({ input }) => [input(0)],
    fold: (node, inputs) => [foldUnary(node, inputs, evaluate)],
    isStep: true,
    vjp: () => [undefined],
  };
}

/** Halves go to the even neighbor, as ONNX rounds. */
function roundToEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Exp, Log, Sqrt, Abs, Neg, Reciprocal, Sin, Cos, Erf, Floor, Ceil, Round, Sign. */
export const elementwiseFunctions: Readonly<Record<string, Operator>> = {
  Exp: elementwise(exp, Math.exp),
  Log: elementwise(log, Math.log),
  Sqrt: elementwise(sqrt, Math.sqrt),
  Abs: elementwise(abs, Math.abs),
  Neg: { ...elementwise(neg, (x) => -x), affine: affineIn([0]) },
  Reciprocal: elementwise(reciprocal, (x) => 1 / x),
  Sin: elementwise(sin, Math.sin),
  Cos: elementwise(cos, Math.cos),
  Erf: elementwise(erf),
  Floor: step(Math.floor),
  Ceil: step(Math.ceil),
  Round: step(roundToEven),
  Sign: step(Math.sign),
};

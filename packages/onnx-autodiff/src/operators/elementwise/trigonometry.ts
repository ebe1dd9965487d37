/**
 * Circular and hyperbolic functions of every element and their inverses: ∂x = g f′(x).
 *
 *     tan x    f′ = 1 + y²            sinh x    f′ = cosh x          cosh x    f′ = sinh x
 *     asin x   f′ = 1 / √(1 − x²)     asinh x   f′ = 1 / √(x² + 1)
 *     acos x   f′ = −1 / √(1 − x²)    acosh x   f′ = 1 / √(x² − 1)
 *     atan x   f′ = 1 / (1 + x²)      atanh x   f′ = 1 / (1 − x²)
 *
 * Differences of squares are products of sums: near the ends of the domain 1 − x² would have no digit left.
 */
import type { Operator } from '../../graph/operator.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Node } from '../../model/graph.ts';
import { elementwise, type Derivative, type Unary } from './elementwise.ts';

/** 1 + t². */
function onePlusSquare({ builder }: Unary, t: string): string {
  return builder.add(builder.mul(t, t), 1);
}

/** 1 − x², or x² − 1. */
function squareDifference({ builder, x }: Unary, isFromOne: boolean): string {
  const below = isFromOne ? builder.sub(1, x) : builder.sub(x, 1);
  return builder.mul(below, builder.add(x, 1));
}

const inverseRoot = ({ builder }: Unary, square: string): string => builder.reciprocal(builder.sqrt(square));

const tan: Derivative = (unary) => onePlusSquare(unary, unary.y);
const asin: Derivative = (unary) => inverseRoot(unary, squareDifference(unary, true));
const acos: Derivative = (unary) => unary.builder.neg(asin(unary));
const atan: Derivative = (unary) => unary.builder.reciprocal(onePlusSquare(unary, unary.x));
const sinh: Derivative = ({ builder, x }) => builder.cosh(x);
const cosh: Derivative = ({ builder, x }) => builder.sinh(x);
const asinh: Derivative = (unary) => inverseRoot(unary, onePlusSquare(unary, unary.x));
const acosh: Derivative = (unary) => inverseRoot(unary, squareDifference(unary, false));
const atanh: Derivative = (unary) => unary.builder.reciprocal(squareDifference(unary, true));

/**
 * The arctangent of a quotient y / x, as exporters write atan2, in a form with derivatives where x or both are 0. The
 * smaller of the two is divided by the larger; arctan(y / x) = ±π/2 − arctan(x / y). At 0 / 0 the derivatives are 0, as
 * those of PyTorch's atan2 are.
 */
function ofQuotient(node: Node, _: number, builder: TensorBuilder): Node {
  const [quotient = ''] = node.inputs;
  const division = builder.producer(quotient);
  const [y = '', x = ''] = division?.inputs ?? [];
  if (division?.opType !== 'Div' || division.domain !== '' || builder.constantValue(x) !== undefined)
    return node;
  const scalar = (value: number) => builder.scalar(value, quotient);
  const isSteep = builder.greater(builder.abs(y), builder.abs(x));
  const isNumber = builder.equal(quotient, quotient);
  const numerator = builder.where(isNumber, builder.where(isSteep, x, y), scalar(0));
  const denominator = builder.where(isNumber, builder.where(isSteep, y, x), scalar(1));
  const angle = builder.atan(builder.div(numerator, denominator));
  const right = builder.where(builder.greater(quotient, 0), scalar(Math.PI / 2), scalar(-Math.PI / 2));
  const turned = builder.where(isSteep, builder.sub(right, angle), angle);
  return { ...node, opType: 'Where', inputs: [isNumber, turned, scalar(NaN)], attributes: {} };
}

/** Tan, Asin, Acos, Atan, Sinh, Cosh, Asinh, Acosh, Atanh. */
export const trigonometry: Readonly<Record<string, Operator>> = {
  Tan: elementwise(tan, Math.tan),
  Asin: elementwise(asin, Math.asin),
  Acos: elementwise(acos, Math.acos),
  Atan: { ...elementwise(atan, Math.atan), upgrade: ofQuotient },
  Sinh: elementwise(sinh, Math.sinh),
  Cosh: elementwise(cosh, Math.cosh),
  Asinh: elementwise(asinh, Math.asinh),
  Acosh: elementwise(acosh, Math.acosh),
  Atanh: elementwise(atanh, Math.atanh),
};

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

/** Tan, Asin, Acos, Atan, Sinh, Cosh, Asinh, Acosh, Atanh. */
export const trigonometry: Readonly<Record<string, Operator>> = {
  Tan: elementwise(tan, Math.tan),
  Asin: elementwise(asin, Math.asin),
  Acos: elementwise(acos, Math.acos),
  Atan: elementwise(atan, Math.atan),
  Sinh: elementwise(sinh, Math.sinh),
  Cosh: elementwise(cosh, Math.cosh),
  Asinh: elementwise(asinh, Math.asinh),
  Acosh: elementwise(acosh, Math.acosh),
  Atanh: elementwise(atanh, Math.atanh),
};

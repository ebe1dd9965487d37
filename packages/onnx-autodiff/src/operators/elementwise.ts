/**
 * Functions of one tensor applied to every element, y = f(x): ∂x = g f′(x). Each entry writes f′ as ONNX nodes, from the
 * output where that is cheaper. At a kink f′ is the value that PyTorch uses: 0 for ReLU at 0.
 */
import { foldElementwise } from '../broadcasting.ts';
import type { GraphBuilder } from '../graphBuilder.ts';
import { floatAttribute, stringAttribute, withAttributes, type Node } from '../graph.ts';
import type { Operator } from '../operator.ts';
import type { Tensor } from '../tensor.ts';
import { cast } from './cast.ts';

interface Unary {
  readonly builder: GraphBuilder;
  readonly node: Node;
  /** Name of the input. */
  readonly x: string;
  /** Name of the output. */
  readonly y: string;
  /** A scalar constant of the type of x. */
  readonly scalar: (value: number) => string;
}

/** Builds the tensor f′(x). */
type Derivative = (unary: Unary) => string;

function foldUnary(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  evaluate: (x: number) => number,
): Tensor {
  const elementType = inputs[0]?.elementType ?? 'float32';
  return foldElementwise(node, inputs, { elementType, evaluate: (x = 0) => evaluate(x) });
}

function elementwise(derivative: Derivative, evaluate?: (x: number) => number): Operator {
  return {
    upgrade: (node) => withAttributes(node, ['consumed_inputs']),
    infer: ({ input }) => [input(0)],
    ...(evaluate && {
      fold: (node, inputs) => [foldUnary(node, inputs, evaluate)],
    }),
    vjp: ({ builder, node, input, cotangent }) => {
      const x = input(0);
      const slope = derivative({
        builder,
        node,
        x,
        y: node.outputs[0] ?? '',
        scalar: (value) => builder.scalar(value, x),
      });
      return [builder.emit('Mul', [cotangent(), slope])];
    },
  };
}

/** 1 where a > b, else 0, in the type of a. */
function indicator(builder: GraphBuilder, a: string, b: string): string {
  return cast(builder, builder.emit('Greater', [a, b]), builder.type(a).elementType);
}

/** One value where x > 0, another elsewhere. */
function wherePositive({ builder, x, scalar }: Unary, positive: string, other: string): string {
  return builder.emit('Where', [builder.emit('Greater', [x, scalar(0)]), positive, other]);
}

const relu: Derivative = ({ builder, y, scalar }) => indicator(builder, y, scalar(0));

const leakyRelu: Derivative = (unary) =>
  wherePositive(unary, unary.scalar(1), unary.scalar(floatAttribute(unary.node, 'alpha', 0.01)));

// α (eˣ − 1) has the slope y + α.
const elu: Derivative = (unary) => {
  const { builder, node, y, scalar } = unary;
  return wherePositive(unary, scalar(1), builder.emit('Add', [y, scalar(floatAttribute(node, 'alpha', 1))]));
};

const SELU_ALPHA = 1.67326319217681884765625;
const SELU_GAMMA = 1.05070102214813232421875;

// γ α (eˣ − 1) has the slope y + γ α.
const selu: Derivative = (unary) => {
  const { builder, node, y, scalar } = unary;
  const alpha = floatAttribute(node, 'alpha', SELU_ALPHA);
  const gamma = floatAttribute(node, 'gamma', SELU_GAMMA);
  return wherePositive(unary, scalar(gamma), builder.emit('Add', [y, scalar(gamma * alpha)]));
};

// α (e^(x/α) − 1) has the slope y / α + 1.
const celu: Derivative = (unary) => {
  const { builder, node, y, scalar } = unary;
  const slope = builder.emit('Add', [
    builder.emit('Div', [y, scalar(floatAttribute(node, 'alpha', 1))]),
    scalar(1),
  ]);
  return wherePositive(unary, scalar(1), slope);
};

const sigmoid: Derivative = ({ builder, y, scalar }) =>
  builder.emit('Mul', [y, builder.emit('Sub', [scalar(1), y])]);

// max(0, min(1, α x + β)) has the slope α where it is neither 0 nor 1.
const hardSigmoid: Derivative = ({ builder, node, y, scalar }) => {
  const inside = builder.emit('Mul', [indicator(builder, y, scalar(0)), indicator(builder, scalar(1), y)]);
  return builder.emit('Mul', [inside, scalar(floatAttribute(node, 'alpha', 0.2))]);
};

const tanh: Derivative = ({ builder, y, scalar }) =>
  builder.emit('Sub', [scalar(1), builder.emit('Mul', [y, y])]);

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

// x Φ(x) has the slope Φ(x) + x φ(x).
function geluExact({ builder, x, scalar }: Unary): string {
  const erf = builder.emit('Erf', [builder.emit('Mul', [x, scalar(SQRT_HALF)])]);
  const cumulative = builder.emit('Mul', [builder.emit('Add', [erf, scalar(1)]), scalar(0.5)]);
  const exponent = builder.emit('Mul', [builder.emit('Mul', [x, x]), scalar(-0.5)]);
  const density = builder.emit('Mul', [builder.emit('Exp', [exponent]), scalar(INVERSE_SQRT_TWO_PI)]);
  return builder.emit('Add', [cumulative, builder.emit('Mul', [x, density])]);
}

const GELU_CUBIC = 0.044715;
const GELU_SCALE = Math.sqrt(2 / Math.PI);

// ½ x (1 + tanh u), u = √(2/π) (x + 0.044715 x³), has the slope ½ (1 + t) + ½ x (1 − t²) u′.
function geluTanh({ builder, x, scalar }: Unary): string {
  const square = builder.emit('Mul', [x, x]);
  const inner = builder.emit('Add', [scalar(1), builder.emit('Mul', [square, scalar(GELU_CUBIC)])]);
  const u = builder.emit('Mul', [builder.emit('Mul', [x, inner]), scalar(GELU_SCALE)]);
  const t = builder.emit('Tanh', [u]);
  const uSlope = builder.emit('Add', [
    scalar(GELU_SCALE),
    builder.emit('Mul', [square, scalar(3 * GELU_CUBIC * GELU_SCALE)]),
  ]);
  const sech = builder.emit('Sub', [scalar(1), builder.emit('Mul', [t, t])]);
  const second = builder.emit('Mul', [builder.emit('Mul', [x, sech]), uSlope]);
  return builder.emit('Mul', [
    builder.emit('Add', [builder.emit('Add', [scalar(1), t]), second]),
    scalar(0.5),
  ]);
}

const gelu: Derivative = (unary) =>
  stringAttribute(unary.node, 'approximate', 'none') === 'tanh' ? geluTanh(unary) : geluExact(unary);

// erf′(x) = 2/√π e^(−x²).
const erf: Derivative = ({ builder, x, scalar }) => {
  const exponent = builder.emit('Neg', [builder.emit('Mul', [x, x])]);
  return builder.emit('Mul', [builder.emit('Exp', [exponent]), scalar(2 / Math.sqrt(Math.PI))]);
};

const softplus: Derivative = ({ builder, x }) => builder.emit('Sigmoid', [x]);
const exp: Derivative = ({ y }) => y;
const log: Derivative = ({ builder, x, scalar }) => builder.emit('Div', [scalar(1), x]);
const sqrt: Derivative = ({ builder, y, scalar }) => builder.emit('Div', [scalar(0.5), y]);
const abs: Derivative = ({ builder, x }) => builder.emit('Sign', [x]);
const neg: Derivative = ({ scalar }) => scalar(-1);
// 1/x has the slope −y².
const reciprocal: Derivative = ({ builder, y }) => builder.emit('Neg', [builder.emit('Mul', [y, y])]);

/** A step function: its derivative is 0 wherever it has one, so no gradient flows. */
function step(evaluate: (x: number) => number): Operator {
  return {
    infer: ({ input }) => [input(0)],
    fold: (node, inputs) => [foldUnary(node, inputs, evaluate)],
    vjp: () => [undefined],
  };
}

/** Activations and elementary functions of one tensor. */
export const elementwiseFunctions: Readonly<Record<string, Operator>> = {
  Relu: elementwise(relu),
  LeakyRelu: elementwise(leakyRelu),
  Elu: elementwise(elu),
  Selu: elementwise(selu),
  Celu: elementwise(celu),
  Sigmoid: elementwise(sigmoid),
  HardSigmoid: elementwise(hardSigmoid),
  Tanh: elementwise(tanh),
  Gelu: elementwise(gelu),
  Erf: elementwise(erf),
  Softplus: elementwise(softplus),
  Exp: elementwise(exp, Math.exp),
  Log: elementwise(log, Math.log),
  Sqrt: elementwise(sqrt, Math.sqrt),
  Abs: elementwise(abs, Math.abs),
  Neg: elementwise(neg, (x) => -x),
  Reciprocal: elementwise(reciprocal, (x) => 1 / x),
  Floor: step(Math.floor),
  Ceil: step(Math.ceil),
  Sign: step(Math.sign),
};

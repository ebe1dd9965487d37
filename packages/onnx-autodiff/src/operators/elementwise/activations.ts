/**
 * Activation functions, y = f(x) for every element: ∂x = g f′(x). At a kink f′ is the value that PyTorch uses: 0 for
 * ReLU at 0. The slope of a function that saturates is computed from x, not from y: 1 − y² has no digit left once y
 * rounds to 1.
 */
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { floatAttribute, stringAttribute, type Node } from '../../model/graph.ts';
import type { Operator } from '../../graph/operator.ts';
import { elementwise, selecting, type Derivative, type Unary } from './elementwise.ts';

/** One value where x > bound, another elsewhere. */
function whereAbove({ builder, x }: Unary, bound: number, [above, other]: readonly [string, string]): string {
  return builder.where(builder.greater(x, bound), above, other);
}

const relu = selecting(({ builder, y }) => builder.greater(y, 0));

const thresholdedRelu = selecting(({ builder, node, x }) =>
  builder.greater(x, floatAttribute(node, 'alpha', 1)),
);

const leakyRelu: Derivative = (unary) => {
  const { node, scalar } = unary;
  return whereAbove(unary, 0, [scalar(1), scalar(floatAttribute(node, 'alpha', 0.01))]);
};

/** eˣ where x is negative: e^(−|x|), which does not overflow elsewhere. */
function decay({ builder, x }: Pick<Unary, 'builder' | 'x'>): string {
  return builder.exp(builder.neg(builder.abs(x)));
}

// α (eˣ − 1) has the slope α eˣ.
const elu: Derivative = (unary) => {
  const { builder, node, scalar } = unary;
  const slope = builder.mul(decay(unary), floatAttribute(node, 'alpha', 1));
  return whereAbove(unary, 0, [scalar(1), slope]);
};

const SELU_ALPHA = 1.67326319217681884765625;
const SELU_GAMMA = 1.05070102214813232421875;

// γ α (eˣ − 1) has the slope γ α eˣ.
const selu: Derivative = (unary) => {
  const { builder, node, scalar } = unary;
  const alpha = floatAttribute(node, 'alpha', SELU_ALPHA);
  const gamma = floatAttribute(node, 'gamma', SELU_GAMMA);
  return whereAbove(unary, 0, [scalar(gamma), builder.mul(decay(unary), gamma * alpha)]);
};

// α (e^(x/α) − 1) has the slope e^(x/α).
const celu: Derivative = (unary) => {
  const { builder, node, x, scalar } = unary;
  const scaled = builder.div(x, floatAttribute(node, 'alpha', 1));
  return whereAbove(unary, 0, [scalar(1), decay({ builder, x: scaled })]);
};

/** The logistic density e^(−|x|) / (1 + e^(−|x|))², which is σ(x) (1 − σ(x)). */
function logisticDensity(builder: TensorBuilder, x: string): string {
  const tail = decay({ builder, x });
  const sum = builder.add(tail, 1);
  return builder.div(tail, builder.mul(sum, sum));
}

/** 1 − tanh² u. */
function squaredSecant(builder: TensorBuilder, u: string): string {
  return builder.mul(logisticDensity(builder, builder.mul(u, 2)), 4);
}

/** 1 / (1 + e^(−x)) in parts: ONNX Runtime's own Sigmoid has no right digit below −16, and is 0 below −18. */
function sigmoidInSteps({ inputs: [x = ''] }: Node, builder: TensorBuilder): string | undefined {
  if (builder.type(x).elementType !== 'float32') return undefined;
  return builder.reciprocal(builder.add(builder.exp(builder.neg(x)), 1));
}

const sigmoid: Derivative = ({ builder, x }) => logisticDensity(builder, x);

// tanh x = 2 σ(2x) − 1.
const tanh: Derivative = ({ builder, x }) => squaredSecant(builder, x);

// log(1 + eˣ) has the slope σ(x) = e^(x − y).
const softplus: Derivative = ({ builder, x, y }) => builder.exp(builder.sub(x, y));

// x / (1 + |x|) has the slope 1 / (1 + |x|)².
const softsign: Derivative = ({ builder, x }) => {
  const sum = builder.add(builder.abs(x), 1);
  return builder.reciprocal(builder.mul(sum, sum));
};

// x moved by the bias toward 0 where it is beyond ±λ, else 0, has the slope 1 there.
const shrink = selecting(({ builder, node, x }) =>
  builder.greater(builder.abs(x), floatAttribute(node, 'lambd', 0.5)),
);

// max(0, min(1, α x + β)) has the slope α where it is neither 0 nor 1.
const hardSigmoid = selecting(
  ({ builder, y }) => builder.and(builder.greater(y, 0), builder.less(y, 1)),
  ({ node, scalar }) => scalar(floatAttribute(node, 'alpha', 0.2)),
);

// x max(0, min(1, x/6 + ½)) has the slope x/3 + ½ between −3 and 3; 0 at −3 and 1 at 3.
const hardSwish = selecting(
  ({ builder, x }) => builder.greater(x, -3),
  ({ builder, x, scalar }) => {
    const slope = builder.add(builder.div(x, 3), 0.5);
    return builder.where(builder.less(x, 3), slope, scalar(1));
  },
);

/** x σ(αx) has the slope σ + αx σ (1 − σ). */
export function swishSlope({ builder, x }: Pick<Unary, 'builder' | 'x'>, alpha: number): string {
  const scaled = builder.mul(x, alpha);
  return builder.add(builder.sigmoid(scaled), builder.mul(scaled, logisticDensity(builder, scaled)));
}

const swish: Derivative = (unary) => swishSlope(unary, floatAttribute(unary.node, 'alpha', 1));

// x t, t = tanh(softplus x), has the slope t + x σ(x) (1 − t²).
const mish: Derivative = ({ builder, x }) => {
  const s = builder.softplus(x);
  const t = builder.tanh(s);
  const sech = squaredSecant(builder, s);
  const gated = builder.mul(x, builder.sigmoid(x));
  return builder.add(t, builder.mul(gated, sech));
};

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

// x Φ(x) has the slope Φ(x) + x φ(x).
function geluExact({ builder, x }: Unary): string {
  const erf = builder.erf(builder.mul(x, SQRT_HALF));
  const cumulative = builder.mul(builder.add(erf, 1), 0.5);
  const exponent = builder.mul(builder.mul(x, x), -0.5);
  const density = builder.mul(builder.exp(exponent), INVERSE_SQRT_TWO_PI);
  return builder.add(cumulative, builder.mul(x, density));
}

const GELU_CUBIC = 0.044715;
const GELU_SCALE = Math.sqrt(2 / Math.PI);

// x σ(2u), u = √(2/π) (x + 0.044715 x³), which is ½ x (1 + tanh u), has the slope σ(2u) + ½ x (1 − tanh² u) u′.
function geluTanh({ builder, x }: Unary): string {
  const square = builder.mul(x, x);
  const inner = builder.add(1, builder.mul(square, GELU_CUBIC));
  const u = builder.mul(builder.mul(x, inner), GELU_SCALE);
  const uSlope = builder.add(GELU_SCALE, builder.mul(square, 3 * GELU_CUBIC * GELU_SCALE));
  const second = builder.mul(builder.mul(x, squaredSecant(builder, u)), builder.mul(uSlope, 0.5));
  return builder.add(builder.sigmoid(builder.mul(u, 2)), second);
}

const gelu: Derivative = (unary) =>
  stringAttribute(unary.node, 'approximate', 'none') === 'tanh' ? geluTanh(unary) : geluExact(unary);

/** The activation functions without weights of their own. */
export const activations: Readonly<Record<string, Operator>> = {
  Relu: relu,
  ThresholdedRelu: thresholdedRelu,
  LeakyRelu: elementwise(leakyRelu),
  Elu: elementwise(elu),
  Selu: elementwise(selu),
  Celu: elementwise(celu),
  Sigmoid: { ...elementwise(sigmoid), inSteps: sigmoidInSteps },
  Tanh: elementwise(tanh),
  Softplus: elementwise(softplus),
  Softsign: elementwise(softsign),
  Shrink: shrink,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Swish: { ...elementwise(swish), since: () => 24 },
  Mish: elementwise(mish),
  Gelu: { ...elementwise(gelu), since: () => 20 },
};

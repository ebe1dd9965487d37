import type { Attribute } from '@edjm/onnx-autodiff';
import type { Drawing } from './drawing.ts';
import { factor, float, int, some, string, type Recipe, type Recipes } from './recipe.ts';

type Attributes = Readonly<Record<string, Attribute>>;

/** A function of every element whose values are hardly larger than those that it takes. */
function unary(opType: string, attributes: (drawing: Drawing) => Attributes = () => ({})): Recipe {
  return { draw: (drawing) => drawing.emit(opType, [drawing.tensor()], { attributes: attributes(drawing) }) };
}

/** A function of numbers above 0. */
function ofPositive(opType: string): Recipe {
  return {
    draw: (drawing) => drawing.emit(opType, [drawing.positive(drawing.tensor())], { bound: 2 }),
  };
}

/**
 * A function that jumps: what it is applied to is shifted by an odd amount, since values that are equal by the way they
 * come about (a softmax adds up to 1) must not lie on its edges; and it weights another tensor, so that the result varies.
 */
function step(opType: string): Recipe {
  return {
    draw: (drawing) => {
      const x = drawing.tensor();
      const jumping = drawing.emit(opType, [odd(drawing, x)], { bound: 3 * drawing.boundOf(x) + 2 });
      const y = drawing.against(jumping);
      return drawing.emit('Mul', [drawing.within(jumping, 2), y], { bound: 2 * drawing.boundOf(y) });
    },
  };
}

/** 2.317 x + 0.1234, which meets no special value by design. */
export function odd(drawing: Drawing, x: string): string {
  const scaled = drawing.emit('Mul', [x, drawing.number(2.317)]);
  return drawing.emit('Add', [scaled, drawing.number(0.1234)], {
    bound: 2.317 * drawing.boundOf(x) + 0.1234,
  });
}

/** An operation on two tensors that broadcast against each other. */
function binary(opType: string, bound: (a: number, b: number) => number): Recipe {
  return {
    draw: (drawing) => {
      const a = drawing.tensor();
      const b = drawing.against(a);
      const inputs = drawing.flag() ? [b, a] : [a, b];
      return drawing.emit(opType, inputs, { bound: bound(drawing.boundOf(a), drawing.boundOf(b)) });
    },
  };
}

/** An operation on one to three tensors; the same one may come twice. */
function variadic(opType: string): Recipe {
  return {
    draw: (drawing) => {
      const a = drawing.tensor();
      const others = Array.from({ length: drawing.below(3) }, () => drawing.into(a));
      const inputs = [a, ...others];
      const bound = inputs.reduce((sum, name) => sum + drawing.boundOf(name), 0);
      return drawing.emit(opType, drawing.flag() ? inputs.reverse() : inputs, { bound });
    },
  };
}

const divide: Recipe = {
  draw: (drawing) => {
    const a = drawing.tensor();
    const b = drawing.positive(drawing.against(a));
    return drawing.emit('Div', [a, b], { bound: 2 * drawing.boundOf(a) });
  },
};

const power: Recipe = {
  draw: (drawing) => {
    const base = drawing.positive(drawing.tensor());
    const exponent = drawing.within(drawing.against(base), 1);
    return drawing.emit('Pow', [base, exponent], { bound: 5 });
  },
};

/** Powers that are whole numbers take any base. */
const wholePower: Recipe = {
  draw: (drawing) => {
    const base = drawing.within(drawing.tensor(), 1.5);
    return drawing.emit('Pow', [base, drawing.number(drawing.below(4))], { bound: 4 });
  },
};

const exponential: Recipe = {
  draw: (drawing) => drawing.emit('Exp', [drawing.within(drawing.tensor(), 1.5)], { bound: 4.5 }),
};

const clip: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const bound = (value: number) => {
      const kind = drawing.below(3);
      return kind === 0
        ? ''
        : kind === 1
          ? drawing.number(value)
          : drawing.tensor({ ranks: [0, 0], fresh: () => [] });
    };
    const limits = [bound(-0.3), bound(0.4)];
    while (limits.at(-1) === '') limits.pop();
    return drawing.emit('Clip', [x, ...limits]);
  },
};

const pRelu: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const slope = drawing.into(x);
    return drawing.emit('PRelu', [x, slope], { bound: drawing.boundOf(x) * drawing.boundOf(slope) });
  },
};

const acosh: Recipe = {
  draw: (drawing) => {
    const above = drawing.emit('Add', [drawing.positive(drawing.tensor()), drawing.number(0.7)]);
    return drawing.emit('Acosh', [above], { bound: 3 });
  },
  single: true,
};

const alpha = (drawing: Drawing) => some(drawing, { alpha: float(factor(drawing)) });
const sum = (a: number, b: number) => a + b;

/** Functions that apply to every element, and arithmetic. */
export const elementwiseRecipes: Recipes = {
  Add: binary('Add', sum),
  Sub: binary('Sub', sum),
  Mul: binary('Mul', (a, b) => a * b),
  Div: divide,
  Pow: power,
  'Pow of a whole number': wholePower,
  Sum: variadic('Sum'),
  Mean: { ...variadic('Mean'), lacks: 'float64' },
  Max: variadic('Max'),
  Min: variadic('Min'),
  Neg: unary('Neg'),
  Abs: unary('Abs'),
  Exp: exponential,
  Log: ofPositive('Log'),
  Sqrt: ofPositive('Sqrt'),
  Reciprocal: ofPositive('Reciprocal'),
  Sin: unary('Sin'),
  Cos: unary('Cos'),
  Erf: { ...unary('Erf'), single: true },
  Tanh: unary('Tanh'),
  Sigmoid: unary('Sigmoid'),
  Softplus: {
    draw: (drawing) => drawing.emit('Softplus', [drawing.within(drawing.tensor(), 2)], { bound: 2.2 }),
  },
  Softsign: unary('Softsign'),
  Relu: unary('Relu'),
  LeakyRelu: unary('LeakyRelu', alpha),
  ThresholdedRelu: { ...unary('ThresholdedRelu', () => ({ alpha: float(0.2) })), single: true },
  Elu: unary('Elu', alpha),
  Selu: unary('Selu', alpha),
  Celu: { ...unary('Celu', alpha), single: true },
  HardSigmoid: unary('HardSigmoid', alpha),
  HardSwish: { ...unary('HardSwish'), since: 14 },
  Swish: { ...unary('Swish', alpha), since: 24, until: 24 },
  Mish: { ...unary('Mish'), since: 18 },
  Gelu: { ...unary('Gelu'), single: true, since: 20 },
  'Gelu by tanh': { ...unary('Gelu', () => ({ approximate: string('tanh') })), since: 20 },
  PRelu: pRelu,
  Clip: clip,
  Floor: step('Floor'),
  Ceil: step('Ceil'),
  Round: step('Round'),
  Sign: step('Sign'),
  Sinh: { ...within('Sinh', 1.5), single: true },
  Cosh: { ...within('Cosh', 1.5), single: true },
  Tan: { ...within('Tan', 1), single: true },
  Asin: { ...within('Asin', 0.8), single: true },
  Acos: { ...within('Acos', 0.8), single: true },
  Atanh: { ...within('Atanh', 0.8), single: true },
  Atan: { ...unary('Atan'), single: true },
  Asinh: { ...unary('Asinh'), single: true },
  Acosh: acosh,
  Softmax: axiswise('Softmax'),
  LogSoftmax: axiswise('LogSoftmax'),
};

/** A function of numbers within a bound, where its values are not larger than 3. */
function within(opType: string, bound: number): Recipe {
  return { draw: (drawing) => drawing.emit(opType, [drawing.within(drawing.tensor(), bound)], { bound: 3 }) };
}

function axiswise(opType: string): Recipe {
  return {
    draw: (drawing) => {
      const x = drawing.within(drawing.tensor({ ranks: [1, 5] }), 2);
      const attributes = some(drawing, { axis: int(drawing.axis(drawing.shapeOf(x).length)) });
      return drawing.emit(opType, [x], { attributes, bound: opType === 'Softmax' ? 1 : 4 });
    },
  };
}

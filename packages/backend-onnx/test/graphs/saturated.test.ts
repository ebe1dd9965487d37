import { tensorOf, type Attribute, type Node } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { productsOf } from '../support/products.ts';
import { node, pointOf } from '../support/smallGraphs.ts';

/** Relative to each right value by itself: a small one has as many digits as a large one. */
const TOLERANCE = 1e-5;

const float = (shape: readonly number[], values: readonly number[]) => tensorOf('float32', shape, values);

function expectDigits(found: readonly number[], expected: readonly number[]): void {
  const errors = expected.map((value, index) => Math.abs(found[index]! - value) / Math.abs(value));
  expect(errors.map((error, index) => (error < TOLERANCE ? 0 : [found[index], expected[index]]))).toEqual(
    expected.map(() => 0),
  );
}

async function gradient(
  x: { readonly shape: readonly number[]; readonly values: readonly number[] },
  nodes: readonly Node[],
  cotangent: readonly number[],
): Promise<readonly number[]> {
  const point = pointOf({
    variables: { x: float(x.shape, x.values) },
    constants: { axes: tensorOf('int64', [1], [1]) },
    nodes,
    opset: 20,
    elementType: 'float32',
  });
  return (await productsOf(point, cotangent)).get('x')!;
}

const softmax = [node('Softmax', ['x'], { attributes: { axis: { int: 1 } } })];
const logSoftmax = [node('LogSoftmax', ['x'], { attributes: { axis: { int: 1 } } })];

/** Exponentials of all but the largest logit, which is 0 and first, and their sum. */
function tail(logits: readonly number[]) {
  const terms = logits.slice(1).map(Math.exp);
  return { terms, sum: terms.reduce((a, b) => a + b, 0) };
}

describe.each([2, 16, 20, 40, 80])('a row whose largest logit is %d above the others', (gap) => {
  const logits = [0, -gap, -gap - 0.5, -gap - 2];
  const { terms, sum } = tail(logits);
  const total = 1 + sum;
  const p = [1, ...terms].map((term) => term / total);
  // 1 − p without cancellation.
  const q = p.map((value, index) => (index === 0 ? sum / total : 1 - value));
  const unit = [1, 0, 0, 0];

  it('has the derivative p (e − p) of its largest probability', async () => {
    const expected = p.map((value, index) => (index === 0 ? value * q[0]! : -value * p[0]!));
    expectDigits(await gradient({ shape: [1, 4], values: logits }, softmax, unit), expected);
    // Along another axis than the last one.
    expectDigits(await gradient({ shape: [1, 4, 1], values: logits }, softmax, unit), expected);
  });

  it('has the derivative e − p of the logarithm of its largest probability', async () => {
    const expected = p.map((value, index) => (index === 0 ? q[0]! : -value));
    expectDigits(await gradient({ shape: [1, 4], values: logits }, logSoftmax, unit), expected);
    const logged = [...softmax.map((first) => ({ ...first, outputs: ['p'] })), node('Log', ['p'])];
    expectDigits(await gradient({ shape: [1, 4], values: logits }, logged, unit), expected);
  });

  it('has the derivative of a mean of values in attention', async () => {
    const values = [3, -1, 2, 0.5];
    const along = (index: number) => values[index]! - values[0]!;
    const excess = [1, 2, 3].reduce((total_, index) => total_ + p[index]! * along(index), 0);
    const expected = p.map((value, index) => value * (index === 0 ? -excess : along(index) - excess));
    expectDigits(await gradient({ shape: [1, 4], values: logits }, softmax, values), expected);
  });
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const density = (x: number) => {
  const decay = Math.exp(-Math.abs(x));
  return decay / (1 + decay) ** 2;
};
const secant = (u: number) => 4 * density(2 * u);
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const negativeOr1 = (slope: (x: number) => number) => (x: number) => (x > 0 ? 1 : slope(x));

const silu = [node('Sigmoid', ['x'], { outputs: ['s'] }), node('Mul', ['x', 's'])];
const logSigmoid = [node('Sigmoid', ['x'], { outputs: ['s'] }), node('Log', ['s'])];
const alone = (opType: string, attributes: Readonly<Record<string, Attribute>> = {}) => [
  node(opType, ['x'], { attributes }),
];

const GELU = Math.sqrt(2 / Math.PI);

/** Activations with their slopes in float64. */
const slopes: Readonly<Record<string, readonly [readonly Node[], (x: number) => number]>> = {
  Sigmoid: [alone('Sigmoid'), density],
  Tanh: [alone('Tanh'), secant],
  Softplus: [alone('Softplus'), sigmoid],
  Softsign: [alone('Softsign'), (x) => 1 / (1 + Math.abs(x)) ** 2],
  Elu: [alone('Elu', { alpha: { float: 0.5 } }), negativeOr1((x) => 0.5 * Math.exp(x))],
  Celu: [alone('Celu', { alpha: { float: 2 } }), negativeOr1((x) => Math.exp(x / 2))],
  Selu: [alone('Selu'), (x) => 1.0507009873554805 * negativeOr1((t) => 1.6732632423543772 * Math.exp(t))(x)],
  'x σ(x)': [silu, (x) => sigmoid(x) + x * density(x)],
  'log σ(x)': [logSigmoid, (x) => sigmoid(-x)],
  QuickGelu: [alone('com.microsoft.QuickGelu', { alpha: { float: 1 } }), (x) => sigmoid(x) + x * density(x)],
  Mish: [alone('Mish'), (x) => Math.tanh(softplus(x)) + x * secant(softplus(x)) * sigmoid(x)],
  'Gelu by tanh': [
    alone('Gelu', { approximate: { string: 'tanh' } }),
    (x) => {
      const u = GELU * (x + 0.044715 * x ** 3);
      return sigmoid(2 * u) + 0.5 * x * secant(u) * GELU * (1 + 3 * 0.044715 * x * x);
    },
  ],
  Erf: [alone('Erf'), (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x)],
};

/** Both sides, as far out as float32 holds the slope. */
const places: Readonly<Record<string, readonly number[]>> = {
  Tanh: [-40, -9, -1, 1, 9, 40],
  'Gelu by tanh': [-5, -3, -1, 1, 5, 40, 1e6],
  Erf: [-9, -5, -1, 1, 5, 9],
  Sigmoid: [-80, -20, -17, -1, 1, 17, 20, 80],
  'log σ(x)': [-80, -20, -17, -1, 1, 17, 20, 80],
};

describe.each(Object.entries(slopes))('%s', (name, [nodes, slope]) => {
  it('has the right slope far out on both sides', async () => {
    const values = places[name] ?? [-80, -20, -17, -5, -1, 1, 5, 17, 20, 80, 1e6];
    const found = await gradient(
      { shape: [1, values.length], values },
      nodes,
      values.map(() => 1),
    );
    expectDigits(found, values.map(slope));
  });
});

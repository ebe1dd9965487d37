import { tensorOf, valuesOf, writeModel, type Tensor } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { onnxBackend } from '../../src/index.ts';
import { productsOf } from '../support/products.ts';
import { ints, node, pointOf } from '../support/smallGraphs.ts';
import { evaluate, noise } from '../support/vjpCheck.ts';

/** Lengths of sums: a power of 2, one with large prime factors, a prime number. */
const LENGTHS = [2 ** 20, 1018 * 1009, 1_000_003];
const [LENGTH = 0] = LENGTHS;
/** Relative to the right value, which ONNX Runtime's own sums miss by 10⁻³ to 10⁻². */
const TOLERANCE = 3e-6;

/** Numbers between 100 and 101 as float32 holds them. */
const around100 = (count: number, seed = 1): number[] =>
  Array.from(Float32Array.from(noise(count, seed), (value) => 100.5 + value / 2));

const float = (shape: readonly number[], values: readonly number[]): Tensor =>
  tensorOf('float32', shape, values);

const sumOf = (values: readonly number[], f: (value: number) => number = (value) => value) =>
  values.reduce((sum, value) => sum + f(value), 0);

/** Right values of the reductions, in float64. */
const reductions: Readonly<Record<string, (values: readonly number[]) => number>> = {
  ReduceSum: (values) => sumOf(values),
  ReduceMean: (values) => sumOf(values) / values.length,
  ReduceL1: (values) => sumOf(values, Math.abs),
  ReduceL2: (values) => Math.sqrt(sumOf(values, (value) => value * value)),
  ReduceSumSquare: (values) => sumOf(values, (value) => value * value),
  ReduceLogSum: (values) => Math.log(sumOf(values)),
  ReduceLogSumExp: (values) => 100 + Math.log(sumOf(values, (value) => Math.exp(value - 100))),
};

function expectNear(found: readonly number[], expected: readonly number[], tolerance = TOLERANCE): void {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const errors = expected.map((value, index) => Math.abs(found[index]! - value) / scale);
  const worst = errors.reduce((a, b) => Math.max(a, b), 0);
  expect(found.length).toBe(expected.length);
  expect(worst).toBeLessThan(tolerance);
}

async function outputOf(...small: Parameters<typeof pointOf>): Promise<readonly number[]> {
  const [y] = await evaluate(pointOf({ elementType: 'float32', ...small[0] }));
  return valuesOf(y!);
}

/** The numbers of one output of a reduction: those whose place has the given remainder. */
const every = (values: readonly number[], step: number, from: number) =>
  values.filter((_, index) => index % step === from);

describe('sums of 10⁶ numbers around 100', () => {
  for (const [opType, right] of Object.entries(reductions)) {
    it(`${opType} over the last axis, the first, and both sides of channels`, async () => {
      for (const length of LENGTHS) {
        const values = around100(length);
        for (const [shape, axis] of [
          [[1, length], 1],
          [[length, 1], 0],
        ] as const) {
          const attributes = { keepdims: { int: axis } };
          const variables = { x: float(shape, values) };
          const found = await outputOf({
            variables,
            constants: { axes: ints(axis) },
            nodes: [node(opType, ['x', 'axes'], { attributes })],
          });
          expectNear(found, [right(values)]);
        }
      }
      const values = around100(LENGTH);
      const found = await outputOf({
        variables: { x: float([128, 2, 64, 64], values) },
        constants: { axes: ints(0, 2, 3) },
        nodes: [node(opType, ['x', 'axes'])],
      });
      const channel = (c: number) => values.filter((_, index) => Math.floor(index / 4096) % 2 === c);
      expectNear(found, [0, 1].map(channel).map(right));
      const last = await outputOf({
        variables: { x: float([LENGTH / 4, 4], values) },
        constants: { axes: ints(0) },
        nodes: [node(opType, ['x', 'axes'])],
      });
      expectNear(
        last,
        [0, 1, 2, 3].map((from) => right(every(values, 4, from))),
      );
    });
  }

  it('CumSum in all its forms', async () => {
    for (const length of LENGTHS) {
      const values = around100(length);
      for (const [exclusive, reverse] of [
        [0, 0],
        [1, 1],
      ] as const) {
        const expected: number[] = [];
        let sum = 0;
        for (const value of reverse === 0 ? values : values.toReversed()) {
          expected.push(sum + (exclusive === 0 ? value : 0));
          sum += value;
        }
        const found = await outputOf({
          variables: { x: float([1, length], values) },
          constants: { axis: tensorOf('int64', [], [1]) },
          nodes: [
            node('CumSum', ['x', 'axis'], {
              attributes: { exclusive: { int: exclusive }, reverse: { int: reverse } },
            }),
          ],
        });
        expectNear(found, reverse === 0 ? expected : expected.toReversed());
      }
    }
  });

  it('GlobalAveragePool, and AveragePool of large windows', async () => {
    const values = around100(LENGTH);
    const mean = sumOf(values) / LENGTH;
    const x = float([1, 1, 1024, 1024], values);
    expectNear(await outputOf({ variables: { x }, nodes: [node('GlobalAveragePool', ['x'])] }), [mean]);
    const pool = (kernel: readonly number[], pads: readonly number[]) =>
      outputOf({
        variables: { x },
        nodes: [
          node('AveragePool', ['x'], {
            attributes: { kernel_shape: { ints: kernel }, strides: { ints: kernel }, pads: { ints: pads } },
          }),
        ],
      });
    expectNear(await pool([1024, 1024], [0, 0, 0, 0]), [mean]);
    const half = (first: number) => {
      const part = values.filter((_, index) => Math.floor(index / 1024 / 512) === first);
      return sumOf(part) / part.length;
    };
    expectNear(await pool([512, 1024], [0, 0, 0, 0]), [half(0), half(1)]);
    // Padding does not count.
    expectNear(await pool([1024, 1030], [0, 3, 0, 3]), [mean]);
  });

  it('gradients of biases and scales', async () => {
    const [values, g] = [around100(LENGTH, 1), around100(LENGTH, 2)];
    const square = {
      x: float([1, 1, 1024, 1024], values),
      w: float([1, 1, 1, 1], [0.5]),
      b: float([1], [1]),
    };
    const convolution = pointOf({
      variables: square,
      nodes: [node('Conv', ['x', 'w', 'b'])],
      elementType: 'float32',
    });
    const products = await productsOf(convolution, g);
    const dot = g.reduce((sum, value, index) => sum + value * values[index]!, 0);
    expectNear(products.get('b')!, [sumOf(g)]);
    expectNear(products.get('w')!, [dot]);
    const scaled = pointOf({
      variables: { x: float([LENGTH, 1], values), s: float([1], [2]), b: float([1], [1]) },
      nodes: [node('Mul', ['x', 's'], { outputs: ['scaled'] }), node('Add', ['scaled', 'b'])],
      elementType: 'float32',
    });
    const affine = await productsOf(scaled, g);
    expectNear(affine.get('b')!, [sumOf(g)]);
    expectNear(affine.get('s')!, [dot]);
  });
});

/** y and ∂x of a normalization of one row, in float64. */
function normalized(values: readonly number[], g: readonly number[], epsilon: number) {
  const mean = (of: readonly number[]) => sumOf(of) / of.length;
  const mu = mean(values);
  const centered = values.map((value) => value - mu);
  const deviation = Math.sqrt(mean(centered.map((value) => value * value)) + epsilon);
  const y = centered.map((value) => value / deviation);
  const along = mean(g.map((value, index) => value * y[index]!));
  const meanG = mean(g);
  return { y, gradient: g.map((value, index) => (value - meanG - y[index]! * along) / deviation) };
}

const layouts = {
  InstanceNormalization: (size: number) => ({ shape: [1, 1, size], count: 1 }),
  GroupNormalization: (size: number) => ({ shape: [1, 4, size / 4], count: 4 }),
  LayerNormalization: (size: number) => ({ shape: [1, size], count: size }),
};

describe.each(Object.keys(layouts) as (keyof typeof layouts)[])('%s', (opType) => {
  it.each([
    [2 ** 20, 1],
    [64, 1e-3],
    [4096, 1e-3],
  ])('of %d numbers around 100 that differ by %d', async (size, spread) => {
    const values = Array.from(Float32Array.from(noise(size, 1), (value) => 100 + spread * value));
    const g = Array.from(Float32Array.from(noise(size, 2)));
    const { shape, count } = layouts[opType](size);
    const filled = (value: number) => float([count], new Array<number>(count).fill(value));
    const attributes = {
      epsilon: { float: 1e-12 },
      ...(opType === 'GroupNormalization' && { num_groups: { int: 1 } }),
    };
    const point = pointOf({
      variables: { x: float(shape, values) },
      constants: { s: filled(1), b: filled(0) },
      nodes: [node(opType, ['x', 's', 'b'], { attributes })],
      opset: 21,
      elementType: 'float32',
    });
    const { y, gradient } = normalized(values, g, 1e-12);
    const [found] = await evaluate(point);
    expectNear(valuesOf(found!), y, 1e-5);
    expectNear((await productsOf(point, g)).get('x')!, gradient, 1e-5);
  });
});

describe.each(['node', 'web'] as const)('analysis on runtime %s', (runtime) => {
  it('of a mean, a norm and a normalization over 1448 × 1448 pixels around 100', async () => {
    const side = 1448;
    const count = side * side;
    const values = around100(count);
    const { y } = normalized(values, values, 1e-5);
    const { graph } = pointOf({
      variables: { x: float([1, 1, side, side], values) },
      constants: { s: float([1], [1]), b: float([1], [0]), axes: ints(2, 3) },
      nodes: [
        node('InstanceNormalization', ['x', 's', 'b'], { outputs: ['n'] }),
        node('ReduceMean', ['x', 'axes'], { outputs: ['mean'], attributes: { keepdims: { int: 0 } } }),
        node('ReduceL1', ['n', 'axes'], { outputs: ['norm'], attributes: { keepdims: { int: 0 } } }),
        node('Concat', ['mean', 'norm'], { attributes: { axis: { int: 1 } } }),
      ],
      elementType: 'float32',
    });
    const network = await onnxBackend({ runtime }).load(writeModel(graph));
    try {
      const { data } = await network.forward({ rows: 1, columns: count, data: Float32Array.from(values) });
      const [mean = 0, norm = 0] = data;
      expect(Math.abs(mean / (sumOf(values) / count) - 1)).toBeLessThan(TOLERANCE);
      expect(Math.abs(norm / sumOf(y, Math.abs) - 1)).toBeLessThan(TOLERANCE);
    } finally {
      await network.dispose();
    }
  });
});

import {
  differentiate,
  straightThroughOperators,
  tensorOf,
  valuesOf,
  type Attribute,
  type Node,
  type Tensor,
} from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/expectClose.ts';
import { sessionOf } from '../support/runGraph.ts';
import { node, pointOf, type SmallGraph } from '../support/smallGraphs.ts';
import { builderAt, engineOutputs, evaluate, noise, type Point } from '../support/vjpCheck.ts';

const float = (shape: readonly number[], ...values: readonly number[]): Tensor =>
  tensorOf('float32', shape, values);
const uint8 = (shape: readonly number[], ...values: readonly number[]): Tensor =>
  tensorOf('uint8', shape, values);
const int8 = (shape: readonly number[], ...values: readonly number[]): Tensor =>
  tensorOf('int8', shape, values);

const random = (shape: readonly number[], seed: number, size = 1): Tensor => {
  const count = shape.reduce((product, length) => product * length, 1);
  return float(shape, ...noise(count, seed).map((value) => size * value));
};

const weights = (shape: readonly number[], seed: number): Tensor =>
  int8(shape, ...valuesOf(random(shape, seed, 90)).map(Math.round));

interface Step {
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const step = (opType: string, output: string, { inputs, attributes = {} }: Step): Node =>
  node(opType, inputs, { outputs: [output], attributes });

/** Quantize to integers and back. */
const roundTrip = (from: string, to: string, parameters: readonly string[]): readonly Node[] => [
  step('QuantizeLinear', `${to}/q`, { inputs: [from, ...parameters] }),
  step('DequantizeLinear', to, { inputs: [`${to}/q`, ...parameters] }),
];

const straight = (small: SmallGraph): Point => ({
  ...pointOf({ elementType: 'float32', ...small }),
  operators: straightThroughOperators,
});

/** The products for one cotangent of ones, or the given one. */
async function gradient(point: Point, given?: Tensor): Promise<Tensor> {
  const builder = builderAt(point);
  const { elementType, shape } = builder.type('y');
  const size = shape.reduce((product, length) => product * length, 1);
  const cotangents = given ?? tensorOf(elementType, [1, ...shape], new Array<number>(size).fill(1));
  builder.addInput('cotangents', cotangents);
  const [name = ''] = differentiate(builder, { output: 'y', inputs: ['x'], cotangents: 'cotangents' });
  const run = await sessionOf(builder.build([builder.nameOutput('product', name)]));
  try {
    return (await run({ ...Object.fromEntries(point.variables), cotangents })).get('product')!;
  } finally {
    await run.release();
  }
}

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5) as number);

describe('straight-through derivatives', () => {
  it('pass where the rounded value is within the range of its integers, the ends included', async () => {
    // The scale 1/4 and the zero point 100 leave −25 … 38.75.
    const x = float([6], -25.1, -25.2, 0.3, 38.75, 38.87, 38.9);
    const point = straight({
      variables: { x },
      constants: { s: float([], 0.25), z: uint8([], 100) },
      nodes: roundTrip('x', 'y', ['s', 'z']),
    });
    expect(valuesOf(await gradient(point))).toEqual(close([1, 0, 1, 1, 1, 0]));
    const [held] = await evaluate(point);
    expectClose(held!, (await engineOutputs(point))[0]!);
  });

  it('take the scale of each slice of an axis', async () => {
    const point = straight({
      variables: { x: float([2, 3], 1, 1, -1, 3, 30, -60) },
      constants: { s: float([3], 0.01, 0.1, 0.5), z: int8([3], 0, 0, 10) },
      nodes: [
        step('QuantizeLinear', 'q', { inputs: ['x', 's', 'z'], attributes: { axis: { int: -1 } } }),
        step('DequantizeLinear', 'y', { inputs: ['q', 's', 'z'], attributes: { axis: { int: 1 } } }),
      ],
    });
    expect(valuesOf(await gradient(point))).toEqual(close([1, 1, 1, 0, 0, 1]));
    expectClose((await evaluate(point))[0]!, (await engineOutputs(point))[0]!);
  });

  it('take the scale of each block', async () => {
    const attributes = { axis: { int: 0 }, block_size: { int: 2 } };
    const point = straight({
      variables: { x: float([4, 1], 1, 2, 3, 4) },
      constants: { s: float([2, 1], 0.01, 0.1) },
      nodes: [
        step('QuantizeLinear', 'q', {
          inputs: ['x', 's'],
          attributes: { ...attributes, output_dtype: { int: 3 } },
        }),
        step('DequantizeLinear', 'y', { inputs: ['q', 's'], attributes }),
      ],
      opset: 21,
    });
    expect(valuesOf(await gradient(point))).toEqual(close([1, 0, 1, 1]));
    expectClose((await evaluate(point))[0]!, (await engineOutputs(point))[0]!);
  });

  it('go through what stands between the integers', async () => {
    const point = straight({
      variables: { x: random([1, 2, 4, 4], 3) },
      constants: { s: float([], 0.01), z: uint8([], 100) },
      nodes: [
        step('QuantizeLinear', 'q', { inputs: ['x', 's', 'z'] }),
        step('MaxPool', 'p', {
          inputs: ['q'],
          attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } },
        }),
        step('Flatten', 'f', { inputs: ['p'] }),
        step('DequantizeLinear', 'y', { inputs: ['f', 's', 'z'] }),
      ],
    });
    const passed = valuesOf(await gradient(point)).map(Math.round);
    expect(passed.filter((value) => value === 1)).toHaveLength(8);
    expectClose((await evaluate(point))[0]!, (await engineOutputs(point))[0]!);
  });

  it('pass through Round', async () => {
    const nodes = [step('Round', 'y', { inputs: ['x'] })];
    const point = straight({ variables: { x: float([3], 0.2, 0.5, 1.7) }, nodes });
    expect(valuesOf(await gradient(point))).toEqual([1, 1, 1]);
    expect(valuesOf((await evaluate(point))[0]!)).toEqual([0, 0, 2]);
  });

  it('are the same for QLinearConv as for Conv between integers', async () => {
    const constants = {
      xs: float([], 0.02),
      xz: uint8([], 120),
      w: weights([4, 1, 2, 2], 1),
      ws: float([4], 0.01, 0.02, 0.03, 0.005),
      wz: int8([4], 0, 0, 0, 0),
      ys: float([], 0.04),
      yz: uint8([], 128),
      b: tensorOf('int32', [4], [100, -200, 0, 50]),
      bs: float([4], 0.0002, 0.0004, 0.0006, 0.0001),
      zero: tensorOf('int32', [4], [0, 0, 0, 0]),
    };
    const attributes = { group: { int: 2 }, strides: { ints: [2, 1] }, auto_pad: { string: 'SAME_UPPER' } };
    const variables = { x: random([2, 2, 5, 4], 9, 3) };
    const quantize = step('QuantizeLinear', 'q', { inputs: ['x', 'xs', 'xz'] });
    const operator = straight({
      variables,
      constants,
      nodes: [
        quantize,
        step('QLinearConv', 'yq', {
          inputs: ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'b'],
          attributes,
        }),
        step('DequantizeLinear', 'y', { inputs: ['yq', 'ys', 'yz'] }),
      ],
    });
    const axis = { axis: { int: 0 } };
    const between = straight({
      variables,
      constants,
      nodes: [
        quantize,
        step('DequantizeLinear', 'xd', { inputs: ['q', 'xs', 'xz'] }),
        step('DequantizeLinear', 'wd', { inputs: ['w', 'ws', 'wz'], attributes: axis }),
        step('DequantizeLinear', 'bd', { inputs: ['b', 'bs', 'zero'], attributes: axis }),
        step('Conv', 'c', { inputs: ['xd', 'wd', 'bd'], attributes }),
        ...roundTrip('c', 'y', ['ys', 'yz']),
      ],
    });
    const [y] = await evaluate(operator);
    expectClose(y!, (await engineOutputs(operator))[0]!);
    const c = random([3, ...y!.shape], 5);
    expectClose(await gradient(operator, c), await gradient(between, c));
    // Some of the outputs are at the end of their range: the comparison is of more than the weights.
    const ends = valuesOf(y!).filter((value) => value === -128 * Math.fround(0.04));
    expect(ends.length).toBeGreaterThan(0);
  });

  it('are the same for QLinearMatMul as for MatMul between integers', async () => {
    const constants = {
      xs: float([], 0.02),
      xz: int8([], 3),
      w: weights([3, 5], 2),
      ws: float([5], 0.01, 0.02, 0.03, 0.005, 0.01),
      wz: int8([5], 0, 0, 0, 0, 0),
      ys: float([], 0.05),
      yz: int8([], -3),
    };
    const variables = { x: random([2, 3], 4, 2) };
    const quantize = step('QuantizeLinear', 'q', { inputs: ['x', 'xs', 'xz'] });
    const operator = straight({
      variables,
      constants,
      nodes: [
        quantize,
        step('QLinearMatMul', 'yq', { inputs: ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'] }),
        step('DequantizeLinear', 'y', { inputs: ['yq', 'ys', 'yz'] }),
      ],
    });
    const between = straight({
      variables,
      constants,
      nodes: [
        quantize,
        step('DequantizeLinear', 'xd', { inputs: ['q', 'xs', 'xz'] }),
        step('DequantizeLinear', 'wd', { inputs: ['w', 'ws', 'wz'] }),
        step('MatMul', 'c', { inputs: ['xd', 'wd'] }),
        ...roundTrip('c', 'y', ['ys', 'yz']),
      ],
    });
    expectClose((await evaluate(operator))[0]!, (await engineOutputs(operator))[0]!);
    const c = random([2, 2, 5], 6);
    expectClose(await gradient(operator, c), await gradient(between, c));
  });

  it.each(['MatMulInteger', 'ConvInteger'])('go through dynamic quantization, %s', async (opType) => {
    const isConv = opType === 'ConvInteger';
    const w = weights(isConv ? [3, 2, 2, 2] : [4, 3], 7);
    const point = straight({
      variables: { x: random(isConv ? [1, 2, 4, 4] : [2, 4], 8, 3) },
      constants: { w, wz: int8([], 5), ws: float([], 0.01) },
      nodes: [
        node('DynamicQuantizeLinear', ['x'], { outputs: ['q', 's', 'z'] }),
        step(opType, 'sum', { inputs: ['q', 'w', 'z', 'wz'] }),
        step('Cast', 'real', { inputs: ['sum'], attributes: { to: { int: 1 } } }),
        step('Mul', 'scale', { inputs: ['s', 'ws'] }),
        step('Mul', 'y', { inputs: ['real', 'scale'] }),
      ],
    });
    const [y] = await evaluate(point);
    expectClose(y!, (await engineOutputs(point))[0]!);
    // As the scale follows the numbers, none of them is out of range: the derivative is that of the real weights.
    const real = float(w.shape, ...valuesOf(w).map((value) => (value - 5) * 0.01));
    const plain = straight({
      variables: Object.fromEntries(point.variables),
      constants: { w: real },
      nodes: [step(isConv ? 'Conv' : 'MatMul', 'y', { inputs: ['x', 'w'] })],
    });
    const c = random([2, ...y!.shape], 5);
    expectClose(await gradient(point, c), await gradient(plain, c));
  });
});

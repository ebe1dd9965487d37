import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuBackend } from '@edjm/backend-cpu';
import { openDataset } from '@edjm/datasets';
import { singularValuesOfRows } from '@edjm/linalg';
import { conv2d, dense, flatten, maxPool2d, relu, tanh, type Layer, type Network } from '@edjm/network';
import { differentiate, readModel, tensorOf, valuesOf, type Tensor } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { networkToModel } from '../../src/network/networkToModel.ts';
import { halfLogDeterminant } from '../support/logDeterminant.ts';
import { regularizer } from '../support/logDetRegularizer.ts';
import { pointIn } from '../support/precision.ts';
import { sessionOf } from '../support/runGraph.ts';
import { ints, node, pointOf, type SmallGraph } from '../support/smallGraphs.ts';
import { builderAt, noise, type Point } from '../support/vjpCheck.ts';

/** A perceptron of two hidden layers, whose rows have full rank where the hidden layers are wider than the batch. */
function perceptron(activation: string): SmallGraph {
  return {
    variables: { x: [4, 7], w1: [9, 7], b1: [9], w2: [8, 9], b2: [8], w3: [8, 3], b3: [3] },
    nodes: [
      node('Gemm', ['x', 'w1', 'b1'], { outputs: ['h1'], attributes: { transB: { int: 1 } } }),
      node(activation, ['h1'], { outputs: ['a1'] }),
      node('Gemm', ['a1', 'w2', 'b2'], { outputs: ['h2'], attributes: { transB: { int: 1 } } }),
      node(activation, ['h2'], { outputs: ['a2'] }),
      node('Gemm', ['a2', 'w3', 'b3']),
    ],
  };
}

/** A transformer's block on 3 tokens of width 4: attention and a perceptron, each after a normalization, then a mean. */
const transformer: SmallGraph = {
  variables: {
    x: [3, 3, 4],
    scale1: [4],
    shift1: [4],
    wq: [4, 4],
    wk: [4, 4],
    wv: [4, 4],
    wo: [4, 4],
    scale2: [4],
    shift2: [4],
    w1: [4, 6],
    b1: [6],
    w2: [6, 4],
    b2: [4],
    head: [4, 2],
  },
  constants: { middle: ints(1) },
  nodes: [
    node('LayerNormalization', ['x', 'scale1', 'shift1'], { outputs: ['n1'] }),
    node('MatMul', ['n1', 'wq'], { outputs: ['q'] }),
    node('MatMul', ['n1', 'wk'], { outputs: ['k'] }),
    node('MatMul', ['n1', 'wv'], { outputs: ['v'] }),
    node('Transpose', ['k'], { outputs: ['kt'], attributes: { perm: { ints: [0, 2, 1] } } }),
    node('MatMul', ['q', 'kt'], { outputs: ['logits'] }),
    node('Softmax', ['logits'], { outputs: ['weights'], attributes: { axis: { int: -1 } } }),
    node('MatMul', ['weights', 'v'], { outputs: ['mixed'] }),
    node('MatMul', ['mixed', 'wo'], { outputs: ['projected'] }),
    node('Add', ['x', 'projected'], { outputs: ['r1'] }),
    node('LayerNormalization', ['r1', 'scale2', 'shift2'], { outputs: ['n2'] }),
    node('MatMul', ['n2', 'w1'], { outputs: ['m1'] }),
    node('Add', ['m1', 'b1'], { outputs: ['m2'] }),
    node('Gelu', ['m2'], { outputs: ['m3'], attributes: { approximate: { string: 'tanh' } } }),
    node('MatMul', ['m3', 'w2'], { outputs: ['m4'] }),
    node('Add', ['m4', 'b2'], { outputs: ['m5'] }),
    node('Add', ['r1', 'm5'], { outputs: ['r2'] }),
    node('ReduceMean', ['r2', 'middle'], { outputs: ['pooled'], attributes: { keepdims: { int: 0 } } }),
    node('MatMul', ['pooled', 'head']),
  ],
  opset: 20,
};

/** Half the length of the differences, in float64. */
const STEP = 1e-5;
/** Of a slope, relative to what a gradient of that size gives in a random direction. */
const TOLERANCE = 1e-6;
/** The same of a gradient in float32. */
const SINGLE_TOLERANCE = 1e-4;

interface Slopes {
  readonly gradient: readonly number[];
  readonly direction: readonly number[];
  /** Central difference along the direction. */
  readonly slope: number;
  /** Relative. */
  readonly tolerance: number;
  /** How far the difference may be off because values are rounded. */
  readonly rounding: number;
}

function expectSlope({ gradient, direction, slope, tolerance, rounding }: Slopes): void {
  const along = gradient.reduce((sum, value, place) => sum + value * direction[place]!, 0);
  const typical = (Math.hypot(...gradient) * Math.hypot(...direction)) / Math.sqrt(gradient.length);
  expect(Math.abs(along - slope)).toBeLessThanOrEqual(
    tolerance * Math.max(Math.abs(slope), typical) + rounding,
  );
}

const moved = (tensor: Tensor, direction: readonly number[], step: number): Tensor =>
  tensorOf(
    tensor.elementType,
    tensor.shape,
    valuesOf(tensor).map((value, place) => value + step * direction[place]!),
  );

describe('the log-determinant of rows, differentiated with respect to weights', () => {
  const networks: Readonly<Record<string, SmallGraph>> = {
    'a perceptron with tanh': perceptron('Tanh'),
    'a perceptron with ReLU': perceptron('Relu'),
    'a block of a transformer': transformer,
  };
  for (const [title, network] of Object.entries(networks)) {
    it.each([0, 0.1])(`${title}, δ = %d, agrees with differences for every weight`, async (delta) => {
      const point = pointOf(network);
      const r = await regularizer({ point, input: 'x', delta });
      const gradients = await r.gradients();
      const center = await r.value();
      for (const [name, gradient] of gradients) {
        const weight = point.variables.get(name)!;
        for (const seed of [1, 2]) {
          const direction = noise(gradient.length, seed);
          const at = (step: number) => r.value(new Map([[name, moved(weight, direction, step)]]));
          const slope = ((await at(STEP)) - (await at(-STEP))) / (2 * STEP);
          const rounding = (2 ** -48 * (1 + Math.abs(center))) / STEP;
          expectSlope({ gradient, direction, slope, tolerance: TOLERANCE, rounding });
        }
      }
      await r.release();
    });
  }
});

/** Shapes of the weights and biases of {@link convolutional}, in order. */
const parameterShapes = [[2, 1, 3, 3], [2], [3, 2, 2, 2], [3], [3, 12], [3]] as const;
type Parameters = readonly (readonly number[])[];

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** What float32 and float64 hold alike. */
const parameters: Parameters = parameterShapes.map((shape, index) =>
  noise(sizeOf(shape), 60 + index).map(Math.fround),
);
const images = noise(4 * 36, 70).map(Math.fround);
const labels = [2, 0, 1, 1];

/** Images of 6 × 6: convolution, ReLU, max pooling, convolution, tanh, 3 outputs. */
function convolutional(values: Parameters): Network {
  const data = values.map((numbers) => Float64Array.from(numbers));
  const [shape1, , shape2, , shape3] = parameterShapes;
  const layers: readonly Layer[] = [
    conv2d({ weight: { shape: shape1, data: data[0]! }, bias: data[1]!, padding: 1 }),
    relu(),
    maxPool2d({ kernel: 2 }),
    conv2d({ weight: { shape: shape2, data: data[2]! }, bias: data[3]! }),
    tanh(),
    flatten(),
    dense({ weight: { shape: shape3, data: data[4]! }, bias: data[5]! }),
  ];
  return { name: 'convolutional', inputShape: [1, 6, 6], layers };
}

/** The same network in ONNX, in float32, as the engine has convolutions in no other precision. */
function convolutionalPoint(): Point {
  const graph = networkToModel(convolutional(parameters));
  const x = tensorOf('float32', [labels.length, 1, 6, 6], images);
  return { graph, variables: new Map([['input', x], ...graph.initializers]), constants: new Map() };
}

/** Checks gradients of a function of the convolutional network against differences of it in float64 by the oracle. */
async function expectGradients(
  gradients: ReadonlyMap<string, readonly number[]>,
  value: (network: Network) => Promise<number>,
): Promise<void> {
  expect(gradients.size).toBe(parameters.length);
  for (const [index, gradient] of [...gradients.values()].entries()) {
    for (const seed of [1, 2]) {
      const direction = noise(gradient.length, seed);
      const at = (step: number) =>
        value(
          convolutional(
            parameters.with(
              index,
              parameters[index]!.map((number, place) => number + step * direction[place]!),
            ),
          ),
        );
      const slope = ((await at(STEP)) - (await at(-STEP))) / (2 * STEP);
      expectSlope({ gradient, direction, slope, tolerance: SINGLE_TOLERANCE, rounding: 1e-6 });
    }
  }
}

const batch = { rows: labels.length, columns: 36, data: Float64Array.from(images) };

/** The log-determinant of rows by the oracle. */
async function oracleLogDeterminant(network: Network, delta: number): Promise<number> {
  await using loaded = await cpuBackend().load(network);
  let sum = 0;
  for (let output = 0; output < loaded.dOut; output++) {
    const cotangents = Float64Array.from({ length: batch.rows * loaded.dOut }, (_, place) =>
      Number(place % loaded.dOut === output),
    );
    const rows = await loaded.vjp(batch, { rows: batch.rows, columns: loaded.dOut, data: cotangents });
    sum += halfLogDeterminant({ ...rows, data: Float64Array.from(rows.data) }, delta).value;
  }
  return sum;
}

/** The mean cross-entropy by the oracle. */
async function oracleLoss(network: Network): Promise<number> {
  await using loaded = await cpuBackend().load(network, { outputKind: 'log-probability' });
  const { data } = await loaded.forward(batch);
  const chosen = labels.map((label, sample) => data[sample * loaded.dOut + label]!);
  return -chosen.reduce((sum, value) => sum + value, 0) / labels.length;
}

describe('a convolutional network with max pooling', () => {
  it.each([0, 0.1])(
    'the log-determinant of its rows, δ = %d, has the gradients of the oracle',
    async (delta) => {
      const r = await regularizer({ point: convolutionalPoint(), input: 'input', delta });
      const gradients = await r.gradients();
      await r.release();
      await expectGradients(gradients, (network) => oracleLogDeterminant(network, delta));
    },
  );

  it('its loss, differentiated with respect to all weights at once, has the gradients of the oracle', async () => {
    const point = convolutionalPoint();
    const builder = builderAt(point);
    const likelihood = builder.logSoftmax('output', -1);
    const shares = labels.flatMap((label) => [0, 1, 2].map((k) => (k === label ? -1 / labels.length : 0)));
    const targets = builder.constant(tensorOf('float32', [labels.length, 3], shares));
    const loss = builder.reduceSum(builder.mul(likelihood, targets), undefined, { keepDims: false });
    const one = builder.constant(tensorOf('float32', [1], [1]));
    const weights = [...point.graph.initializers.keys()];
    const products = differentiate(builder, { output: loss, inputs: weights, cotangents: one });
    const names = products.map((name, index) => builder.nameOutput(`gradient_${String(index)}`, name));
    const run = await sessionOf(builder.build([builder.nameOutput('loss', loss), ...names]));
    const found = await run(Object.fromEntries(point.variables));
    await run.release();
    expect(valuesOf(found.get('loss')!)[0]).toBeCloseTo(await oracleLoss(convolutional(parameters)), 5);
    const gradients = weights.map((name, index) => [name, valuesOf(found.get(names[index]!)!)] as const);
    await expectGradients(new Map(gradients), oracleLoss);
  });
});

/** The part of a golden file that is compared; its numbers were computed in float64 from all singular values. */
interface Golden {
  readonly files: Readonly<Record<string, { readonly float64Difference: number }>>;
  readonly inputs: { readonly file: string };
  readonly eq13: {
    readonly inputs: number;
    readonly value: number | null;
    readonly perOutput: readonly number[];
    readonly gradient?: {
      readonly weight: string;
      readonly shape: readonly [number, number];
      readonly frobeniusNorm: number;
      readonly row0First5: readonly number[];
      readonly row0Middle5: { readonly columns: readonly number[]; readonly values: readonly number[] };
      readonly rowNorms: readonly number[];
    };
  };
}

const root = process.env['EDJM_DATA_DIR'];
const folder = join(root ?? '', 'golden');
const goldens = (root === undefined ? [] : readdirSync(folder))
  .filter((name) => name.endsWith('.golden.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden)
  .filter(({ eq13 }) => eq13.gradient !== undefined);
const cases = goldens.flatMap((golden) =>
  Object.entries(golden.files).flatMap(([file, { float64Difference }]) =>
    file.endsWith('.onnx') ? [{ file, golden, float64Difference }] : [],
  ),
);

async function goldenPoint(file: string, { inputs, eq13 }: Golden): Promise<Point> {
  const graph = readModel(readFileSync(join(folder, file)));
  const data = await openDataset(join(folder, inputs.file));
  for await (const samples of data.batches(eq13.inputs)) {
    const input = graph.inputs[0]!.name;
    const x = tensorOf('float32', [samples.rows, samples.columns], Array.from(samples.data));
    const { weight } = eq13.gradient!;
    const variables = new Map([
      [input, x],
      [weight, graph.initializers.get(weight)!],
    ]);
    return pointIn('float64', { graph, variables, constants: new Map() });
  }
  throw new Error('expected samples');
}

describe.skipIf(root === undefined)(
  'Eq 13 of golden perceptrons (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    it.skipIf(root === undefined)('are there', () => {
      expect(cases.length).toBeGreaterThan(0);
    });

    it.each(cases)('$file: value and gradient', async ({ file, golden, float64Difference }) => {
      const { value, perOutput, gradient } = golden.eq13;
      // Some files hold constants such as √2 in float32.
      const isExact = float64Difference <= 1e-10;
      const point = await goldenPoint(file, golden);
      const r = await regularizer({ point, input: point.graph.inputs[0]!.name, delta: 0 });
      const within = (actual: number, expected: number, tolerance: number) => {
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
      };
      const valueTolerance = (isExact ? 1e-8 : 1e-7) * Math.abs(value!);
      within(await r.value(), value!, valueTolerance);
      const rows = await r.rows();
      for (const [k, expected] of perOutput.entries()) {
        const logarithms = singularValuesOfRows(rows[k]!).map(Math.log);
        within(
          logarithms.reduce((sum, log) => sum + log, 0),
          expected,
          valueTolerance,
        );
      }
      const { weight, shape, frobeniusNorm, row0First5, row0Middle5, rowNorms } = gradient!;
      const found = (await r.gradients()).get(weight)!;
      await r.release();
      const [height, width] = shape;
      const tolerance = 1e-6 * (frobeniusNorm / Math.sqrt(height));
      expect(found).toHaveLength(height * width);
      within(Math.hypot(...found), frobeniusNorm, 1e-6 * frobeniusNorm);
      row0First5.forEach((expected, place) => {
        within(found[place]!, expected, tolerance);
      });
      row0Middle5.columns.forEach((place, index) => {
        within(found[place]!, row0Middle5.values[index]!, tolerance);
      });
      rowNorms.forEach((expected, row) => {
        within(Math.hypot(...found.slice(row * width, (row + 1) * width)), expected, tolerance);
      });
    });
  },
);

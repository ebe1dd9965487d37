import { differentiate, tensorOf, valuesOf, type Node, type Tensor } from '@edjm/onnx-autodiff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionOf } from '../support/runGraph.ts';
import { ints, node, pointOf, type SmallGraph } from '../support/smallGraphs.ts';
import { builderAt, checkVjp, noise } from '../support/vjpCheck.ts';

const DOUBLE = { step: 1e-6, tolerance: 1e-6 };

const double = (shape: readonly number[], seed: number) =>
  tensorOf(
    'float64',
    shape,
    noise(
      shape.reduce((product, size) => product * size, 1),
      seed,
    ),
  );

/** Ways to make one more tensor that broadcasts against [2, 3] out of those that are there. */
const steps: Readonly<Record<string, (of: (index: number) => string, y: string) => readonly Node[]>> = {
  tanh: (of, y) => [node('Tanh', [of(0)], { outputs: [y] })],
  sine: (of, y) => [node('Sin', [of(0)], { outputs: [y] })],
  relu: (of, y) => [node('Relu', [of(0)], { outputs: [y] })],
  bell: (of, y) => [
    node('Mul', [of(0), of(0)], { outputs: [`${y}a`] }),
    node('Neg', [`${y}a`], { outputs: [`${y}b`] }),
    node('Exp', [`${y}b`], { outputs: [y] }),
  ],
  sum: (of, y) => [node('Add', [of(0), of(1)], { outputs: [y] })],
  difference: (of, y) => [node('Sub', [of(0), of(1)], { outputs: [y] })],
  product: (of, y) => [
    node('Mul', [of(0), of(1)], { outputs: [`${y}a`] }),
    node('Tanh', [`${y}a`], { outputs: [y] }),
  ],
  largest: (of, y) => [node('Max', [of(0), of(1), of(2)], { outputs: [y] })],
  choice: (of, y) => [
    node('Greater', [of(0), of(1)], { outputs: [`${y}a`] }),
    node('Where', [`${y}a`, of(1), of(2)], { outputs: [y] }),
  ],
  softmax: (of, y) => [node('Softmax', [of(0)], { outputs: [y], attributes: { axis: { int: -1 } } })],
  total: (of, y) => [node('ReduceMean', [of(0), 'last'], { outputs: [y] })],
  layer: (of, y) => [
    node('Expand', [of(0), 'wide'], { outputs: [`${y}a`] }),
    node('MatMul', [`${y}a`, 'w'], { outputs: [`${y}b`] }),
    node('Tanh', [`${y}b`], { outputs: [y] }),
  ],
  turned: (of, y) => [
    node('Expand', [of(0), 'wide'], { outputs: [`${y}a`] }),
    node('Transpose', [`${y}a`], { outputs: [`${y}b`] }),
    node('Slice', [`${y}b`, 'first', 'second'], { outputs: [`${y}c`] }),
    node('Concat', [`${y}c`, `${y}c`, `${y}c`], { outputs: [`${y}d`], attributes: { axis: { int: 0 } } }),
    node('Transpose', [`${y}d`], { outputs: [y] }),
  ],
};

/** A graph of the named steps, each on tensors made before it, that adds up what it makes. */
function randomGraph(
  plan: readonly { readonly step: string; readonly from: readonly number[] }[],
): SmallGraph {
  const made = ['x', 'row', 'column', 'w1'];
  const nodes = plan.flatMap(({ step, from }, index) => {
    const name = `t${String(index)}`;
    const nodesOfStep = steps[step]!((place) => made[from[place]! % made.length]!, name);
    made.push(name);
    return nodesOfStep;
  });
  return {
    variables: { x: [2, 3], row: [3], column: [2, 1], w1: [1], w: [3, 3] },
    constants: { last: ints(-1), wide: ints(2, 3), first: ints(0), second: ints(1) },
    nodes: [...nodes, node('Sum', made)],
  };
}

const plans = fc.array(
  fc.record({
    step: fc.constantFrom(...Object.keys(steps)),
    from: fc.array(fc.nat(30), { minLength: 3, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Two layers with tanh: y = tanh(x W + b) V. */
const perceptron: SmallGraph = {
  variables: { x: [3, 4], w: [4, 5], b: [5], v: [5, 2] },
  nodes: [
    node('Gemm', ['x', 'w', 'b'], { outputs: ['hidden'] }),
    node('Tanh', ['hidden'], { outputs: ['activity'] }),
    node('MatMul', ['activity', 'v']),
  ],
};

describe('differentiate', () => {
  it('agrees with differences on random graphs', async () => {
    await fc.assert(
      fc.asyncProperty(plans, (plan) => checkVjp(pointOf(randomGraph(plan)), DOUBLE)),
      { numRuns: 40 },
    );
  });

  it('gives products that are the adjoint of the directional derivative: ⟨Jv, u⟩ = ⟨v, Jᵀu⟩', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(1000), async (plan, seed) => {
        const point = pointOf(randomGraph(plan));
        const builder = builderAt(point);
        const shape = builder.shape('y');
        const u = double([1, ...shape], seed);
        const v = double([2, 3], seed + 1);
        builder.addInput('u', u);
        const [product = ''] = differentiate(builder, { output: 'y', inputs: ['x'], cotangents: 'u' });
        // Jᵀu is linear in u: its derivative with respect to u, applied to v, is J v.
        const direction = builder.constant({ ...v, shape: [1, 1, 2, 3] });
        const [forward = ''] = differentiate(builder, {
          output: product,
          inputs: ['u'],
          cotangents: direction,
        });
        const names = [
          builder.nameOutput('Jtu', product),
          builder.nameOutput('Jv', forward),
          builder.nameOutput('f', 'y'),
        ];
        const run = await sessionOf(builder.build(names));
        const found = await run({ ...Object.fromEntries(point.variables), u });
        const moved = (factor: number) => {
          const x = valuesOf(point.variables.get('x')!).map(
            (value, index) => value + factor * valuesOf(v)[index]!,
          );
          return run({ ...Object.fromEntries(point.variables), u, x: tensorOf('float64', [2, 3], x) });
        };
        const [ahead, behind] = [await moved(1e-6), await moved(-1e-6)];
        await run.release();
        const inner = (a: Tensor, b: Tensor) =>
          valuesOf(a).reduce((sum, value, index) => sum + value * valuesOf(b)[index]!, 0);
        const jv = found.get('Jv')!;
        expect(inner(jv, u)).toBeCloseTo(inner(v, found.get('Jtu')!), 9);
        const [plus, minus] = [ahead, behind].map((outputs) => valuesOf(outputs.get('f')!));
        // At a kink neither is wrong, and the two need not agree: random numbers do not lie on one.
        valuesOf(jv).forEach((value, index) => {
          expect(value).toBeCloseTo((plus![index]! - minus![index]!) / 2e-6, 4);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('gives second derivatives where its products are differentiated again in the same graph', async () => {
    const point = pointOf(perceptron);
    const builder = builderAt(point);
    builder.addInput('u', double([1, 3, 2], 3));
    const [row = ''] = differentiate(builder, { output: 'y', inputs: ['x'], cotangents: 'u' });
    const penalty = builder.reduceSumSquare(row, undefined, { keepDims: false });
    const graph = builder.build([builder.nameOutput('penalty', penalty)]);
    await checkVjp(
      { graph, variables: new Map([...point.variables, ['u', double([1, 3, 2], 3)]]), constants: new Map() },
      DOUBLE,
    );
    const one = builder.constant(tensorOf('float64', [1], [1]));
    const weights = ['w', 'b', 'v'];
    const gradients = differentiate(builder, { output: penalty, inputs: weights, cotangents: one });
    const names = gradients.map((name, index) => builder.nameOutput(`d${String(index)}`, name));
    const run = await sessionOf(builder.build([...names, builder.nameOutput('value', penalty)]));
    const feeds = { ...Object.fromEntries(point.variables), u: double([1, 3, 2], 3) };
    const found = await run(feeds);
    for (const [index, name] of weights.entries()) {
      const at = point.variables.get(name)!;
      const direction = noise(valuesOf(at).length, 9);
      const value = async (step: number) => {
        const moved = valuesOf(at).map((number, place) => number + step * direction[place]!);
        const outputs = await run({ ...feeds, [name]: tensorOf('float64', at.shape, moved) });
        return valuesOf(outputs.get('value')!)[0]!;
      };
      const slope = ((await value(1e-5)) - (await value(-1e-5))) / 2e-5;
      const gradient = valuesOf(found.get(`d${String(index)}`)!);
      const along = gradient.reduce((sum, number, place) => sum + number * direction[place]!, 0);
      expect(along / slope).toBeCloseTo(1, 6);
    }
    await run.release();
  });

  it.each([
    ['Tanh', (x: number) => 1 / Math.cosh(x) ** 2],
    ['Sigmoid', (x: number) => 1 / (2 + 2 * Math.cosh(x))],
    ['Softplus', (x: number) => 1 / (1 + Math.exp(-x))],
  ])('keeps the digits of the slope of %s where it saturates', async (opType, slope) => {
    const x = tensorOf('float32', [9], [-30, -20, -10, -3, 0, 3, 10, 20, 30]);
    const point = pointOf({ variables: { x }, nodes: [node(opType, ['x'])], elementType: 'float32' });
    const builder = builderAt(point);
    const ones = builder.constant(tensorOf('float32', [1, 9], new Array<number>(9).fill(1)));
    const [product = ''] = differentiate(builder, { output: 'y', inputs: ['x'], cotangents: ones });
    const run = await sessionOf(builder.build([builder.nameOutput('slope', product)]));
    const found = valuesOf((await run({ x })).get('slope')!);
    await run.release();
    valuesOf(x).forEach((value, index) => {
      expect(found[index]! / slope(value)).toBeCloseTo(1, 4);
    });
  });
});

import { differentiate, readModel, tensorOf, valuesOf, writeModel, type Tensor } from '@edjm/onnx-autodiff';
import { expect } from 'vitest';
import { sessionOf } from '../../support/runGraph.ts';
import { node } from '../../support/smallGraphs.ts';
import {
  builderAt,
  engineOutputs,
  evaluate,
  noise,
  type Accuracy,
  type Point,
} from '../../support/vjpCheck.ts';
import { sizeOf, type Precision } from './drawing.ts';
import { throughFile } from './randomGraph.ts';

/** How closely what is computed in two ways must agree. */
export interface Tolerance {
  /** Of values, relative to the largest. */
  readonly values: number;
  readonly derivatives: Accuracy;
  /** Of the adjoint identity, relative to the sizes of its terms. */
  readonly identity: number;
}

export const tolerances: Readonly<Record<Precision, Tolerance>> = {
  float64: { values: 1e-11, derivatives: { step: 2 ** -18, tolerance: 1e-6 }, identity: 1e-10 },
  float32: { values: 1e-4, derivatives: { step: 2 ** -8, tolerance: 1e-2 }, identity: 1e-4 },
};

/** Sums of smaller terms are compared as if they were of this size. */
const LEAST_TERMS = 2 ** -5;
/** Share of each variable in what {@link grounded} adds. */
const GROUND = 2 ** -6;
/** Cotangents at once. */
const K = 2;

/** Expects what the rules make of the graph to give what the engine gives for the graph as it stands. */
export async function checkForward(point: Point, tolerance: number): Promise<void> {
  const expected = await engineOutputs(point);
  const actual = await evaluate(throughFile(point));
  for (const [index, tensor] of actual.entries()) {
    const { elementType, shape } = expected[index]!;
    expect([tensor.elementType, tensor.shape]).toEqual([elementType, shape]);
    const values = valuesOf(expected[index]!);
    const largest = Math.max(...values.map(Math.abs), 1e-3);
    const found = valuesOf(tensor);
    const wrong = values.findIndex(
      (value, place) => !(Math.abs(found[place]! - value) <= tolerance * largest),
    );
    expect(wrong < 0 ? [] : [wrong, found[wrong], values[wrong]]).toEqual([]);
  }
}

/**
 * Expects ⟨c, J t⟩ = ⟨Jᵀ c, t⟩. The products p = Jᵀ c are linear in c, so the derivative of ⟨p, t⟩ with respect to c is
 * J t whatever c is: it is taken at one c and used with another.
 */
export async function checkAdjoint(point: Point, tolerance: number): Promise<void> {
  const { graph, variables } = point;
  for (const { name: output } of graph.outputs) {
    const builder = builderAt(point);
    const { elementType, shape } = builder.type(output);
    const names = [...variables.keys()];
    const random = (sizes: readonly number[], seed: number) =>
      tensorOf(elementType, sizes, noise(sizeOf(sizes), seed));
    const tangents = names.map((name, index) => random([K, ...variables.get(name)!.shape], 50 + index));
    builder.addInput('cotangents', { elementType, shape: [K, ...shape] });
    const products = differentiate(builder, { output, inputs: names, cotangents: 'cotangents' });
    const inner = products.map((product, index) => {
      const tangent = builder.addInput(`tangent_${String(index)}`, tangents[index]!);
      return builder.reduceSum(builder.mul(product, tangent), undefined, { keepDims: false });
    });
    const sum = builder.sum(inner);
    const one = builder.constant(tensorOf(elementType, [1], [1]));
    const [forward = ''] = differentiate(builder, { output: sum, inputs: ['cotangents'], cotangents: one });
    const outputs = [
      builder.nameOutput('forward', forward),
      ...products.map((product, index) => builder.nameOutput(`product_${String(index)}`, product)),
    ];
    const run = await sessionOf(readModel(writeModel(builder.build(outputs))));
    const at = async (cotangents: Tensor) =>
      run({
        ...Object.fromEntries(variables),
        ...Object.fromEntries(tangents.map((tangent, index) => [`tangent_${String(index)}`, tangent])),
        cotangents,
      });
    const c = random([K, ...shape], 90);
    const products2 = await at(c);
    const forward2 = (await at(random([K, ...shape], 91))).get('forward')!;
    await run.release();
    const left = terms(c, forward2);
    const right = tangents.flatMap((tangent, index) =>
      terms(tangent, products2.get(`product_${String(index)}`)!),
    );
    const scale = [...left, ...right].reduce((total, term) => total + Math.abs(term), LEAST_TERMS);
    const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    if (!(Math.abs(total(left) - total(right)) <= tolerance * scale)) {
      throw new Error(
        `expected ⟨c, J t⟩ = ⟨Jᵀ c, t⟩ for "${output}", got ${String(total(left))} and ${String(total(right))}.`,
      );
    }
  }
}

/** The products of the elements of two tensors. */
function terms(a: Tensor, b: Tensor): readonly number[] {
  const values = valuesOf(b);
  return valuesOf(a).map((value, index) => value * values[index]!);
}

/**
 * The same graph with a small multiple of the sum of all variables added to each output: every derivative has a part of
 * known size, so that rounding does not count in one that is 0.
 */
export function grounded(point: Point): Point {
  const { graph, variables } = point;
  const [{ elementType } = { elementType: 'float32' as const }] = [...variables.values()];
  const plain = { attributes: { keepdims: { int: 0 } } };
  const totals = [...variables.keys()].map((name) =>
    node('ReduceSum', [name], { ...plain, outputs: [`ground/${name}`] }),
  );
  const outputs = graph.outputs.map((output) => ({ ...output, name: `${output.name}/grounded` }));
  const nodes = [
    ...graph.nodes,
    ...totals,
    node(
      'Sum',
      totals.flatMap((total) => total.outputs),
      { outputs: ['ground/sum'] },
    ),
    node('Mul', ['ground/sum', 'ground/share'], { outputs: ['ground'] }),
    ...graph.outputs.map(({ name }) => node('Add', [name, 'ground'], { outputs: [`${name}/grounded`] })),
  ];
  const initializers = new Map([
    ...graph.initializers,
    ['ground/share', tensorOf(elementType, [], [GROUND])],
  ]);
  return { ...point, graph: { ...graph, nodes, outputs, initializers } };
}

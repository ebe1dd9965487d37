import { readModel, writeModel, type Graph } from '@edjm/onnx-autodiff';
import fc from 'fast-check';
import { operatorName } from '../../support/smallGraphs.ts';
import type { Point } from '../../support/vjpCheck.ts';
import { attentionRecipes } from './attention.ts';
import { blockRecipes } from './blocks.ts';
import { choiceRecipes } from './choices.ts';
import { contractionRecipes } from './contractions.ts';
import { Drawing, type Precision } from './drawing.ts';
import { elementwiseRecipes } from './elementwise.ts';
import { flowRecipes } from './flow.ts';
import { fusedRecipes } from './fused.ts';
import { indexingRecipes } from './indexings.ts';
import { normalizationRecipes } from './normalizations.ts';
import { placeRecipes } from './places.ts';
import { quantizedRecipes } from './quantized.ts';
import type { Recipes } from './recipe.ts';
import { recurrentRecipes } from './recurrent.ts';
import { reductionRecipes } from './reductions.ts';
import { shapeRecipes } from './shapes.ts';

const recipes: Recipes = {
  ...shapeRecipes,
  ...attentionRecipes,
  ...blockRecipes,
  ...choiceRecipes,
  ...contractionRecipes,
  ...elementwiseRecipes,
  ...flowRecipes,
  ...fusedRecipes,
  ...indexingRecipes,
  ...normalizationRecipes,
  ...placeRecipes,
  ...quantizedRecipes,
  ...recurrentRecipes,
  ...reductionRecipes,
};

/**
 * Operator sets of graphs in each precision. In float64 the engine runs many functions at set 18 alone, where it writes
 * them in others.
 */
const opsets: Readonly<Record<Precision, readonly number[]>> = {
  float32: [18, 13, 15, 17, 20, 22],
  float64: [18],
};

/** Which graphs are asked for. */
export interface Purpose {
  readonly precision: Precision;
  /** Whether the engine runs them as they stand; otherwise only what the rules make of them. */
  readonly asTheyStand?: boolean;
}

/** The recipes of which graphs for a purpose are made. */
export function recipesFor({ precision, asTheyStand = false }: Purpose): readonly string[] {
  return Object.keys(recipes).filter((name) => {
    const { single = false, lacks, since = 0 } = recipes[name]!;
    if (asTheyStand && (lacks === 'every kernel' || (lacks === 'float64' && precision === 'float64')))
      return false;
    return precision === 'float32' || (!single && since <= Math.max(...opsets.float64));
  });
}

/** What a random graph is drawn from. */
export interface Plan {
  readonly opset: number;
  readonly seed: number;
  readonly outputs: 1 | 2;
  /** Decide the first variable. */
  readonly choices: readonly number[];
  readonly steps: readonly { readonly recipe: string; readonly choices: readonly number[] }[];
}

/** Every recipe, by name. */
export const recipeNames: readonly string[] = Object.keys(recipes);

const choices = fc.array(fc.nat(59), { minLength: 12, maxLength: 12 });

const stepOf = (names: readonly string[]) => fc.record({ recipe: fc.constantFrom(...names), choices });

function plansOf(sets: readonly number[], steps: fc.Arbitrary<Plan['steps']>): fc.Arbitrary<Plan> {
  return fc.record({
    opset: fc.constantFrom(...sets),
    seed: fc.nat(999),
    outputs: fc.constantFrom(1 as const, 2 as const),
    choices,
    steps,
  });
}

/** Plans of graphs of 1 to 10 recipes. */
export function plansFor(purpose: Purpose): fc.Arbitrary<Plan> {
  const step = stepOf(recipesFor(purpose));
  return plansOf(opsets[purpose.precision], fc.array(step, { minLength: 1, maxLength: 10, size: 'max' }));
}

/** Plans of graphs that end with the given recipe, after up to 3 others. */
export function plansEndingWith(recipe: string, purpose: Purpose): fc.Arbitrary<Plan> {
  const { until = Infinity } = recipes[recipe]!;
  const before = recipesFor(purpose).filter((name) => (recipes[name]!.since ?? 0) <= until);
  const steps = fc
    .tuple(fc.array(stepOf(before), { maxLength: 3 }), stepOf([recipe]))
    .map(([others, last]) => [...others, last]);
  const sets = opsets[purpose.precision].filter((opset) => opset <= until);
  return plansOf(sets, steps);
}

/** The graph of a plan at a point. */
export function drawGraph(plan: Plan, precision: Precision): Point {
  const needed = plan.steps.map(({ recipe }) => recipes[recipe]!.since ?? 0);
  const drawing = new Drawing({ ...plan, precision, opset: Math.max(plan.opset, ...needed) });
  for (const { recipe, choices } of plan.steps) {
    if (drawing.opset > (recipes[recipe]!.until ?? Infinity)) continue;
    drawing.decideBy(choices);
    for (const name of [recipes[recipe]!.draw(drawing)].flat()) drawing.offer(name);
  }
  return drawing.finish(plan.outputs);
}

/** The same graph at the same point, through the bytes of a model file. */
export function throughFile(point: Point): Point {
  return { ...point, graph: readModel(writeModel(point.graph)) };
}

/** The operators that the outputs of a graph are made with. */
export function operatorsOf(graph: Graph): ReadonlySet<string> {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const found = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    found.add(operatorName(node));
    for (const name of node.inputs) needed.add(name);
  }
  return found;
}

/** A graph in words, for messages. */
export function describeGraph({ graph, variables }: Point): string {
  const shape = (sizes: readonly unknown[]) => `[${sizes.join(', ')}]`;
  const constants = [...graph.initializers].map(
    ([name, { elementType, shape: sizes, bytes }]) =>
      `${name} = ${elementType} ${shape(sizes)}${elementType === 'int64' ? ` ${shape([...new BigInt64Array(bytes.slice().buffer)])}` : ''}`,
  );
  const nodes = graph.nodes.map(
    (node) =>
      `${node.outputs.join(', ')} = ${operatorName(node)}(${node.inputs.join(', ')}) ${JSON.stringify(node.attributes)}`,
  );
  return [
    `operator set ${String(graph.opsets.get(''))}, outputs ${graph.outputs.map(({ name }) => name).join(', ')}`,
    ...[...variables].map(([name, tensor]) => `${name}: ${tensor.elementType} ${shape(tensor.shape)}`),
    ...constants,
    ...nodes,
  ].join('\n  ');
}

import {
  coveredOperators,
  differentiate,
  GraphBuilder,
  tensorOf,
  valuesOf,
  type Graph,
  type OperatorTable,
  type Tensor,
} from '@edjm/onnx-autodiff';
import { sessionOf, type Run } from './runGraph.ts';

/** A graph at a point: some of its tensors vary, the others are constants. */
export interface Point {
  readonly graph: Graph;
  /** Inputs and initializers to differentiate with respect to, with their values. */
  readonly variables: ReadonlyMap<string, Tensor>;
  /** Values of the other inputs. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Rules; defaults to `coveredOperators`. */
  readonly operators?: OperatorTable;
}

/** How closely derivatives must agree; see {@link checkVjp}. */
export interface Accuracy {
  /** Step of the differences. */
  readonly step: number;
  /** Relative to the largest derivative of the output with respect to the variable. */
  readonly tolerance: number;
}

/** Cotangents at once: more than one, so that their axis shows. */
const K = 2;
/** Coordinates that are tried, where a variable has more. */
const COORDINATES = 24;
/** Directions that change all coordinates at once. */
const DIRECTIONS = 2;

/** Numbers between −1 and 1 that look random and are the same every time. */
export function noise(count: number, seed: number): number[] {
  let state = (Math.imul(seed + 1, 2654435761) ^ 0x9e3779b9) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x85ebca6b) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}

/** The graph at a point, open for more nodes. */
export function builderAt({ graph, variables, constants, operators }: Point): GraphBuilder {
  const builder = new GraphBuilder(graph, operators ?? coveredOperators);
  for (const [name, { elementType, shape }] of variables) builder.addInput(name, { elementType, shape });
  for (const [name, tensor] of constants) builder.alias(name, builder.constant(tensor));
  for (const node of graph.nodes) builder.addSourceNode(node);
  return builder;
}

const outputName = (index: number) => `value_${String(index)}`;
const productName = (index: number) => `product_${String(index)}`;

/** The outputs of the graph at a point, in order; their types are those that the builder inferred. */
export async function evaluate(point: Point): Promise<readonly Tensor[]> {
  const builder = builderAt(point);
  const names = point.graph.outputs.map(({ name }, index) => builder.nameOutput(outputName(index), name));
  const graph = builder.build(names);
  const run = await sessionOf(graph);
  try {
    const outputs = await run(Object.fromEntries(point.variables));
    return names.map((name, index) => {
      const found = outputs.get(name)!;
      const { elementType, shape } = graph.outputs[index]!;
      const inferred = `${elementType} [${(shape ?? []).join()}]`;
      const actual = `${found.elementType} [${found.shape.join()}]`;
      if (inferred !== actual) throw new Error(`expected the inferred type ${actual}, got ${inferred}.`);
      return found;
    });
  } finally {
    await run.release();
  }
}

/** The outputs that the engine gives for the graph as it stands, in order: no rule takes part. */
export async function engineOutputs({ graph, variables, constants }: Point): Promise<readonly Tensor[]> {
  const initializers = new Map([...graph.initializers, ...constants]);
  const run = await sessionOf({ ...graph, initializers });
  try {
    const outputs = await run(Object.fromEntries(variables));
    return graph.outputs.map(({ name }) => outputs.get(name)!);
  } finally {
    await run.release();
  }
}

/**
 * Checks the vector-Jacobian products of every floating output with respect to every variable against differences.
 *
 * Along a direction v each element of the output has a slope on either side; the product ⟨c, J v⟩ must lie between the
 * sums of the smaller and of the larger ones, up to the tolerance. Where the function is smooth the two are equal to the
 * step's order; at a kink any derivative between them is one.
 *
 * @throws Error naming the first variable and output that disagree.
 */
export async function checkVjp(point: Point, accuracy: Accuracy): Promise<void> {
  const { graph, variables } = point;
  const builder = builderAt(point);
  const outputs = graph.outputs.map(({ name }) => name);
  const names = outputs.map((name, index) => builder.nameOutput(outputName(index), name));
  const forward = await sessionOf(builder.build(names));
  try {
    for (const [index, output] of outputs.entries()) {
      const { elementType } = builder.type(output);
      if (elementType !== 'float32' && elementType !== 'float64') continue;
      await checkOutput(point, { output, index, accuracy, forward, names: [...variables.keys()] });
    }
  } finally {
    await forward.release();
  }
}

interface OutputCheck {
  readonly output: string;
  readonly index: number;
  readonly accuracy: Accuracy;
  readonly forward: Run;
  readonly names: readonly string[];
}

async function checkOutput(point: Point, check: OutputCheck): Promise<void> {
  const { output, index, names } = check;
  const builder = builderAt(point);
  const { elementType, shape } = builder.type(output);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const cotangents = tensorOf(elementType, [K, ...shape], noise(K * size, index));
  builder.addInput('cotangents', cotangents);
  const products = differentiate(builder, { output, inputs: names, cotangents: 'cotangents' });
  const renamed = products.map((name, place) => builder.nameOutput(productName(place), name));
  const run = await sessionOf(builder.build(renamed));
  try {
    const found = await run({ ...Object.fromEntries(point.variables), cotangents });
    for (const [place, name] of names.entries()) {
      await checkVariable(point, { ...check, name, cotangents, product: found.get(productName(place))! });
    }
  } finally {
    await run.release();
  }
}

interface VariableCheck extends OutputCheck {
  readonly name: string;
  readonly cotangents: Tensor;
  readonly product: Tensor;
}

async function checkVariable(point: Point, check: VariableCheck): Promise<void> {
  const { name, output, index, accuracy, forward, cotangents, product } = check;
  const variable = point.variables.get(name)!;
  const at = valuesOf(variable);
  const expectedShape = [K, ...variable.shape].join();
  if (product.shape.join() !== expectedShape)
    throw new Error(
      `product for "${name}": expected the shape [${expectedShape}], got [${product.shape.join()}].`,
    );
  const valueAt = async (direction: readonly number[], factor: number) => {
    const moved = at.map((value, place) => value + factor * accuracy.step * (direction[place] ?? 0));
    const feeds = {
      ...Object.fromEntries(point.variables),
      [name]: tensorOf(variable.elementType, variable.shape, moved),
    };
    // What was added is what the type could hold of it.
    const steps = valuesOf(feeds[name]!).map((value, place) => value - at[place]!);
    return { values: valuesOf((await forward(feeds)).get(outputName(index))!), steps };
  };
  const center = (await valueAt([], 0)).values;
  const c = valuesOf(cotangents);
  const rows = valuesOf(product);
  const found: { place: string; actual: number; low: number; high: number }[] = [];
  for (const [place, direction] of directions(at.length).entries()) {
    const ahead = await valueAt(direction, 1);
    const behind = await valueAt(direction, -1);
    for (let k = 0; k < K; k++) {
      const along = (steps: readonly number[]) =>
        steps.reduce((sum, step, element) => sum + step * rows[k * at.length + element]!, 0) / accuracy.step;
      const slopes = center.map((value, element) => {
        const weight = c[k * center.length + element]! / accuracy.step;
        return [
          weight * (ahead.values[element]! - value),
          weight * (value - behind.values[element]!),
        ] as const;
      });
      const low = slopes.reduce((sum, pair) => sum + Math.min(...pair), 0);
      const high = slopes.reduce((sum, pair) => sum + Math.max(...pair), 0);
      found.push({
        place: `direction ${String(place)}, k = ${String(k)}`,
        actual: along(ahead.steps),
        low,
        high,
      });
    }
  }
  const scale = Math.max(
    ...found.flatMap(({ actual, low, high }) => [actual, low, high].map(Math.abs)),
    1e-30,
  );
  const slack = accuracy.tolerance * scale + rounding(center, check);
  const wrong = found.find(({ actual, low, high }) => !(actual >= low - slack && actual <= high + slack));
  if (wrong === undefined) return;
  throw new Error(
    `derivative of "${output}" with respect to "${name}", ${wrong.place}: expected between ${String(wrong.low)} and ${String(wrong.high)} up to ${String(slack)}, got ${String(wrong.actual)}.`,
  );
}

/** How far the differences may be off because outputs are rounded: independent errors of one unit each, in quadrature. */
function rounding(outputs: readonly number[], { product, cotangents, accuracy }: VariableCheck): number {
  const unit = product.elementType === 'float64' ? 2 ** -52 : 2 ** -23;
  const weighted = valuesOf(cotangents).map((c, index) => c * outputs[index % outputs.length]!);
  return (2 * unit * Math.hypot(...weighted)) / accuracy.step;
}

/** Coordinate directions, spread over all, and dense ones. */
function directions(size: number): readonly (readonly number[])[] {
  const count = Math.min(size, COORDINATES);
  const coordinates = Array.from({ length: count }, (_, index) => {
    const chosen = Math.floor((index * size) / count);
    return Array.from({ length: size }, (__, place) => Number(place === chosen));
  });
  const dense = Array.from({ length: size > 1 ? DIRECTIONS : 0 }, (_, index) => noise(size, 17 + index));
  return [...coordinates, ...dense];
}

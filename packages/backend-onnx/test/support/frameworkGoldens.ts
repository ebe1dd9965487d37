import { readdirSync, readFileSync } from 'node:fs';
import {
  coveredOperators,
  straightThroughOperators,
  tensorOf,
  type Attribute,
  type ElementType,
  type Graph,
  type Node,
} from '@edjm/onnx-autodiff';
import type { Point } from './vjpCheck.ts';

/** Numbers in row-major order. */
interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

type Typed = Values & { readonly type: ElementType };

interface GoldenBody {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GoldenNode[];
}

type GoldenAttribute = number | string | readonly number[] | readonly string[] | GoldenBody;

interface GoldenNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, GoldenAttribute>>;
}

/** A small graph at a point, with the products that a framework's autograd gives in float64. */
export interface Golden {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly GoldenNode[];
  readonly variables: Readonly<Record<string, Values>>;
  readonly constants: Readonly<Record<string, Typed>>;
  /** Constants that the framework does not see: whole numbers of few bits. */
  readonly integers?: Readonly<Record<string, Typed>>;
  /** Whether operators that round pass derivatives on. */
  readonly straightThrough?: true;
  /** Whether each number is compared for itself, as the numbers differ by orders of magnitude. */
  readonly each?: true;
  readonly y: Values;
  readonly cotangents: readonly number[];
  readonly products: Readonly<Record<string, readonly number[]>>;
}

const folder = new URL('../goldens/', import.meta.url);

/** All that the scripts beside the files wrote. */
export function readGoldens(): readonly Golden[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.flatMap((file) => {
    const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
      cases: readonly Golden[];
    };
    return cases;
  });
}

/** The operators of nodes and of the bodies in them. */
export function operatorsOf(nodes: readonly GoldenNode[]): readonly string[] {
  return nodes.flatMap(({ op, attributes }) => [
    op,
    ...Object.values(attributes).flatMap((value) => (isBody(value) ? operatorsOf(value.nodes) : [])),
  ]);
}

const isBody = (value: GoldenAttribute): value is GoldenBody =>
  typeof value === 'object' && !Array.isArray(value);

/** Attributes that are real numbers by the standard; the others are whole. */
const real =
  /^(?:alpha|beta|gamma|bias|lambd|epsilon|clip|scale|softcap|extrapolation_value|cubic_coeff_a|activation_alpha|activation_beta)$/;

/** The types of what a loop's body calls the number of the iteration and whether it goes on. */
const counters: Readonly<Record<string, ElementType>> = { trip: 'int64', goesOn: 'bool', go: 'bool' };

function attributeOf(name: string, value: GoldenAttribute): Attribute {
  if (typeof value === 'string') return { string: value };
  if (typeof value === 'number') return real.test(name) ? { float: value } : { int: value };
  if (isBody(value)) return bodyOf(value);
  const [first] = value;
  if (typeof first === 'string') return { strings: value as readonly string[] };
  return real.test(name) ? { floats: value as readonly number[] } : { ints: value as readonly number[] };
}

function bodyOf({ inputs, outputs, nodes }: GoldenBody): Attribute {
  const named = (names: readonly string[]) =>
    names.map((name) => ({ name, ...(name in counters && { elementType: counters[name], shape: [] }) }));
  return {
    graph: {
      name: 'body',
      inputs: named(inputs),
      outputs: named(outputs),
      initializers: new Map(),
      nodes: nodes.map(nodeOf),
    },
  };
}

function nodeOf({ op, inputs, outputs, attributes }: GoldenNode): Node {
  return {
    opType: op,
    domain: '',
    name: op,
    inputs,
    outputs,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, attributeOf(name, value)]),
    ),
  };
}

/** The graph of a golden with the values at which its products hold. */
export function pointOf({ opset, nodes, variables, constants, integers, straightThrough, y }: Golden): Point {
  const tensors = Object.entries(variables).map(
    ([name, { shape, values }]) => [name, tensorOf('float32', shape, values)] as const,
  );
  const graph: Graph = {
    name: 'golden',
    irVersion: opset > 21 ? 11 : 8,
    opsets: new Map([['', opset]]),
    inputs: tensors.map(([name, { shape }]) => ({ name, elementType: 'float32', shape })),
    outputs: [{ name: 'y', elementType: 'float32', shape: y.shape }],
    initializers: new Map(
      Object.entries({ ...constants, ...integers }).map(([name, { type, shape, values }]) => [
        name,
        tensorOf(type, shape, values),
      ]),
    ),
    nodes: nodes.map(nodeOf),
  };
  const operators = straightThrough === true ? straightThroughOperators : coveredOperators;
  return { graph, variables: new Map(tensors), constants: new Map(), operators };
}

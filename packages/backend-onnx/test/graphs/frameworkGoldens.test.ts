import { readdirSync, readFileSync } from 'node:fs';
import {
  differentiate,
  tensorOf,
  valuesOf,
  type Attribute,
  type ElementType,
  type Graph,
} from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { sessionOf } from '../support/runGraph.ts';
import { builderAt, type Point } from '../support/vjpCheck.ts';

/** Numbers in row-major order. */
interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A small graph at a point, with the products that a framework's autograd gives in float64. */
interface Golden {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
  }[];
  readonly variables: Readonly<Record<string, Values>>;
  readonly constants: Readonly<Record<string, Values & { readonly type: ElementType }>>;
  readonly y: Values;
  readonly cotangents: readonly number[];
  readonly products: Readonly<Record<string, readonly number[]>>;
}

const folder = new URL('../goldens/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const goldens = files.flatMap((file) => {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { cases: readonly Golden[] };
  return cases;
});

/** Attributes that are whole numbers by the standard. */
const whole =
  /^(?:axis|p|keepdims|hidden_size|linear_before_reset|num_groups|align_corners|is_causal|upper|blocksize|size|fmod|largest|sorted|dilations)$/;

function attributeOf(name: string, value: number | string | readonly number[]): Attribute {
  if (typeof value === 'string') return { string: value };
  if (typeof value !== 'number') return { ints: value };
  return whole.test(name) ? { int: value } : { float: value };
}

function pointOf({ opset, nodes, variables, constants, y }: Golden): Point {
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
      Object.entries(constants).map(([name, { type, shape, values }]) => [
        name,
        tensorOf(type, shape, values),
      ]),
    ),
    nodes: nodes.map(({ op, inputs, outputs, attributes }) => ({
      opType: op,
      domain: '',
      name: op,
      inputs,
      outputs,
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, attributeOf(name, value)]),
      ),
    })),
  };
  return { graph, variables: new Map(tensors), constants: new Map() };
}

/** The largest difference of two lists of numbers, relative to the largest expected number. */
function distance(found: readonly number[], expected: readonly number[]): number {
  const scale = Math.max(1e-3, ...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs(value - (found[index] ?? NaN)))) / scale;
}

describe('products in float32', () => {
  it.each(goldens.map((golden) => [golden.name, golden] as const))(
    '%s agree with float64 autograd of the framework',
    async (_, golden) => {
      const point = pointOf(golden);
      const builder = builderAt(point);
      const inputs = [...point.variables.keys()];
      const cotangents = tensorOf('float32', [2, ...golden.y.shape], golden.cotangents);
      builder.addInput('edjm/g', cotangents);
      const products = differentiate(builder, { output: 'y', inputs, cotangents: 'edjm/g' });
      const names = ['y', ...products].map((name, index) => builder.nameOutput(`out_${String(index)}`, name));
      const run = await sessionOf(builder.build(names));
      try {
        const found = await run({ ...Object.fromEntries(point.variables), 'edjm/g': cotangents });
        const values = names.map((name) => valuesOf(found.get(name)!));
        expect(distance(values[0]!, golden.y.values)).toBeLessThan(1e-4);
        for (const [index, name] of inputs.entries())
          expect(distance(values[index + 1]!, golden.products[name]!), name).toBeLessThan(1e-4);
      } finally {
        await run.release();
      }
    },
  );
});

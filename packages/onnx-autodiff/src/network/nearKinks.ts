/**
 * Counts what float32 may have switched: units that lie within rounding of a kink, and pooling windows whose two largest
 * values do. The derivative on the other side of the kink may be another one altogether.
 */
import { dependents } from '../differentiate/dependents.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { floatAttribute, intAttribute, type Node } from '../model/graph.ts';
import { isFloating, sizeOf, valuesOf } from '../model/tensor.ts';
import { normalizedAxes } from '../operators/axes.ts';
import { poolWindow } from '../operators/windows/pooling.ts';

/** How far from a kink, in units of the last place of the layer's largest value, rounding may have moved a unit. */
const LAST_PLACES = 4;

/** Units in the last place of 1. */
const LAST_PLACE = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** Larger than any distance that counts. */
const FAR = 1e30;

/** Distances from kinks; an exact 0 is none, since there the conventions decide, not rounding. */
type Distances = (builder: GraphBuilder, node: Node) => readonly string[];

const toConstants =
  (kinks: (node: Node) => readonly number[]): Distances =>
  (builder, node) =>
    kinks(node).map((kink) => {
      const x = node.inputs[0] ?? '';
      return kink === 0 ? x : builder.sub(x, kink);
    });

const atZero = toConstants(() => [0]);

/** y minus the values that it is the largest of. */
const belowLargest =
  (sign: 1 | -1): Distances =>
  (builder, node) => {
    const [x = '', chosen = ''] = node.inputs;
    const shape = builder.shape(x);
    const known = builder.constantValue(chosen);
    const given = known === undefined ? [] : normalizedAxes(node, valuesOf(known), shape.length);
    if (given.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) !== 0) return [];
    const axes = given.length === 0 ? shape.map((_, axis) => axis) : given;
    const signed = sign === 1 ? x : builder.neg(x);
    return [builder.sub(builder.reduceMax(signed, axes), signed)];
  };

const inWindows: Distances = (builder, node) => {
  const [x = ''] = node.inputs;
  const [y = ''] = node.outputs;
  const window = poolWindow(node, builder.shape(x));
  const last = window.output.map((size, axis) => {
    const reach = ((window.kernelShape[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1;
    return (size - 1) * (window.strides[axis] ?? 1) + reach;
  });
  const end = last.map((size, axis) =>
    Math.max(0, size - (window.begin[axis] ?? 0) - (window.input[axis] ?? 0)),
  );
  const padded = builder.pad(x, [0, 0, ...window.begin, 0, 0, ...end], builder.scalar(-FAR, x));
  const places = Array.from({ length: sizeOf(window.kernelShape) }, (_, index) => index);
  return places.map((place) => {
    const starts = window.kernelShape.map((size, axis) => {
      const stride = sizeOf(window.kernelShape.slice(axis + 1));
      return (Math.floor(place / stride) % size) * (window.dilations[axis] ?? 1);
    });
    const ends = starts.map(
      (start, axis) => start + ((window.output[axis] ?? 1) - 1) * (window.strides[axis] ?? 1) + 1,
    );
    const axes = starts.map((_, axis) => axis + 2);
    return builder.sub(y, builder.slice(padded, { starts, ends, axes, steps: window.strides }));
  });
};

const alphaOf = (node: Node, fallback: number) => floatAttribute(node, 'alpha', fallback);

/** By operator; functions whose derivative is continuous, such as Elu with α = 1, have no kink. */
const kinked: Readonly<Record<string, Distances>> = {
  Relu: atZero,
  LeakyRelu: atZero,
  PRelu: atZero,
  Abs: atZero,
  Selu: atZero,
  Elu: toConstants((node) => (alphaOf(node, 1) === 1 ? [] : [0])),
  ThresholdedRelu: toConstants((node) => [alphaOf(node, 1)]),
  HardSwish: toConstants(() => [-3, 3]),
  HardSigmoid: toConstants((node) => {
    const [alpha, beta] = [alphaOf(node, 0.2), floatAttribute(node, 'beta', 0.5)];
    return [-beta / alpha, (1 - beta) / alpha];
  }),
  Shrink: toConstants((node) => {
    const bound = floatAttribute(node, 'lambd', 0.5);
    return [-bound, bound];
  }),
  Clip: (builder, { inputs: [x = '', ...bounds] }) =>
    bounds.filter((bound) => bound !== '').map((bound) => builder.sub(x, bound)),
  Max: (builder, { inputs: [a = '', b] }) => (b === undefined ? [] : [builder.sub(a, b)]),
  Min: (builder, { inputs: [a = '', b] }) => (b === undefined ? [] : [builder.sub(a, b)]),
  ReduceMax: belowLargest(1),
  ReduceMin: belowLargest(-1),
  MaxPool: inWindows,
  GlobalMaxPool: (builder, { inputs: [x = ''], outputs: [y = ''] }) => [builder.sub(y, x)],
};

/** The nodes with kinks between the variables and the output. */
function kinkedNodes(
  builder: GraphBuilder,
  { output, variables }: { readonly output: string; readonly variables: readonly string[] },
): readonly Node[] {
  const nodes = [...builder.nodes];
  const active = dependents(
    builder,
    nodes,
    variables.map((name) => builder.resolve(name)),
  );
  const needed = new Set([builder.resolve(output)]);
  return nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((name) => needed.has(name))) return false;
      for (const name of node.inputs) needed.add(name);
      return node.domain === '' && node.opType in kinked && node.inputs.some((name) => active.has(name));
    })
    .toReversed();
}

/**
 * Adds a tensor [n, 1] that is 1 for every sample with a unit or a pooling window within rounding of its kink, else 0. Layers
 * whose values do not lie sample by sample are left out.
 *
 * @returns undefined if the network has no such unit.
 */
export function addNearKinks(
  builder: GraphBuilder,
  what: { readonly output: string; readonly variables: readonly string[]; readonly n: number },
): string | undefined {
  const { n } = what;
  const flags: string[] = [];
  for (const node of kinkedNodes(builder, what)) {
    const [x = ''] = node.inputs;
    const { elementType, shape } = builder.type(x);
    if (!isFloating(elementType) || (shape[0] ?? 0) % n !== 0 || sizeOf(shape) === 0) continue;
    const unit = LAST_PLACES * LAST_PLACE[elementType === 'float64' ? 'float64' : 'float32'];
    const flat = (name: string) => builder.reshape(name, [n, sizeOf(builder.shape(name)) / n]);
    const scale = builder.mul(builder.reduceMax(builder.abs(flat(x)), [1]), unit);
    for (const distance of kinked[node.opType]?.(builder, node) ?? []) {
      if ((builder.shape(distance)[0] ?? 0) % n !== 0) continue;
      const size = builder.abs(flat(distance));
      const apart = builder.where(builder.equal(size, 0), builder.scalar(FAR, size), size);
      const nearest = builder.neg(builder.reduceMax(builder.neg(apart), [1]));
      flags.push(builder.cast(builder.lessOrEqual(nearest, scale), elementType));
    }
  }
  return flags.length === 0 ? undefined : flags.reduce((all, flag) => builder.max(all, flag));
}

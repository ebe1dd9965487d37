/**
 * Operators with one index for every element, along an axis: i is a tensor of places, and "at i" are the elements
 * there.
 *
 *     GatherElements   y = x at i                 ∂x = g added up at i, among zeros
 *     TopK             y = the largest, at i      ∂x = g at i, among zeros
 *     ScatterElements  y = x with u at i          ∂x = g, 0 at i           ∂u = g at i
 *       add            y = x + u at i             ∂x = g                   ∂u = g at i
 *       mul            y = x · u at i             ∂x, ∂u = g times the product of the other factors
 *       min, max       y = the extreme at i       ∂x, ∂u = g where they are the extreme, shared evenly
 *
 * Indices have no axis K: whatever they read and write of the forward pass is computed once for all cotangents.
 */
import { affineIn, affineUpdates } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, stringAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { Composite, InferContext, Operator, VjpContext } from '../../graph/operator.ts';

type Shape = readonly number[];

/** The axis that the indices count along; they must fit the tensor that they index. */
function checkedAxis(node: Node, shape: Shape, indices: Shape): number {
  const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
  const fits = indices.every((size, place) => place === axis || size <= (shape[place] ?? 0));
  if (indices.length === shape.length && fits) return axis;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${describeNode(node)}: expected indices that fit the shape [${shape.join(', ')}] beside axis ${String(axis)}, got the shape [${indices.join(', ')}].`,
  );
}

/** Reads and writes a tensor at the places of an index. */
interface Places {
  /** Reads a tensor that has the axis K, or one that has none. */
  readonly read: (name: string) => string;
  /** Combines a tensor without the axis K with updates at the places. */
  readonly write: (name: string, values: string, reduction: string) => string;
  /** Adds up [K, …values] at their places among zeros. */
  readonly spread: (values: string) => string;
}

function placesOf(
  builder: TensorBuilder,
  indices: string,
  { axis, shape }: { readonly axis: number; readonly shape: Shape },
): Places {
  const wide = (k: number) => builder.expand(indices, [k, ...builder.shape(indices)]);
  return {
    read: (name) => {
      const [k = 1, ...rest] = builder.shape(name);
      return rest.length === shape.length
        ? builder.gatherElements(name, wide(k), axis + 1)
        : builder.gatherElements(name, indices, axis);
    },
    write: (name, values, reduction) =>
      builder.scatterElements([name, indices, values], { axis: axis, reduction: reduction }),
    spread: (values) => {
      const [k = 1] = builder.shape(values);
      const zeros = builder.filled(builder.type(values).elementType, [k, ...shape], 0);
      return builder.scatterElements([zeros, wide(k), values], { axis: axis + 1, reduction: 'add' });
    },
  };
}

function readingPlaces({ builder, node, input }: VjpContext, indices: string, axis: number): Places {
  const shape = builder.shape(input(0));
  return placesOf(builder, indices, { axis: normalizedAxis(node, axis, shape.length), shape });
}

const gatherElements: Operator = {
  affine: affineIn([0]),
  infer: ({ node, input }) => {
    const { elementType, shape } = input(0);
    checkedAxis(node, shape, input(1).shape);
    return [{ elementType, shape: input(1).shape }];
  },
  vjp: (context) => {
    const { node, input, cotangent } = context;
    return [readingPlaces(context, input(1), intAttribute(node, 'axis', 0)).spread(cotangent())];
  },
};

function topKShape({ node, input, constant }: InferContext): Shape {
  const { shape } = input(0);
  const axis = normalizedAxis(node, intAttribute(node, 'axis', -1), shape.length);
  const size = shape[axis] ?? 0;
  const [k = 0] = constant(1) ?? [];
  if (Number.isInteger(k) && k >= 0 && k <= size) return shape.with(axis, k);
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected a number k from 0 to the size ${String(size)} of axis ${String(axis)}, got ${String(k)}.`,
  );
}

const topK: Operator = {
  upgrade: (node, opset, builder) => {
    if (opset >= 10) return node;
    const k = builder.ints([intAttribute(node, 'k', 0)]);
    return { ...withAttributes(node, ['k']), inputs: [node.inputs[0] ?? '', k] };
  },
  infer: (context) => {
    const shape = topKShape(context);
    return [
      { elementType: context.input(0).elementType, shape },
      { elementType: 'int64', shape },
    ];
  },
  vjp: (context) => {
    const { node, cotangent } = context;
    const places = readingPlaces(context, node.outputs[1] ?? '', intAttribute(node, 'axis', -1));
    return [places.spread(cotangent())];
  },
};

/** The terms of a scattering's derivatives. */
interface Scattering {
  readonly context: VjpContext;
  readonly places: Places;
}

/** Cotangents of the tensor and of the updates, each written when it is needed. */
type ScatterGradients = (scattering: Scattering) => {
  readonly data: () => string;
  readonly updates: () => string;
};

const replacing: ScatterGradients = ({ context, places }) => {
  const { builder, input, cotangent } = context;
  const { elementType, shape } = builder.type(input(0));
  const filled = (like: Shape, value: number) => builder.filled(elementType, like, value);
  return {
    data: () => {
      const kept = places.write(filled(shape, 1), filled(builder.shape(input(2)), 0), 'none');
      return builder.mul(cotangent(), kept);
    },
    updates: () => places.read(cotangent()),
  };
};

const adding: ScatterGradients = ({ context: { cotangent }, places }) => ({
  data: () => cotangent(),
  updates: () => places.read(cotangent()),
});

/**
 * For each factor the product of all others, right even if factors are 0: then only the product that leaves a single
 * 0 out is not 0.
 */
const multiplying: ScatterGradients = ({ context, places }) => {
  const { builder, input, cotangent } = context;
  const zero = builder.scalar(0, input(0));
  const isZero = (name: string) => builder.equal(name, zero);
  const zeros = (name: string) => builder.cast(isZero(name), builder.type(name).elementType);
  const others = (name: string) => builder.where(isZero(name), builder.scalar(1, name), name);
  const product = places.write(others(input(0)), others(input(2)), 'mul');
  const count = places.write(zeros(input(0)), zeros(input(2)), 'add');
  const without = (factor: string, read: (name: string) => string) => {
    const alone = builder.equal(read(count), zeros(factor));
    return builder.where(alone, builder.div(read(product), others(factor)), zero);
  };
  return {
    data: () =>
      builder.mul(
        cotangent(),
        without(input(0), (name) => name),
      ),
    updates: () => builder.mul(places.read(cotangent()), without(input(2), places.read)),
  };
};

const choosing: ScatterGradients = ({ context, places }) => {
  const { builder, node, input, cotangent } = context;
  const y = node.outputs[0] ?? '';
  const isExtreme = (name: string, extreme: string) =>
    builder.cast(builder.equal(name, extreme), builder.type(name).elementType);
  const data = isExtreme(input(0), y);
  const updates = isExtreme(input(2), places.read(y));
  const count = places.write(data, updates, 'add');
  return {
    data: () => builder.mul(cotangent(), builder.div(data, count)),
    updates: () => builder.mul(places.read(cotangent()), builder.div(updates, places.read(count))),
  };
};

const scatterGradients = new Map<string, ScatterGradients>([
  ['none', replacing],
  ['add', adding],
  ['mul', multiplying],
  ['min', choosing],
  ['max', choosing],
]);

/** How a scattering combines its updates with the tensor: `none`, `add`, `mul`, `min` or `max`. */
export function scatterReduction(node: Node): string {
  const reduction = stringAttribute(node, 'reduction', 'none');
  if (scatterGradients.has(reduction)) return reduction;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected the reduction none, add, mul, min or max, got "${reduction}".`,
  );
}

const scatterElements: Operator = {
  affine: affineUpdates,
  infer: ({ node, input }) => {
    const { elementType, shape } = input(0);
    scatterReduction(node);
    checkedAxis(node, shape, input(1).shape);
    if (input(2).shape.join() === input(1).shape.join()) return [{ elementType, shape }];
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected updates of the shape [${input(1).shape.join(', ')}] of the indices, got [${input(2).shape.join(', ')}].`,
    );
  },
  vjp: (context) => {
    const { node, input, needs } = context;
    const places = readingPlaces(context, input(1), intAttribute(node, 'axis', 0));
    const gradients = scatterGradients.get(scatterReduction(node))?.({ context, places });
    return [needs(0) ? gradients?.data() : undefined, undefined, needs(2) ? gradients?.updates() : undefined];
  },
};

/** Scatter, the name that ScatterElements had in operator sets 9 and 10. */
const scatter: Composite = {
  rewrite: ({ node, builder, input }) => {
    const axis = intAttribute(node, 'axis', undefined);
    return [builder.scatterElements([input(0), input(1), input(2)], { axis })];
  },
};

/** GatherElements, ScatterElements, Scatter, TopK. */
export const elementIndexings: Readonly<Record<string, Operator | Composite>> = {
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
  Scatter: scatter,
  TopK: topK,
};

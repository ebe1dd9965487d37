/**
 * Operators that pick or surround elements along axes: Slice, Pad, Gather. Each is linear, y = S x with a selection
 * matrix S per axis, and ∂x = Sᵀ g; a regular selection is written without S. The value that Pad puts around x has ∂
 * = Σ g outside.
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { normalizedAxes, normalizedAxis } from '../axes.ts';
import { offsets, unbroadcast } from '../../graph/broadcasting.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import {
  describeNode,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  withAttributes,
  type Node,
} from '../../model/graph.ts';
import type { InferContext, Operator } from '../../graph/operator.ts';
import { elementsAt, sizeOf, tensorOf, valuesOf, type ElementType, type Tensor } from '../../model/tensor.ts';
import { placeTable } from './placeTable.ts';

/** Along one axis: `count` elements from `start` in steps of `step`. */
interface Range {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** The range that Slice takes along every axis. */
function sliceRanges(context: Pick<InferContext, 'node' | 'constant'>, shape: readonly number[]): Range[] {
  const { node, constant } = context;
  const starts = constant(1) ?? [];
  const ends = constant(2) ?? [];
  const axes = normalizedAxes(node, constant(3) ?? starts.map((_, axis) => axis), shape.length);
  const steps = constant(4) ?? starts.map(() => 1);
  return shape.map((size, axis) => {
    const index = axes.indexOf(axis);
    if (index < 0) return { start: 0, step: 1, count: size };
    const step = steps[index] ?? 1;
    const lowest = step < 0 ? -1 : 0;
    const highest = step < 0 ? size - 1 : size;
    const bounded = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, lowest), highest);
    const start = bounded(starts[index] ?? 0);
    return { start, step, count: Math.max(0, Math.ceil((bounded(ends[index] ?? size) - start) / step)) };
  });
}

function constantsOf(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
): Pick<InferContext, 'node' | 'constant'> {
  return {
    node,
    constant: (index) => {
      const tensor = inputs[index];
      return tensor && valuesOf(tensor);
    },
  };
}

/** Surrounds a tensor with zeros, or crops it if a count is negative. */
function zeroPad(
  builder: TensorBuilder,
  name: string,
  pads: { readonly begin: readonly number[]; readonly end: readonly number[] },
): string {
  if ([...pads.begin, ...pads.end].every((count) => count === 0)) return name;
  return builder.pad(name, [...pads.begin, ...pads.end]);
}

/** The adjoint of a range along one axis: puts the slices at their places among zeros. */
function spread(
  builder: TensorBuilder,
  name: string,
  along: { readonly axis: number; readonly size: number; readonly range: Range },
): string {
  const { axis, size, range } = along;
  const { count, step } = range;
  const stride = Math.abs(step);
  const ascending =
    step > 0 ? name : builder.slice(name, { starts: [-1], ends: [-count - 1], axes: [axis], steps: [-1] });
  const first = step > 0 ? range.start : range.start + step * (count - 1);
  const shape = builder.shape(name);
  const only = (rank: number, at: number, value: number) =>
    Array.from({ length: rank }, (_, index) => (index === at ? value : 0));
  let result = ascending;
  if (stride > 1) {
    const open = builder.reshape(ascending, shape.toSpliced(axis + 1, 0, 1));
    const gaps = { begin: only(shape.length + 1, -1, 0), end: only(shape.length + 1, axis + 1, stride - 1) };
    result = builder.reshape(zeroPad(builder, open, gaps), shape.with(axis, count * stride));
  }
  return zeroPad(builder, result, {
    begin: only(shape.length, axis, first),
    end: only(shape.length, axis, size - first - count * stride),
  });
}

const slice: Operator = {
  affine: affineIn([0]),
  upgrade: (node, opset, builder) => {
    if (opset >= 10) return node;
    const starts = intsAttribute(node, 'starts') ?? [];
    const ends = intsAttribute(node, 'ends') ?? [];
    const axes = intsAttribute(node, 'axes') ?? starts.map((_, axis) => axis);
    const inputs = [node.inputs[0] ?? '', builder.ints(starts), builder.ints(ends), builder.ints(axes)];
    return { ...withAttributes(node, ['starts', 'ends', 'axes']), inputs };
  },
  infer: (context) => {
    const { elementType, shape } = context.input(0);
    return [{ elementType, shape: sliceRanges(context, shape).map(({ count }) => count) }];
  },
  fold: (node, inputs) => {
    const [x] = inputs;
    if (x === undefined) return [];
    const ranges = sliceRanges(constantsOf(node, inputs), x.shape);
    const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
    const start = ranges.reduce((sum, range, axis) => sum + range.start * (strides[axis] ?? 0), 0);
    const shape = ranges.map(({ count }) => count);
    const steps = ranges.map(({ step }, axis) => step * (strides[axis] ?? 0));
    return [elementsAt(x, shape, offsets(shape, steps, start))];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const shape = builder.shape(input(0));
    const ranges = sliceRanges(
      constantsOf(
        node,
        node.inputs.map((name) => builder.constantValue(name)),
      ),
      shape,
    );
    return [
      ranges.reduce((g, range, axis) => {
        const size = shape[axis] ?? 0;
        const whole = range.step === 1 && range.count === size;
        return whole ? g : spread(builder, g, { axis: axis + 1, size, range });
      }, cotangent()),
    ];
  },
};

/** 1 at [place, …] for each index, else 0: [size, …shape of the indices] with the new axis at `axis`. */
export function oneHotOf(
  builder: TensorBuilder,
  indices: string,
  {
    size,
    axis,
    elementType,
  }: { readonly size: number; readonly axis: number; readonly elementType: ElementType },
): string {
  // ONNX Runtime has this for float32 and 64-bit integers alone.
  const values = builder.constant(tensorOf('float32', [2], [0, 1]));
  const places = builder.cast(indices, 'int64');
  return builder.cast(builder.oneHot([places, builder.ints([size]), values], axis), elementType);
}

/** Along axes up to this size a product with the selection matrix is faster than adding element by element. */
const LARGEST_SELECTION = 128;

/** The adjoint of picking places along one axis: adds what was picked to its places among `size`. */
function scatterAlong(
  builder: TensorBuilder,
  name: string,
  along: { readonly axis: number; readonly size: number; readonly places: string },
): string {
  const { axis, size, places } = along;
  const { elementType, shape } = builder.type(name);
  const [outer, inner] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const picked = shape[axis] ?? 1;
  const rows = builder.reshape(name, [sizeOf(outer), picked, sizeOf(inner)]);
  if (size > LARGEST_SELECTION) {
    const wide = [sizeOf(outer), picked, sizeOf(inner)];
    const indices = builder.expand(builder.reshape(places, [picked, 1]), wide);
    const zeros = builder.filled(elementType, wide.with(1, size), 0);
    const sums = builder.scatterElements([zeros, indices, rows], { axis: 1, reduction: 'add' });
    return builder.reshape(sums, [...outer, size, ...inner]);
  }
  // Sᵀ, size × picked: repeated places add up in the product.
  const selection = oneHotOf(builder, places, { size, axis: 0, elementType });
  return builder.reshape(builder.matMul(selection, rows), [...outer, size, ...inner]);
}

interface Padding {
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

function padding({ node, constant }: Pick<InferContext, 'node' | 'constant'>, rank: number): Padding {
  const pads = constant(1) ?? [];
  const axes = normalizedAxes(node, constant(3) ?? Array.from({ length: rank }, (_, axis) => axis), rank);
  const at = (axis: number, offset: number) => {
    const index = axes.indexOf(axis);
    return index < 0 ? 0 : (pads[index + offset] ?? 0);
  };
  const every = Array.from({ length: rank }, (_, axis) => axis);
  return { begin: every.map((axis) => at(axis, 0)), end: every.map((axis) => at(axis, axes.length)) };
}

/** The place that position `place` of a padded axis reads, by the mode of the padding. */
function reflectedPlace(mode: string, place: number, size: number): number {
  if (mode === 'edge') return Math.min(Math.max(place, 0), size - 1);
  if (mode === 'wrap') return ((place % size) + size) % size;
  const period = Math.max(1, 2 * (size - 1));
  const folded = ((place % period) + period) % period;
  return folded < size ? folded : period - folded;
}

const pad: Operator = {
  affine: affineIn([0, 2]),
  upgrade: (node, opset, builder) => {
    if (opset >= 11) return node;
    const pads = intsAttribute(node, 'pads') ?? intsAttribute(node, 'paddings') ?? [];
    const [x = ''] = node.inputs;
    const value = builder.scalar(floatAttribute(node, 'value', 0), x);
    return { ...withAttributes(node, ['pads', 'paddings', 'value']), inputs: [x, builder.ints(pads), value] };
  },
  since: (node) => (stringAttribute(node, 'mode', 'constant') === 'wrap' ? 19 : 0),
  infer: (context) => {
    const { elementType, shape } = context.input(0);
    const { begin, end } = padding(context, shape.length);
    return [{ elementType, shape: shape.map((size, axis) => size + (begin[axis] ?? 0) + (end[axis] ?? 0)) }];
  },
  vjp: ({ builder, node, input, needs, cotangent }) => {
    const shape = builder.shape(input(0));
    const constants = constantsOf(
      node,
      node.inputs.map((name) => builder.constantValue(name)),
    );
    const { begin, end } = padding(constants, shape.length);
    const mode = stringAttribute(node, 'mode', 'constant');
    if (mode === 'constant') {
      const negated = (counts: readonly number[]) => [0, ...counts.map((count) => 0 - count)];
      const inside = zeroPad(builder, cotangent(), { begin: negated(begin), end: negated(end) });
      if (!needs(2)) return [inside];
      const total = (name: string) => unbroadcast(builder, name, builder.shape(input(2)));
      return [inside, undefined, builder.sub(total(cotangent()), total(inside))];
    }
    return [
      shape.reduce((g, size, axis) => {
        const [before, after] = [begin[axis] ?? 0, end[axis] ?? 0];
        if (before === 0 && after === 0) return g;
        const table = placeTable(node, size + before + after, (place) =>
          reflectedPlace(mode, place - before, size),
        );
        return scatterAlong(builder, g, { axis: axis + 1, size, places: builder.ints(table) });
      }, cotangent()),
    ];
  },
};

const gather: Operator = {
  affine: affineIn([0]),
  infer: ({ node, input }) => {
    const { elementType, shape } = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
    return [{ elementType, shape: shape.toSpliced(axis, 1, ...input(1).shape) }];
  },
  fold: (node, [x, places]) => {
    if (x === undefined || places === undefined) return [];
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), x.shape.length);
    const size = x.shape[axis] ?? 1;
    const block = sizeOf(x.shape.slice(axis + 1));
    const chosen = valuesOf(places).map((place) => (place < 0 ? place + size : place));
    if (chosen.some((place) => place < 0 || place >= size)) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected indices below ${String(size)}, got ${valuesOf(places).join(', ')}.`,
      );
    }
    const result = Array.from({ length: sizeOf(x.shape.slice(0, axis)) }, (_, outer) =>
      chosen.flatMap((place) => offsets([block], [1], (outer * size + place) * block)),
    ).flat();
    return [elementsAt(x, x.shape.toSpliced(axis, 1, ...places.shape), result)];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const shape = builder.shape(input(0));
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
    const picked = sizeOf(builder.shape(input(1)));
    const [k = 1] = builder.shape(cotangent());
    const flat = builder.reshape(cotangent(), [k, ...shape.with(axis, picked)]);
    const size = shape[axis] ?? 1;
    const constant = builder.constantValue(input(1));
    if (picked === 1 && constant !== undefined) {
      const [place = 0] = valuesOf(constant);
      const range = { start: place < 0 ? place + size : place, step: 1, count: 1 };
      return [spread(builder, flat, { axis: axis + 1, size, range })];
    }
    const places = builder.reshape(input(1), [picked]);
    return [scatterAlong(builder, flat, { axis: axis + 1, size, places })];
  },
};

const oneHot: Operator = {
  infer: ({ node, input, constant }) => {
    const [depth = 1] = constant(1) ?? [];
    const { shape } = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', -1), shape.length + 1);
    return [{ elementType: input(2).elementType, shape: shape.toSpliced(axis, 0, depth) }];
  },
};

/** Slice, Pad, Gather, and OneHot for the adjoint of Gather. */
export const indexings: Readonly<Record<string, Operator>> = {
  Slice: slice,
  Pad: pad,
  Gather: gather,
  OneHot: oneHot,
};

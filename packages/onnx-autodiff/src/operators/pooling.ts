/**
 * Pooling over a window that moves, and over the whole of space.
 *
 *     MaxPool            ∂x = Σ over windows of g where x is the window's first maximum
 *     AveragePool        ∂x = Σ over windows of g / (number of values averaged)
 *     GlobalMaxPool      ∂x = g at the first maximum
 *     GlobalAveragePool  ∂x = g / (number of values)
 */
import { reshaped } from '../broadcasting.ts';
import type { GraphBuilder } from '../graphBuilder.ts';
import { intAttribute, intsAttribute, withAttributes, type Node } from '../graph.ts';
import type { InferContext, Operator, VjpContext } from '../operator.ts';
import { sizeOf, tensorOf, type TensorType } from '../tensor.ts';
import { cast } from './cast.ts';
import {
  indices,
  readPosition,
  transposeAttributes,
  windowOf,
  withExplicitPads,
  type Window,
} from './window.ts';

function upgrade(node: Node, _: number, builder: GraphBuilder): Node {
  const kernel = intsAttribute(node, 'kernel_shape') ?? [];
  return withExplicitPads(node, builder.shape(node.inputs[0] ?? '').slice(2), kernel);
}

function windowOn(node: Node, shape: readonly number[]): Window {
  return windowOf(node, shape.slice(2), intsAttribute(node, 'kernel_shape') ?? []);
}

function inferPool({ node, input }: InferContext): TensorType {
  const { elementType, shape } = input(0);
  return { elementType, shape: [...shape.slice(0, 2), ...windowOn(node, shape).output] };
}

/** Whether the windows tile the input: no value lies in two of them or in none. */
function tiles({ input, kernel, strides, dilations, begin, end, output }: Window): boolean {
  return input.every(
    (size, axis) =>
      kernel[axis] === strides[axis] &&
      (dilations[axis] === 1 || kernel[axis] === 1) &&
      begin[axis] === 0 &&
      end[axis] === 0 &&
      (output[axis] ?? 0) * (kernel[axis] ?? 0) === size,
  );
}

/**
 * Adds up per-window values [M, window area, …output] at the places that the windows read, giving [M, …input].
 */
function scatterWindows(builder: GraphBuilder, values: string, window: Window): string {
  const [m = 1, area = 1] = builder.shape(values);
  const { kernel, output, input } = window;
  if (tiles(window)) {
    const split = reshaped(builder, values, [m, ...kernel, ...output]);
    const perm = [0, ...output.flatMap((_, axis) => [1 + kernel.length + axis, 1 + axis])];
    return reshaped(builder, builder.emit('Transpose', [split], { perm: { ints: perm } }), [m, ...input]);
  }
  const identity = Array.from({ length: area * area }, (_, index) => Number(index % (area + 1) === 0));
  const { elementType } = builder.type(values);
  const oneHot = builder.constant(tensorOf(elementType, [area, 1, ...kernel], identity));
  return reshaped(builder, builder.emit('ConvTranspose', [values, oneHot], transposeAttributes(window)), [
    m,
    ...input,
  ]);
}

/** 1 where a window's maximum comes from, [N, C, window area, …output]; every window has exactly one. */
function maximumMask({ builder, node, input }: VjpContext, window: Window): string {
  const [n = 1, c = 1] = builder.shape(input(0));
  const area = sizeOf(window.kernel);
  const attributes = withAttributes(node, ['storage_order']).attributes;
  const [, found = ''] = builder.emitAll('MaxPool', [input(0)], { attributes, outputs: 2 });
  const place = sizeOf(window.input);
  const bases = Array.from({ length: n * c }, (_, index) => index * place);
  const base = builder.constant(tensorOf('int64', [n, c, ...window.output.map(() => 1)], bases));
  const local = reshaped(builder, builder.emit('Sub', [found, base]), [n, c, 1, ...window.output]);
  const positions = indices([...window.kernel, ...window.output]).map((tuple) => {
    const [offset, output] = [tuple.slice(0, window.kernel.length), tuple.slice(window.kernel.length)];
    return window.input.reduce((index, size, axis) => {
      const position = readPosition(window, axis, { output: output[axis] ?? 0, offset: offset[axis] ?? 0 });
      return index < 0 || position < 0 || position >= size ? -1 : index * size + position;
    }, 0);
  });
  const read = builder.constant(tensorOf('int64', [area, ...window.output], positions));
  return cast(builder, builder.emit('Equal', [local, read]), builder.type(input(0)).elementType);
}

const maxPool: Operator = {
  upgrade,
  infer: (context) => {
    const type = inferPool(context);
    return [type, { elementType: 'int64', shape: type.shape }];
  },
  vjp: (context) => {
    const { builder, node, input, cotangent } = context;
    const shape = builder.shape(input(0));
    const window = windowOn(node, shape);
    const [k = 1, n = 1, c = 1] = builder.shape(cotangent());
    const area = sizeOf(window.kernel);
    const g = reshaped(builder, cotangent(), [k, n, c, 1, ...window.output]);
    const chosen = builder.emit('Mul', [g, maximumMask(context, window)]);
    const values = reshaped(builder, chosen, [k * n * c, area, ...window.output]);
    return [reshaped(builder, scatterWindows(builder, values, window), [k, ...shape])];
  },
};

/** How many values each window averages. */
function averagedCounts(node: Node, window: Window): number[] {
  const withPadding = intAttribute(node, 'count_include_pad', 0) !== 0;
  return indices(window.output).map((output) =>
    window.input.reduce((product, size, axis) => {
      const low = withPadding ? -(window.begin[axis] ?? 0) : 0;
      const high = size + (withPadding ? (window.end[axis] ?? 0) : 0);
      const read = Array.from({ length: window.kernel[axis] ?? 1 }, (_, offset) =>
        readPosition(window, axis, { output: output[axis] ?? 0, offset }),
      );
      return product * read.filter((position) => position >= low && position < high).length;
    }, 1),
  );
}

const averagePool: Operator = {
  upgrade,
  infer: (context) => [inferPool(context)],
  vjp: ({ builder, node, input, cotangent }) => {
    const shape = builder.shape(input(0));
    const window = windowOn(node, shape);
    const [k = 1, n = 1, c = 1] = builder.shape(cotangent());
    const { elementType } = builder.type(input(0));
    const shares = averagedCounts(node, window).map((count) => 1 / count);
    const shared = builder.emit('Mul', [
      cotangent(),
      builder.constant(tensorOf(elementType, window.output, shares)),
    ]);
    const values = reshaped(builder, shared, [k * n * c, 1, ...window.output]);
    const ones = builder.constant(
      tensorOf(elementType, [1, 1, ...window.kernel], new Array<number>(sizeOf(window.kernel)).fill(1)),
    );
    const spread = builder.emit('ConvTranspose', [values, ones], transposeAttributes(window));
    return [reshaped(builder, spread, [k, ...shape])];
  },
};

const inferGlobal = ({ input }: InferContext): readonly TensorType[] => {
  const { elementType, shape } = input(0);
  return [{ elementType, shape: shape.map((size, axis) => (axis < 2 ? size : 1)) }];
};

const globalAveragePool: Operator = {
  infer: inferGlobal,
  vjp: ({ builder, input, cotangent }) => {
    const { elementType, shape } = builder.type(input(0));
    const space = shape.slice(2);
    const shares = new Array<number>(sizeOf(space)).fill(1 / sizeOf(space));
    return [builder.emit('Mul', [cotangent(), builder.constant(tensorOf(elementType, space, shares))])];
  },
};

const globalMaxPool: Operator = {
  infer: inferGlobal,
  vjp: ({ builder, input, cotangent }) => {
    const { elementType, shape } = builder.type(input(0));
    const [n = 1, c = 1, ...space] = shape;
    const [k = 1] = builder.shape(cotangent());
    const flat = reshaped(builder, input(0), [n, c, sizeOf(space)]);
    const first = builder.emit('ArgMax', [flat], { axis: { int: 2 }, keepdims: { int: 1 } });
    const places = builder.constant(
      tensorOf(
        'int64',
        [sizeOf(space)],
        Array.from({ length: sizeOf(space) }, (_, index) => index),
      ),
    );
    const mask = cast(builder, builder.emit('Equal', [first, places]), elementType);
    const values = builder.emit('Mul', [reshaped(builder, cotangent(), [k, n, c, 1]), mask]);
    return [reshaped(builder, values, [k, ...shape])];
  },
};

/** MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool. */
export const poolings: Readonly<Record<string, Operator>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalMaxPool: globalMaxPool,
  GlobalAveragePool: globalAveragePool,
};

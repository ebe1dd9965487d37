/**
 * Pooling over a moving window, and over the whole of space.
 *
 *     MaxPool            ∂x = Σ over windows of g where x is the window's first maximum
 *     AveragePool        ∂x = Σ over windows of g / (number of values averaged)
 *     GlobalMaxPool      ∂x = g at the first maximum
 *     GlobalAveragePool  ∂x = g / (number of values)
 */
import { affineIn } from '../../graph/affine.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { intAttribute, intsAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { InferContext, Operator, VjpContext } from '../../graph/operator.ts';
import { sizeOf, tensorOf, type TensorType } from '../../model/tensor.ts';
import { isLongSum } from '../reductions/longSums.ts';
import { oneHotOf } from '../indexing/placing.ts';
import { placeTable } from '../indexing/placeTable.ts';
import { repeated } from '../resampling/resizing.ts';
import { readPosition, transposeAttributes, windowOf, withExplicitPads, type Window } from './window.ts';

/** The node of a pooling with its padding as numbers. */
export function withPoolPads(node: Node, _: number, builder: TensorBuilder): Node {
  const kernelShape = intsAttribute(node, 'kernel_shape') ?? [];
  return withExplicitPads(node, builder.shape(node.inputs[0] ?? '').slice(2), kernelShape);
}

/** The window of a pooling on a tensor [N, C, …space]. */
export function poolWindow(node: Node, shape: readonly number[]): Window {
  return windowOf(node, shape.slice(2), intsAttribute(node, 'kernel_shape') ?? []);
}

/** The type of a pooling's output. */
export function inferPool({ node, input }: InferContext): TensorType {
  const { elementType, shape } = input(0);
  return { elementType, shape: [...shape.slice(0, 2), ...poolWindow(node, shape).output] };
}

/** Whether the windows tile an image: no value lies in two of them or in none. */
function tiles({ input, kernelShape, strides, dilations, begin, end, output }: Window): boolean {
  const isImage = input.length === 2;
  return (
    isImage &&
    input.every(
      (size, axis) =>
        kernelShape[axis] === strides[axis] &&
        (dilations[axis] === 1 || kernelShape[axis] === 1) &&
        begin[axis] === 0 &&
        end[axis] === 0 &&
        (output[axis] ?? 0) * (kernelShape[axis] ?? 0) === size,
    )
  );
}

/** 0, step, 2 step, … below the end. */
function range(builder: TensorBuilder, end: number, step: number): string {
  const integer = (value: number) => builder.constant(tensorOf('int64', [], [value]));
  return builder.range(integer(0), integer(end), integer(step));
}

/**
 * Adds up per-window values [M, window area, …output] at the places that the windows read, giving [M, …input].
 */
export function scatterWindows(builder: TensorBuilder, values: string, window: Window): string {
  const [m = 1, area = 1] = builder.shape(values);
  const { kernelShape, input } = window;
  // One channel for each place of the window, with a weight of 1 there and 0 elsewhere.
  const places = range(builder, area, 1);
  const { elementType } = builder.type(values);
  const oneHot = builder.reshape(oneHotOf(builder, places, { size: area, axis: 1, elementType }), [
    area,
    1,
    ...kernelShape,
  ]);
  return builder.reshape(builder.convTranspose(values, oneHot, transposeAttributes(window)), [m, ...input]);
}

/** Repeats a value for each window over the places of that window: […, …output] → [M, 1, …input]. */
function repeatOverTiles(builder: TensorBuilder, values: string, { kernelShape, output }: Window): string {
  const m = sizeOf(builder.shape(values)) / sizeOf(output);
  return repeated(builder, builder.reshape(values, [m, 1, ...output]), kernelShape);
}

/** Adds every window's value to all the places that the window reads: [K, N, C, …output] → [K, N, C, …input]. */
export function sumOverWindows(builder: TensorBuilder, values: string, window: Window): string {
  const { elementType, shape } = builder.type(values);
  const wide = [...shape.slice(0, 3), ...window.input];
  if (tiles(window)) return builder.reshape(repeatOverTiles(builder, values, window), wide);
  const rows = builder.reshape(values, [sizeOf(shape.slice(0, 3)), 1, ...window.output]);
  const ones = builder.filled(elementType, [1, 1, ...window.kernelShape], 1);
  const spread = builder.convTranspose(rows, ones, transposeAttributes(window));
  return builder.reshape(spread, wide);
}

/** Smaller than any sum of places. */
const OUTSIDE = -(2 ** 50);

/** The place in the flat input that each window reads at each of its offsets, [window area, …output]; negative outside. */
function readPlaces({ builder, node }: VjpContext, window: Window): string {
  const { kernelShape, output, input } = window;
  const perAxis = input.map((size, axis) => {
    const [offsets = 1, places = 1] = [kernelShape[axis], output[axis]];
    const stride = sizeOf(input.slice(axis + 1));
    const table = placeTable(node, offsets * places, (index) => {
      const position = readPosition(window, axis, {
        offset: Math.floor(index / places),
        output: index % places,
      });
      return position < 0 || position >= size ? OUTSIDE : position * stride;
    });
    const ones = [...kernelShape, ...output].fill(1);
    return builder.constant(
      tensorOf('int64', ones.with(axis, offsets).with(axis + kernelShape.length, places), table),
    );
  });
  const sum = perAxis.reduce((total, axis) => builder.add(total, axis));
  return builder.reshape(sum, [sizeOf(kernelShape), ...output]);
}

/** 1 at the place of a window's maximum, [N, C, window area, …output]; every window has exactly one. */
function maximumMask(context: VjpContext, window: Window): string {
  const { builder, node, input } = context;
  const [n = 1, c = 1] = builder.shape(input(0));
  const plain = withAttributes(node, ['storage_order']);
  const [, found = ''] = builder.copy(plain, { inputs: [input(0)], outputs: 2 });
  // ONNX counts the places of all channels of all samples in one row.
  const place = sizeOf(window.input);
  const bases = builder.reshape(range(builder, n * c * place, place), [n, c, ...window.output.map(() => 1)]);
  const local = builder.reshape(builder.sub(found, bases), [n, c, 1, ...window.output]);
  const chosen = builder.equal(local, readPlaces(context, window));
  return builder.cast(chosen, builder.type(input(0)).elementType);
}

const maxPool: Operator = {
  upgrade: withPoolPads,
  infer: (context) => {
    const type = inferPool(context);
    return [type, { elementType: 'int64', shape: type.shape }];
  },
  vjp: (context) => {
    const { builder, node, input, cotangent } = context;
    const shape = builder.shape(input(0));
    const window = poolWindow(node, shape);
    const [k = 1, n = 1, c = 1] = builder.shape(cotangent());
    const area = sizeOf(window.kernelShape);
    const mask = maximumMask(context, window);
    if (tiles(window)) {
      // The mask takes its place in the image once for all K cotangents, which then only need to be repeated.
      const places = scatterWindows(builder, builder.reshape(mask, [n * c, area, ...window.output]), window);
      const wide = repeatOverTiles(builder, cotangent(), window);
      return [builder.mul(builder.reshape(wide, [k, ...shape]), builder.reshape(places, shape))];
    }
    const g = builder.reshape(cotangent(), [k, n, c, 1, ...window.output]);
    const values = builder.reshape(builder.mul(g, mask), [k * n * c, area, ...window.output]);
    return [builder.reshape(scatterWindows(builder, values, window), [k, ...shape])];
  },
};

/** The inverse of the number that each window's sum is divided by, […output]. */
function averageShares({ builder, node, input }: VjpContext, window: Window): string {
  const { elementType } = builder.type(input(0));
  const withPadding = intAttribute(node, 'count_include_pad', 0) !== 0;
  const perAxis = window.input.map((size, axis) => {
    const low = withPadding ? -(window.begin[axis] ?? 0) : 0;
    const high = size + (withPadding ? (window.end[axis] ?? 0) : 0);
    const [offsets = 1, places = 1, step = 1] = [
      window.kernelShape[axis],
      window.output[axis],
      window.dilations[axis],
    ];
    const shares = placeTable(node, places, (output) => {
      const start = readPosition(window, axis, { output, offset: 0 });
      const first = Math.max(0, Math.ceil((low - start) / step));
      const end = Math.min(offsets, Math.ceil((high - start) / step));
      return 1 / Math.max(1, end - first);
    });
    const shape = window.output.map((_, index) => (index === axis ? places : 1));
    return builder.constant(tensorOf(elementType, shape, shares));
  });
  return perAxis.reduce((product, axis) => builder.mul(product, axis));
}

/** The mean of a window along one spatial axis. */
function averagedAlong(
  builder: TensorBuilder,
  x: string,
  { node, window, axis }: { readonly node: Node; readonly window: Window; readonly axis: number },
): string {
  const { input, kernelShape, strides, dilations, begin, end, output } = window;
  const [size = 1, kernel = 1, before = 0, after = 0] = [input, kernelShape, begin, end].map(
    (values) => values[axis],
  );
  const skipsPadding = intAttribute(node, 'count_include_pad', 0) === 0 || before + after === 0;
  if (output[axis] === 1 && dilations[axis] === 1 && kernel - before >= size && skipsPadding)
    return builder.reduceMean(x, [axis + 2]);
  const along = (values: readonly number[], other: number) => ({
    ints: values.map((value, index) => (index % input.length === axis ? value : other)),
  });
  const attributes = {
    kernel_shape: along(kernelShape, 1),
    strides: along(strides, 1),
    // Before operator set 19 there were no dilations.
    ...('dilations' in node.attributes && { dilations: along(dilations, 1) }),
    pads: along([...begin, ...end], 0),
  };
  return builder.copy(node, { inputs: [x], attributes: { ...node.attributes, ...attributes } })[0] ?? '';
}

const averagePool: Operator = {
  affine: affineIn([0]),
  upgrade: withPoolPads,
  // Operator set 19 brought dilations, and the present meaning of ceil_mode at the end of the padding.
  since: (_, opset) => Math.min(opset, 19),
  infer: (context) => [inferPool(context)],
  inSteps: (node, builder) => {
    const [x = ''] = node.inputs;
    const window = poolWindow(node, builder.shape(x));
    if (!isLongSum(builder, x, sizeOf(window.kernelShape))) return undefined;
    return window.input.reduce((mean, _, axis) => averagedAlong(builder, mean, { node, window, axis }), x);
  },
  vjp: (context) => {
    const { builder, node, input, cotangent } = context;
    const window = poolWindow(node, builder.shape(input(0)));
    const shared = builder.mul(cotangent(), averageShares(context, window));
    return [sumOverWindows(builder, shared, window)];
  },
};

const inferGlobal = ({ input }: InferContext): readonly TensorType[] => {
  const { elementType, shape } = input(0);
  return [{ elementType, shape: shape.map((size, axis) => (axis < 2 ? size : 1)) }];
};

const globalAveragePool: Operator = {
  affine: affineIn([0]),
  infer: inferGlobal,
  inSteps: ({ inputs: [x = ''] }, builder) => {
    const [, , ...space] = builder.shape(x);
    if (!isLongSum(builder, x, sizeOf(space))) return undefined;
    return builder.reduceMean(
      x,
      space.map((_, axis) => axis + 2),
    );
  },
  vjp: ({ builder, input, cotangent }) => {
    const shape = builder.shape(input(0));
    const [k = 1] = builder.shape(cotangent());
    const share = builder.scalar(1 / sizeOf(shape.slice(2)), cotangent());
    const shared = builder.mul(cotangent(), share);
    return [builder.expand(shared, [k, ...shape])];
  },
};

const globalMaxPool: Operator = {
  infer: inferGlobal,
  vjp: ({ builder, input, cotangent }) => {
    const { elementType, shape } = builder.type(input(0));
    const [n = 1, c = 1, ...space] = shape;
    const [k = 1] = builder.shape(cotangent());
    const size = sizeOf(space);
    const flat = builder.reshape(input(0), [n, c, size]);
    const first = builder.argMax(flat, 2);
    const mask = oneHotOf(builder, first, { size, axis: -1, elementType });
    const values = builder.mul(builder.reshape(cotangent(), [k, n, c, 1]), mask);
    return [builder.reshape(values, [k, ...shape])];
  },
};

/** MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool. */
export const poolings: Readonly<Record<string, Operator>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalMaxPool: globalMaxPool,
  GlobalAveragePool: globalAveragePool,
};

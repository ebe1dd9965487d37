/**
 * Slice, y = S x with a regular selection S per axis: ∂x = Sᵀ g, the slices of g at their places among zeros.
 */
import { affineIn } from '../../graph/affine.ts';
import { offsets } from '../../graph/broadcasting.ts';
import type { InferContext, Operator } from '../../graph/operator.ts';
import { intsAttribute, withAttributes } from '../../model/graph.ts';
import { elementsAt, sizeOf } from '../../model/tensor.ts';
import { normalizedAxes } from '../axes.ts';
import { constantsOf, knownInputs } from '../constantsOf.ts';
import { spread, type Range } from './placing.ts';

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
    const ranges = sliceRanges(knownInputs(builder, node), shape);
    return [
      ranges.reduce((g, range, axis) => {
        const size = shape[axis] ?? 0;
        const whole = range.step === 1 && range.count === size;
        return whole ? g : spread(builder, g, { axis: axis + 1, size, range });
      }, cotangent()),
    ];
  },
};

/** Slice. */
export const slices: Readonly<Record<string, Operator>> = { Slice: slice };

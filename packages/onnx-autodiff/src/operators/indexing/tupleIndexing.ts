/**
 * Operators whose indices are tuples, each of which names a slice. All use one form: the tensor as rows [S, R], the
 * tuples as row numbers.
 *
 *     GatherND             is Gather of rows
 *     ScatterND            y = x with the rows u at i      ∂x = g, 0 at i      ∂u = g at i
 *       add, mul, min, max are ScatterElements: ONNX Runtime adds to a row that is named twice from several threads at
 *                          once, and loses some of the sums
 *     MaxUnpool            is ScatterElements of all numbers in one row
 *     Compress             is Gather, of a known condition
 */
import { affineUpdates } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, intsAttribute, type Node } from '../../model/graph.ts';
import type { Composite, Operator, RewriteContext } from '../../graph/operator.ts';
import { sizeOf, tensorOf, type TensorType } from '../../model/tensor.ts';
import { scatterReduction } from './elementIndexing.ts';
import { placeTable } from './placeTable.ts';

type Shape = readonly number[];

/** The parts of a shape that tuples index: axes that they share, axes that they name, and the slice that is left. */
interface Tupled {
  readonly batch: Shape;
  readonly named: Shape;
  readonly slice: Shape;
  /** The shape of the tuples, without their length. */
  readonly tuples: Shape;
}

function tupled(node: Node, shape: Shape, indices: Shape): Tupled {
  const batchDims = intAttribute(node, 'batch_dims', 0);
  const length = indices.at(-1) ?? 0;
  const batch = shape.slice(0, batchDims);
  const fits =
    batchDims >= 0 &&
    batchDims < indices.length &&
    length >= 1 &&
    batchDims + length <= shape.length &&
    batch.every((size, axis) => size === indices[axis]);
  if (!fits) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected indices that fit the shape [${shape.join(', ')}] beyond ${String(batchDims)} axes, got the shape [${indices.join(', ')}].`,
    );
  }
  return {
    batch,
    named: shape.slice(batchDims, batchDims + length),
    slice: shape.slice(batchDims + length),
    tuples: indices.slice(0, -1),
  };
}

/** The row that each tuple names, as a vector: negative indices count from the end. */
function rowNumbers(
  builder: TensorBuilder,
  node: Node,
  parts: Tupled & { readonly indices: string },
): string {
  const { batch, named, tuples, indices } = parts;
  const integer = (values: Shape) => builder.constant(tensorOf('int64', [values.length], values));
  const isNegative = builder.less(indices, 0);
  const wrapped = builder.where(isNegative, builder.add(indices, integer(named)), indices);
  const strides = integer(named.map((_, axis) => sizeOf(named.slice(axis + 1))));
  const weighted = named.length === 1 ? wrapped : builder.mul(wrapped, strides);
  const local =
    named.length === 1
      ? builder.reshape(weighted, tuples)
      : builder.reduceSum(weighted, [-1], { keepDims: false });
  const count = sizeOf(batch);
  const flat = builder.reshape(local, [count, sizeOf(tuples) / Math.max(1, count)]);
  if (count <= 1) return builder.reshape(flat, [sizeOf(tuples)]);
  const starts = placeTable(node, count, (place) => place * sizeOf(named));
  const all = builder.add(flat, builder.constant(tensorOf('int64', [count, 1], starts)));
  return builder.reshape(all, [sizeOf(tuples)]);
}

const gatherND: Composite = {
  rewrite: ({ node, builder, input }) => {
    const shape = builder.shape(input(0));
    const parts = tupled(node, shape, builder.shape(input(1)));
    const { batch, named, slice, tuples } = parts;
    const rows = builder.reshape(input(0), [sizeOf(batch) * sizeOf(named), ...slice]);
    const picked = builder.gather(rows, rowNumbers(builder, node, { ...parts, indices: input(1) }), 0);
    return [builder.reshape(picked, [...tuples, ...slice])];
  },
};

const scatterND: Operator = {
  affine: affineUpdates,
  upgrade: (node, _, builder) => {
    const [x = '', indices = '', updates = ''] = node.inputs;
    const shape = builder.shape(x);
    const parts = tupled(node, shape, builder.shape(indices));
    const { named, slice, tuples } = parts;
    const expected = [...tuples, ...slice];
    if (builder.shape(updates).join() !== expected.join()) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected updates of the shape [${expected.join(', ')}], got [${builder.shape(updates).join(', ')}].`,
      );
    }
    const [count, size] = [sizeOf(tuples), sizeOf(slice)];
    const numbers = builder.reshape(rowNumbers(builder, node, { ...parts, indices }), [count, 1]);
    const rows = builder.reshape(x, [sizeOf(named), size]);
    const values = builder.reshape(updates, [count, size]);
    const reduction = scatterReduction(node);
    const scattered =
      reduction === 'none'
        ? builder.scatterND(rows, numbers, values)
        : builder.scatterElements([rows, builder.expand(numbers, [count, size]), values], {
            axis: 0,
            reduction: reduction,
          });
    const inputs = [scattered, builder.ints(shape)];
    return { ...node, opType: 'Reshape', inputs, attributes: { allowzero: { int: 1 } } };
  },
  infer: ({ input }) => [input(0)],
  // The form that `upgrade` has given it.
  vjp: ({ builder, input, needs, cotangent }) => {
    const { elementType, shape } = builder.type(input(0));
    const [count = 0] = builder.shape(input(1));
    const filled = (size: number, value: number) => builder.filled(elementType, [size, 1], value);
    const data = () => {
      const kept = builder.scatterND(filled(shape[0] ?? 0, 1), input(1), filled(count, 0));
      return builder.mul(cotangent(), kept);
    };
    const updates = () => builder.gather(cotangent(), builder.reshape(input(1), [count]), 1);
    return [needs(0) ? data() : undefined, undefined, needs(2) ? updates() : undefined];
  },
};

/** The shape to put values back into: the given one, or the one that the window came from. */
function unpooledShape({ node, builder, input, constant }: RewriteContext): Shape {
  const [n = 1, c = 1, ...space] = builder.shape(input(0));
  const given = constant(2);
  if (given !== undefined) return given;
  const kernelShape = intsAttribute(node, 'kernel_shape') ?? [];
  const strides = intsAttribute(node, 'strides') ?? space.map(() => 1);
  const pads = intsAttribute(node, 'pads') ?? [...space, ...space].map(() => 0);
  const sizes = space.map(
    (size, axis) =>
      (size - 1) * (strides[axis] ?? 1) +
      (kernelShape[axis] ?? 1) -
      (pads[axis] ?? 0) -
      (pads[axis + space.length] ?? 0),
  );
  return [n, c, ...sizes];
}

const maxUnpool: Composite = {
  rewrite: (context) => {
    const { node, builder, input } = context;
    const { elementType, shape } = builder.type(input(0));
    const output: TensorType = { elementType, shape: unpooledShape(context) };
    const isShape = output.shape.every((size) => Number.isSafeInteger(size) && size >= 1);
    if (!isShape || output.shape.length !== shape.length) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected a window that leads to a shape of ${String(shape.length)} sizes, got [${output.shape.join(', ')}].`,
      );
    }
    const flat = (name: string) => builder.reshape(name, [sizeOf(builder.shape(name))]);
    const zeros = builder.filled(elementType, [sizeOf(output.shape)], 0);
    const scattered = builder.scatterElements([zeros, flat(input(1)), flat(input(0))]);
    return [builder.reshape(scattered, output.shape)];
  },
};

const compress: Composite = {
  rewrite: ({ node, builder, input, constant }) => {
    const axis = intAttribute(node, 'axis', undefined);
    const shape = builder.shape(input(0));
    const x = axis === undefined ? builder.reshape(input(0), [sizeOf(shape)]) : input(0);
    const along = axis === undefined ? 0 : normalizedAxis(node, axis, shape.length);
    const size = builder.shape(x)[along] ?? 0;
    const chosen = (constant(1) ?? []).flatMap((value, place) => (value === 0 ? [] : [place]));
    if (chosen.every((place) => place < size)) return [builder.gather(x, builder.ints(chosen), along)];
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected a condition that chooses among ${String(size)} slices, got one that is true at ${String(chosen.at(-1))}.`,
    );
  },
};

/** GatherND, ScatterND, MaxUnpool, Compress. */
export const tupleIndexings: Readonly<Record<string, Operator | Composite>> = {
  GatherND: gatherND,
  ScatterND: scatterND,
  MaxUnpool: maxUnpool,
  Compress: compress,
};

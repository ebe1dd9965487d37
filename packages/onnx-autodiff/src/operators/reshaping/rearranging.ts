/**
 * Operators that move or repeat whole slices: Transpose, Concat, Split, Expand, Tile. Each is linear; ∂x is its adjoint.
 *
 *     Transpose by π     ∂x = g transposed by π⁻¹
 *     Concat             ∂xᵢ = the slice of g that holds xᵢ
 *     Split              ∂x = the cotangents of the parts, side by side
 *     Expand, Tile       ∂x = g summed over the repeats
 */
import { affineIn, affineInAll } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import { broadcastShapes, broadcastStrides, offsets, unbroadcast } from '../../graph/broadcasting.ts';
import { describeNode, intAttribute, intsAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { Operator } from '../../graph/operator.ts';
import { elementsAt, sizeOf, tensorOf, valuesOf } from '../../model/tensor.ts';

function permutation(node: Node, rank: number): readonly number[] {
  const perm = intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (perm.length === rank && perm.every((_, axis) => perm.includes(axis))) return perm;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected a permutation of ${String(rank)} axes, got [${perm.join(', ')}].`,
  );
}

const transpose: Operator = {
  affine: affineIn([0]),
  infer: ({ node, input }) => {
    const { elementType, shape } = input(0);
    return [{ elementType, shape: permutation(node, shape.length).map((axis) => shape[axis] ?? 1) }];
  },
  fold: (node, [x]) => {
    if (x === undefined) return [];
    const perm = permutation(node, x.shape.length);
    const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
    const shape = perm.map((axis) => x.shape[axis] ?? 1);
    return [
      elementsAt(
        x,
        shape,
        offsets(
          shape,
          perm.map((axis) => strides[axis] ?? 0),
        ),
      ),
    ];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const perm = permutation(node, builder.shape(input(0)).length);
    const inverse = perm.map((_, axis) => perm.indexOf(axis) + 1);
    return [builder.transpose(cotangent(), [0, ...inverse])];
  },
};

const concat: Operator = {
  affine: affineInAll,
  upgrade: (node) => ('axis' in node.attributes ? node : withAttributes(node, [], { axis: { int: 1 } })),
  infer: ({ node, input, inputs }) => {
    const { elementType, shape } = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 1), shape.length);
    const joined = (other: readonly number[]) => other.with(axis, 0).join() === shape.with(axis, 0).join();
    if (!inputs.every((type) => type?.shape.length === shape.length && joined(type.shape))) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected shapes that differ along axis ${String(axis)} alone, got ${inputs.map((type) => `[${type?.shape.join(', ') ?? ''}]`).join(', ')}.`,
      );
    }
    const size = inputs.reduce((sum, type) => sum + (type?.shape[axis] ?? 0), 0);
    return [{ elementType, shape: shape.with(axis, size) }];
  },
  fold: (node, inputs) => {
    const tensors = inputs.filter((tensor) => tensor !== undefined);
    const [first] = tensors;
    if (first === undefined) return [];
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 1), first.shape.length);
    const outer = sizeOf(first.shape.slice(0, axis));
    const parts = tensors.map((tensor) => ({
      values: valuesOf(tensor),
      block: sizeOf(tensor.shape.slice(axis)),
    }));
    const values = Array.from({ length: outer }, (_, index) =>
      parts.flatMap(({ values: part, block }) => part.slice(index * block, (index + 1) * block)),
    ).flat();
    const size = tensors.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    return [tensorOf(first.elementType, first.shape.with(axis, size), values)];
  },
  vjp: ({ builder, node, needs, cotangent }) => {
    const shapes = node.inputs.map((name) => builder.shape(name));
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 1), shapes[0]?.length ?? 0);
    let start = 0;
    return shapes.map((shape, index) => {
      const end = start + (shape[axis] ?? 0);
      const slice = needs(index)
        ? builder.slice(cotangent(), { starts: [start], ends: [end], axes: [axis + 1] })
        : undefined;
      start = end;
      return slice;
    });
  },
};

const split: Operator = {
  affine: affineIn([0]),
  upgrade: (node, _, builder) => {
    if (node.inputs.length > 1) return node;
    const [x = ''] = node.inputs;
    const shape = builder.shape(x);
    const size = shape[normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length)] ?? 0;
    const parts = node.outputs.length;
    const chunk = Math.ceil(size / parts);
    const equal = Array.from({ length: parts }, (_, index) =>
      Math.max(0, Math.min(chunk, size - index * chunk)),
    );
    const sizes = intsAttribute(node, 'split') ?? equal;
    return { ...withAttributes(node, ['split', 'num_outputs']), inputs: [x, builder.ints(sizes)] };
  },
  infer: ({ node, input, constant }) => {
    const { elementType, shape } = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
    const sizes = constant(1) ?? [];
    const whole = shape[axis] ?? 0;
    if (sizes.length !== node.outputs.length || sizes.reduce((sum, size) => sum + size, 0) !== whole) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected ${String(node.outputs.length)} sizes that add up to ${String(whole)}, got [${sizes.join(', ')}].`,
      );
    }
    return sizes.map((size) => ({ elementType, shape: shape.with(axis, size) }));
  },
  fold: (node, [x, sizes]) => {
    if (x === undefined || sizes === undefined) return [];
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), x.shape.length);
    const strides = x.shape.map((_, index) => sizeOf(x.shape.slice(index + 1)));
    let start = 0;
    return valuesOf(sizes).map((size) => {
      const shape = x.shape.with(axis, size);
      const part = elementsAt(x, shape, offsets(shape, strides, start * (strides[axis] ?? 1)));
      start += size;
      return part;
    });
  },
  vjp: ({ builder, node, input, cotangents }) => {
    const rank = builder.shape(input(0)).length;
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), rank);
    const known = cotangents.find((name) => name !== undefined) ?? '';
    const [k = 1] = builder.shape(known);
    const sizes = builder.constantValue(node.inputs[1] ?? '');
    const { elementType, shape } = builder.type(input(0));
    const parts = (sizes === undefined ? [] : valuesOf(sizes)).map(
      (size, index) => cotangents[index] ?? builder.filled(elementType, [k, ...shape.with(axis, size)], 0),
    );
    return [builder.concat(parts, axis + 1)];
  },
};

const expand: Operator = {
  affine: affineIn([0]),
  infer: ({ node, input, constant }) => [
    { elementType: input(0).elementType, shape: broadcastShapes(node, input(0).shape, constant(1) ?? []) },
  ],
  fold: (node, [x, target]) => {
    if (x === undefined || target === undefined) return [];
    const shape = broadcastShapes(node, x.shape, valuesOf(target));
    return [elementsAt(x, shape, offsets(shape, broadcastStrides(x.shape, shape)))];
  },
  vjp: ({ builder, input, cotangent }) => [unbroadcast(builder, cotangent(), builder.shape(input(0)))],
};

const tile: Operator = {
  affine: affineIn([0]),
  infer: ({ node, input, constant }) => {
    const { elementType, shape } = input(0);
    const repeats = constant(1) ?? [];
    if (repeats.length !== shape.length) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected ${String(shape.length)} numbers of repeats, got [${repeats.join(', ')}].`,
      );
    }
    return [{ elementType, shape: shape.map((size, axis) => size * (repeats[axis] ?? 1)) }];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const shape = builder.shape(input(0));
    const output = builder.shape(node.outputs[0] ?? '');
    const [k = 1] = builder.shape(cotangent());
    // Each axis in two: the repeats, which are summed, and the places within one.
    const halves = shape.flatMap((size, axis) => [size === 0 ? 0 : (output[axis] ?? 0) / size, size]);
    const split = builder.reshape(cotangent(), [k, ...halves]);
    const repeats = shape.map((_, axis) => 2 * axis + 1);
    return [shape.length === 0 ? split : builder.reduceSum(split, repeats, { keepDims: false })];
  },
};

/** Transpose, Concat, Split, Expand, Tile. */
export const rearrangings: Readonly<Record<string, Operator>> = {
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Expand: expand,
  Tile: tile,
};

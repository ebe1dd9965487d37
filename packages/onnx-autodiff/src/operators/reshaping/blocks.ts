/**
 * Operators that move blocks of an image: all are written in simpler ones.
 *
 *     DepthToSpace, SpaceToDepth   Reshape, Transpose, Reshape
 *     Col2Im                       the blocks added up at their places: ConvTranspose with unit weights
 *     CenterCropPad                Pad; negative numbers crop
 */
import { EdjmError } from '@edjm/core';
import { normalizedAxes } from '../axes.ts';
import { describeNode, intAttribute, intsAttribute, stringAttribute, type Node } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { sizeOf } from '../../model/tensor.ts';
import { scatterWindows } from '../windows/pooling.ts';
import { windowOf } from '../windows/window.ts';

type Shape = readonly number[];

/** An image [n, c, h, w] cut up, its axes in another order, and put together again. */
function rearranged(
  { builder, input }: RewriteContext,
  parts: { readonly cut: Shape; readonly perm: Shape; readonly output: Shape },
): string {
  const cut = builder.reshape(input(0), parts.cut);
  const transposed = builder.transpose(cut, parts.perm);
  return builder.reshape(transposed, parts.output);
}

/** The block size, which must divide the given sizes of an image. */
function blockSize(node: Node, shape: Shape, divides: (block: number) => Shape): number {
  const block = intAttribute(node, 'blocksize', 0);
  const fits = block >= 1 && shape.length === 4 && divides(block).every((rest) => rest === 0);
  if (fits) return block;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected an image [N, C, H, W] that blocks of ${String(block)} fill, got the shape [${shape.join(', ')}].`,
  );
}

const depthToSpace: Composite = {
  rewrite: (context) => {
    const { node, builder, input } = context;
    const shape = builder.shape(input(0));
    const [n = 1, c = 1, h = 1, w = 1] = shape;
    const block = blockSize(node, shape, (size) => [c % (size * size)]);
    const depth = c / (block * block);
    const output = [n, depth, h * block, w * block];
    return stringAttribute(node, 'mode', 'DCR') === 'CRD'
      ? [rearranged(context, { cut: [n, depth, block, block, h, w], perm: [0, 1, 4, 2, 5, 3], output })]
      : [rearranged(context, { cut: [n, block, block, depth, h, w], perm: [0, 3, 4, 1, 5, 2], output })];
  },
};

const spaceToDepth: Composite = {
  rewrite: (context) => {
    const { node, builder, input } = context;
    const shape = builder.shape(input(0));
    const [n = 1, c = 1, h = 1, w = 1] = shape;
    const block = blockSize(node, shape, (size) => [h % size, w % size]);
    const [rows, columns] = [h / block, w / block];
    const cut = [n, c, rows, block, columns, block];
    const output = [n, c * block * block, rows, columns];
    return stringAttribute(node, 'mode', 'DCR') === 'CRD'
      ? [rearranged(context, { cut, perm: [0, 1, 3, 5, 2, 4], output })]
      : [rearranged(context, { cut, perm: [0, 3, 5, 1, 2, 4], output })];
  },
};

const col2Im: Composite = {
  rewrite: ({ node, builder, input, constant }) => {
    const [n = 1, depth = 1, count = 1] = builder.shape(input(0));
    const [image, block] = [constant(1) ?? [], constant(2) ?? []];
    const window = windowOf(node, image, block);
    const area = sizeOf(block);
    if (depth % area !== 0 || sizeOf(window.output) !== count) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected a multiple of ${String(area)} channels and ${String(sizeOf(window.output))} blocks, got ${String(depth)} and ${String(count)}.`,
      );
    }
    const channels = depth / area;
    const values = builder.reshape(input(0), [n * channels, area, ...window.output]);
    return [builder.reshape(scatterWindows(builder, values, window), [n, channels, ...image])];
  },
};

const centerCropPad: Composite = {
  rewrite: ({ node, builder, input, constant }) => {
    const shape = builder.shape(input(0));
    const target = constant(1) ?? [];
    const axes = normalizedAxes(
      node,
      intsAttribute(node, 'axes') ?? shape.map((_, axis) => axis),
      shape.length,
    );
    if (target.length !== axes.length) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected ${String(axes.length)} sizes, got [${target.join(', ')}].`,
      );
    }
    const missing = shape.map((size, axis) => {
      const index = axes.indexOf(axis);
      return index < 0 ? 0 : (target[index] ?? size) - size;
    });
    // An odd element is added, or cut, at the end.
    const begin = missing.map((count) => Math.trunc(count / 2));
    const end = missing.map((count, axis) => count - (begin[axis] ?? 0));
    return [builder.pad(input(0), [...begin, ...end])];
  },
};

/** DepthToSpace, SpaceToDepth, Col2Im, CenterCropPad. */
export const blockMoves: Readonly<Record<string, Composite>> = {
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Col2Im: col2Im,
  CenterCropPad: centerCropPad,
};

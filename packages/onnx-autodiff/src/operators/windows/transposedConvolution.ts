/**
 * Transposed convolution, the adjoint of a convolution with the same weights, on 1, 2 or 3 spatial axes:
 *
 *     ∂x = Conv(g, w)
 *     ∂w = Conv(gᵀ, xᵀ) with strides and dilations exchanged, gᵀ and xᵀ with batch and channels exchanged
 *     ∂b = Σ g over batch and space
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import type { ConvAttributes } from '../../graph/writer/attributes.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import {
  describeNode,
  intAttribute,
  intsAttribute,
  stringAttribute,
  withAttributes,
  type Node,
} from '../../model/graph.ts';
import type { Operator, VjpContext } from '../../graph/operator.ts';
import { exchangeFirstAxes, groupChannels } from './convolution.ts';

interface Geometry {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Cropped from the output, before and after. */
  readonly pads: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
}

function geometry(node: Node, rank: number): Geometry {
  const list = (name: string, fallback: number) =>
    intsAttribute(node, name) ?? new Array<number>(rank).fill(fallback);
  return {
    strides: list('strides', 1),
    dilations: list('dilations', 1),
    pads: intsAttribute(node, 'pads') ?? new Array<number>(2 * rank).fill(0),
    outputPadding: list('output_padding', 0),
    groups: intAttribute(node, 'group', 1),
  };
}

/** Sizes of the output before its padding is cropped. */
function fullSizes(
  { strides, dilations, outputPadding }: Geometry,
  input: readonly number[],
  kernelShape: readonly number[],
): number[] {
  return input.map(
    (size, axis) =>
      (size - 1) * (strides[axis] ?? 1) +
      ((kernelShape[axis] ?? 1) - 1) * (dilations[axis] ?? 1) +
      1 +
      (outputPadding[axis] ?? 0),
  );
}

/** The same node with `pads` in place of `auto_pad` or `output_shape`. */
function upgrade(node: Node, _: number, builder: TensorBuilder): Node {
  const [x = '', w = ''] = node.inputs;
  const input = builder.shape(x).slice(2);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const wanted =
    intsAttribute(node, 'output_shape')?.slice(-input.length) ??
    (auto.startsWith('SAME')
      ? input.map((size, axis) => size * (geometry(node, input.length).strides[axis] ?? 1))
      : undefined);
  if (wanted === undefined) return withAttributes(node, ['auto_pad', 'output_shape']);
  const excess = fullSizes(geometry(node, input.length), input, builder.shape(w).slice(2)).map(
    (size, axis) => size - (wanted[axis] ?? 0),
  );
  if (excess.some((value) => value < 0)) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${describeNode(node)}: expected an output_shape that the windows reach, got [${wanted.join(', ')}].`,
    );
  }
  const smaller = excess.map((value) => Math.floor(value / 2));
  const larger = excess.map((value) => Math.ceil(value / 2));
  const pads = auto === 'SAME_UPPER' ? [...smaller, ...larger] : [...larger, ...smaller];
  return withAttributes(node, ['auto_pad', 'output_shape'], { pads: { ints: pads } });
}

function adjointAttributes(node: Node, { strides, dilations, pads }: Geometry): ConvAttributes {
  return { group: intAttribute(node, 'group', 1), strides, dilations, pads };
}

function weightCotangent({ builder, node, input, cotangent }: VjpContext): string {
  const [n = 1, channels = 1, ...space] = builder.shape(input(0));
  const [, perGroup = 1, ...kernelShape] = builder.shape(input(1));
  const { strides, dilations, pads, groups } = geometry(node, space.length);
  const [k = 1, , outputChannels = 1, ...output] = builder.shape(cotangent());
  const axes = space.map((_, axis) => axis);
  const merged = builder.reshape(cotangent(), [k * n, outputChannels, ...output]);
  const parts = Array.from({ length: groups }, (_, group) => {
    const part = builder.reshape(groupChannels(builder, merged, { group, size: perGroup }), [
      k,
      n,
      perGroup,
      ...output,
    ]);
    const exchanged = builder.transpose(part, [0, 2, 1, ...axes.map((axis) => axis + 3)]);
    const samples = builder.reshape(exchanged, [k * perGroup, n, ...output]);
    const x = exchangeFirstAxes(
      builder,
      groupChannels(builder, input(0), { group, size: channels / groups }),
    );
    const full = builder.conv([samples, x], {
      kernel_shape: space,
      strides: dilations,
      dilations: strides,
      pads: pads,
    });
    // An output_padding makes the result longer than the weight.
    const cropped = builder.slice(full, {
      starts: axes.map(() => 0),
      ends: kernelShape,
      axes: axes.map((axis) => axis + 2),
    });
    const shaped = builder.reshape(cropped, [k, perGroup, channels / groups, ...kernelShape]);
    return builder.transpose(shaped, [0, 2, 1, ...axes.map((axis) => axis + 3)]);
  });
  return parts.length === 1 ? (parts[0] ?? '') : builder.concat(parts, 1);
}

const convTranspose: Operator = {
  affine: affineIn([0, 2], [1, 2]),
  upgrade,
  infer: ({ node, input }) => {
    const [n = 1, channels = 1, ...space] = input(0).shape;
    const [weightChannels = 1, perGroup = 1, ...kernelShape] = input(1).shape;
    if (channels !== weightChannels || kernelShape.length !== space.length) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected weights [C, M / groups, …] for an input [N, C, …], got weights [${input(1).shape.join(', ')}] and input [${input(0).shape.join(', ')}].`,
      );
    }
    const parts = geometry(node, space.length);
    const output = fullSizes(parts, space, kernelShape).map(
      (size, axis) => size - (parts.pads[axis] ?? 0) - (parts.pads[axis + space.length] ?? 0),
    );
    return [{ elementType: input(0).elementType, shape: [n, perGroup * parts.groups, ...output] }];
  },
  vjp: (context) => {
    const { builder, node, input, needs, cotangent } = context;
    const shape = builder.shape(input(0));
    const [n = 1, , ...space] = shape;
    const [k = 1, , outputChannels = 1, ...output] = builder.shape(cotangent());
    const merged = builder.reshape(cotangent(), [k * n, outputChannels, ...output]);
    const back = () =>
      builder.conv([merged, input(1)], adjointAttributes(node, geometry(node, space.length)));
    const sums = [1, ...space.map((_, axis) => axis + 3)];
    return [
      needs(0) ? builder.reshape(back(), [k, ...shape]) : undefined,
      needs(1) ? weightCotangent(context) : undefined,
      needs(2) ? builder.reduceSum(cotangent(), sums, { keepDims: false }) : undefined,
    ];
  },
};

/** ConvTranspose. */
export const transposedConvolutions: Readonly<Record<string, Operator>> = { ConvTranspose: convTranspose };

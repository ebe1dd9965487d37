/**
 * Convolution, y = x ∗ w + b on 1, 2 or 3 spatial axes, with strides, padding, dilations and groups.
 *
 *     ∂x = ConvTranspose(g, w)              any stride
 *        = Conv(g, flipped w)               stride 1 and enough channels: the same sum, faster
 *     ∂w = Conv(xᵀ, gᵀ) with strides and dilations exchanged, xᵀ and gᵀ with batch and channels exchanged
 *     ∂b = Σ g over batch and space
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, intsAttribute, type Node } from '../../model/graph.ts';
import type { InferContext, Operator, VjpContext } from '../../graph/operator.ts';
import { isNumeric, sizeOf, tensorOf, valuesOf, type Tensor } from '../../model/tensor.ts';
import { isLongSum } from '../reductions/longSums.ts';
import { transposeAttributes, windowOf, withExplicitPads, type Window } from './window.ts';

/** From this many input channels on, the flipped convolution is faster than the transposed one. */
const CHANNELS_FOR_FLIPPED = 8;

interface Geometry {
  readonly window: Window;
  readonly groups: number;
  readonly outputChannels: number;
}

function geometry(node: Node, x: readonly number[], w: readonly number[]): Geometry {
  const groups = intAttribute(node, 'group', 1);
  const [, channels = 0, ...input] = x;
  const [outputChannels = 0, perGroup = 0, ...kernelShape] = w;
  if (
    x.length !== w.length ||
    x.length < 3 ||
    channels !== perGroup * groups ||
    outputChannels % groups !== 0
  ) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected weights [M, C / ${String(groups)}, …] for an input [N, C, …], got weights [${w.join(', ')}] and input [${x.join(', ')}].`,
    );
  }
  return { window: windowOf(node, input, kernelShape), groups, outputChannels };
}

/** Exchanges the input and output channels of weights within each group, and reverses their spatial axes. */
function flippedWeights(weights: Tensor, groups: number): Tensor {
  const [outputChannels = 0, perGroup = 0, ...kernelShape] = weights.shape;
  const area = sizeOf(kernelShape);
  const outputsPerGroup = outputChannels / groups;
  const values = valuesOf(weights);
  const flipped = new Array<number>(values.length);
  for (let output = 0; output < outputChannels; output++) {
    const group = Math.floor(output / outputsPerGroup);
    for (let channel = 0; channel < perGroup; channel++) {
      const from = (output * perGroup + channel) * area;
      const to = ((group * perGroup + channel) * outputsPerGroup + (output % outputsPerGroup)) * area;
      for (let place = 0; place < area; place++) flipped[to + area - 1 - place] = values[from + place] ?? 0;
    }
  }
  return tensorOf(weights.elementType, [perGroup * groups, outputsPerGroup, ...kernelShape], flipped);
}

function inputCotangent(context: VjpContext, { window, groups, outputChannels }: Geometry): string {
  const { builder, input, cotangent } = context;
  const [k = 1] = builder.shape(cotangent());
  const [n = 1, channels = 1] = builder.shape(input(0));
  const merged = builder.reshape(cotangent(), [k * n, outputChannels, ...window.output]);
  const weights = builder.constantValue(input(1));
  const { kernelShape, dilations, begin, end, strides } = window;
  const margin = kernelShape.map((size, axis) => (size - 1) * (dilations[axis] ?? 1));
  const flippable =
    strides.every((stride) => stride === 1) &&
    channels >= CHANNELS_FOR_FLIPPED &&
    margin.every((value, axis) => value >= (begin[axis] ?? 0) && value >= (end[axis] ?? 0));
  const flipped = flippable && weights !== undefined && isNumeric(weights.elementType);
  if (flipped) builder.absorb(input(1));
  const result = flipped
    ? builder.conv([merged, builder.constant(flippedWeights(weights, groups))], {
        group: groups,
        kernel_shape: kernelShape,
        dilations,
        pads: [
          ...margin.map((value, axis) => value - (begin[axis] ?? 0)),
          ...margin.map((value, axis) => value - (end[axis] ?? 0)),
        ],
      })
    : builder.convTranspose(merged, input(1), { group: groups, ...transposeAttributes(window) });
  return builder.reshape(result, [k, n, channels, ...window.input]);
}

/** The channels of one group, on axis 1. */
export function groupChannels(
  builder: TensorBuilder,
  name: string,
  part: { readonly group: number; readonly size: number },
): string {
  if (builder.shape(name)[1] === part.size) return name;
  const start = part.group * part.size;
  return builder.slice(name, { starts: [start], ends: [start + part.size], axes: [1] });
}

/** A tensor with its first two axes exchanged. */
export function exchangeFirstAxes(builder: TensorBuilder, name: string): string {
  const perm = builder.shape(name).map((_, axis) => (axis < 2 ? 1 - axis : axis));
  return builder.transpose(name, perm);
}

function weightCotangent(context: VjpContext, { window, groups, outputChannels }: Geometry): string {
  const { builder, input, cotangent } = context;
  const [k = 1, n = 1] = builder.shape(cotangent());
  const [, perGroup = 1] = builder.shape(input(1));
  const perGroupOutputs = outputChannels / groups;
  const spatial = window.output.map((_, axis) => axis);
  const merged = builder.reshape(cotangent(), [k * n, outputChannels, ...window.output]);
  const parts = Array.from({ length: groups }, (_, group) => {
    const x = exchangeFirstAxes(builder, groupChannels(builder, input(0), { group, size: perGroup }));
    const part = groupChannels(builder, merged, { group, size: perGroupOutputs });
    const split = builder.reshape(part, [k, n, perGroupOutputs, ...window.output]);
    const exchanged = builder.transpose(split, [0, 2, 1, ...spatial.map((axis) => axis + 3)]);
    const weights = builder.reshape(exchanged, [k * perGroupOutputs, n, ...window.output]);
    const full = builder.conv([x, weights], {
      kernel_shape: window.output,
      strides: window.dilations,
      dilations: window.strides,
      pads: [...window.begin, ...window.end],
    });
    // Rows of the input that no window reached make the result longer than the weight.
    const cropped = builder.slice(full, {
      starts: spatial.map(() => 0),
      ends: window.kernelShape,
      axes: spatial.map((axis) => axis + 2),
    });
    const shaped = builder.reshape(cropped, [perGroup, k, perGroupOutputs, ...window.kernelShape]);
    return builder.transpose(shaped, [1, 2, 0, ...spatial.map((axis) => axis + 3)]);
  });
  return parts.length === 1 ? (parts[0] ?? '') : builder.concat(parts, 1);
}

const conv: Operator = {
  affine: affineIn([0, 2], [1, 2]),
  upgrade: (node, _, builder) => {
    const [x = '', w = ''] = node.inputs;
    const kernelShape = intsAttribute(node, 'kernel_shape') ?? builder.shape(w).slice(2);
    return withExplicitPads(node, builder.shape(x).slice(2), kernelShape);
  },
  infer: ({ node, input }: InferContext) => {
    const { window, outputChannels } = geometry(node, input(0).shape, input(1).shape);
    const [n = 1] = input(0).shape;
    return [{ elementType: input(0).elementType, shape: [n, outputChannels, ...window.output] }];
  },
  // Of one output channel alone, ONNX Runtime adds up all products one by one; of two, in blocks.
  inSteps: (node, builder) => {
    const [x = '', w = '', ...bias] = node.inputs;
    const [outputChannels = 1, ...terms] = builder.shape(w);
    if (outputChannels !== 1 || !isLongSum(builder, x, sizeOf(terms))) return undefined;
    const twice = (name: string) => builder.concat([name, name], 0);
    const [both = ''] = builder.copy(node, { inputs: [x, twice(w), ...bias.map(twice)] });
    return builder.slice(both, { starts: [0], ends: [1], axes: [1] });
  },
  vjp: (context) => {
    const { builder, node, input, needs, cotangent } = context;
    const parts = geometry(node, builder.shape(input(0)), builder.shape(input(1)));
    const space = parts.window.output.map((_, axis) => axis + 3);
    return [
      needs(0) ? inputCotangent(context, parts) : undefined,
      needs(1) ? weightCotangent(context, parts) : undefined,
      needs(2) ? builder.reduceSum(cotangent(), [1, ...space], { keepDims: false }) : undefined,
    ];
  },
};

/** Conv. */
export const convolutions: Readonly<Record<string, Operator>> = { Conv: conv };
